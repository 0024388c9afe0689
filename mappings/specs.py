"""A mapping as a value: what one spec file says, with the lines it says it on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

from mappings.expressions import Expression, Path

ANY = "any"
"""The message type of an outgoing mapping that takes every message."""


@dataclass(frozen=True, slots=True, order=True)
class SpecProblem:
    """One finding about a spec file. `code` is stable, `line` counts from 1."""

    file: str
    line: int
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.code} {self.message}"


@dataclass(frozen=True, slots=True)
class Loop:
    """One level of `each`: the rows at a path; with `or_one`, one empty row where there is none."""

    path: Path
    or_one: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """Fields filled under one condition, for each row of nested loops.

    when: decided once, outside the loops. where: decided for every row. value: makes the rows of a list of plain values;
    otherwise the fields make an object.
    """

    line: int
    loops: tuple[Loop, ...] = ()
    when: Expression | None = None
    where: Expression | None = None
    let: tuple["Named", ...] = ()
    fields: tuple["Field", ...] = ()
    value: Expression | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """A named value; `$name` reads it."""

    name: str
    line: int
    expression: Expression


@dataclass(frozen=True, slots=True)
class Field:
    """One target: a dotted path in the canonical document, and the expression, block or list of blocks that fills it."""

    target: tuple[str, ...]
    line: int
    source: Expression | Block | tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Extension:
    """A part of the partner's document kept under its own path."""

    name: str
    line: int
    path: Path


@dataclass(frozen=True, slots=True)
class Silent:
    """A condition under which a document rightly makes no message, and why."""

    line: int
    when: Expression
    because: str


@dataclass(frozen=True, slots=True)
class Spec:
    """Partner documents of one shape and how they become a canonical one (`in`) or are made of one (`out`).

    documents: their names, mostly one. roots: where the document starts, first match. expect: values that must stand at paths,
    for safety against mistaken documents. also: further messages made of the same document.
    split: where the pieces stand that are translated each by itself. refuse, skip: what tells why there is
    nothing; wrong, with the reason to give, or rightly so. silent: under which
    conditions there is rightly nothing.
    closed: names that may stand beside those that are read, when no other may; None: what is not read is passed over.
    """

    file: FilePath
    connector: str
    documents: tuple[str, ...]
    direction: str
    codec: str
    message_type: str
    body: Block
    roots: tuple[Path, ...] = ()
    split: tuple[Path, ...] = ()
    refuse: tuple[tuple[Path, str], ...] = ()
    skip: tuple[Path, ...] = ()
    closed: tuple[str, ...] | None = None
    silent: tuple[Silent, ...] = ()
    expect: tuple[tuple[Path, str], ...] = ()
    tables: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    extensions: tuple[Extension, ...] = ()
    lines: Mapping[str, int] = field(default_factory=dict)
    also: tuple["Spec", ...] = ()

    @property
    def document(self) -> str:
        """The first name of the documents: what the mapping goes by."""
        return self.documents[0]

    @property
    def names(self) -> Iterator[tuple[str, str, str]]:
        """What tells it from every other spec; a document may come in and go out."""
        return ((self.connector, document, self.direction) for document in self.documents)


def members(fields: tuple[Field, ...]) -> Iterator[tuple[str, Field | tuple[Field, ...]]]:
    """The fields grouped by the first name of their targets: a field that ends there, or the fields below it, shortened."""
    groups: dict[str, list[Field]] = {}
    for one in fields:
        groups.setdefault(one.target[0], []).append(one)
    for name, group in groups.items():
        if len(group) == 1 and len(group[0].target) == 1:
            yield name, group[0]
        else:
            yield name, tuple(Field(one.target[1:], one.line, one.source) for one in group if len(one.target) > 1)
