"""Expressions evaluated step by step, remembering what was read where: the slow twin of `emitting`.

It explains what a mapping did and finds everything wrong with a document that the compiled function gave up on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mappings.codecs.base import Path as TreePath
from mappings.coercing import as_any, coerced, is_filled
from mappings.expressions import Call, Every, Expression, Index, Key, Literal, Matching, Path, Step
from mappings.failing import Unfit
from mappings.functions import FUNCTIONS
from mappings.functions_lists import holds
from mappings.reading import matching_index, part, row_at, rows

SETTING = "$"
"""First step of the path of a value that comes from the settings."""


@dataclass(frozen=True, slots=True)
class Read:
    """One place that was read: its path in the tree and what stood there."""

    path: TreePath
    value: Any


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an expression is evaluated. rows: those around it, the root first; names: the named values."""

    settings: Any
    message: Mapping[str, Any]
    tables: Mapping[str, Mapping[str, Any]]
    root: Read
    rows: tuple[Read, ...]
    names: Mapping[str, Read] = field(default_factory=dict)

    @property
    def row(self) -> Read:
        return self.rows[-1]

    def inside(self, row: Read) -> "Scope":
        return replace(self, rows=(*self.rows, row))

    def knowing(self, name: str, read: Read) -> "Scope":
        return replace(self, names={**self.names, name: read})


class Misread(Unfit):
    """A part of the document has not the shape that a path needs; says where."""

    def __init__(self, error: Unfit, path: TreePath) -> None:
        super().__init__(error.code, error.expected, error.value)
        self.path = path


def evaluate(expression: Expression, kind: str, scope: Scope, reads: list[Read]) -> Any:
    """The value of an expression as a `kind`; every place read is added to `reads`. Raises what the functions raise."""
    zone = scope.settings.time_zone
    if isinstance(expression, Literal):
        return coerced(expression.value, kind, None)
    if isinstance(expression, Path):
        return coerced(read_path(expression, scope, reads), kind, zone)
    if expression.name in {"first", "default"}:
        return _first(expression.arguments, kind, scope, reads)
    if expression.name == "choose":
        return _chosen(expression, kind, scope, reads)
    if expression.name == "required":
        return FUNCTIONS["required"].call(evaluate(expression.arguments[0], kind, scope, reads))
    return coerced(_called(expression, scope, reads), kind, zone)


def _first(alternatives: Sequence[Expression], kind: str, scope: Scope, reads: list[Read]) -> Any:
    value = None
    for alternative in alternatives:
        value = evaluate(alternative, kind, scope, reads)
        if is_filled(value, kind):
            break
    return value


def _chosen(call: Call, kind: str, scope: Scope, reads: list[Read]) -> Any:
    condition: list[Read] = []
    branch = 1 if evaluate(call.arguments[0], "bool", scope, condition) else 2
    value = evaluate(call.arguments[branch], kind, scope, reads) if branch < len(call.arguments) else None
    reads += condition
    return value


def _called(call: Call, scope: Scope, reads: list[Read]) -> Any:
    function = FUNCTIONS[call.name]
    values: list[Any] = []
    for number, argument in enumerate(call.arguments):
        kind = function.type_of(number)
        value = evaluate(argument, kind, scope, reads)
        if number == 0 and not function.sees_missing and not is_filled(value, kind):
            return None
        is_text = kind == "text" and not isinstance(argument, Literal)
        values.append(value or None if is_text else value)
    also: dict[str, Any] = {"zone": scope.settings.time_zone} if function.zone else {}
    if function.xref:
        also["xref"] = scope.settings.xref
    if function.tables:
        also["tables"] = scope.tables
    return function.call(*values, **also)


def met(condition: Expression | None, scope: Scope, reads: list[Read]) -> bool:
    """Whether a condition holds; none always does."""
    return condition is None or holds(evaluate(condition, "any", scope, reads))


def read_path(path: Path, scope: Scope, reads: list[Read]) -> Any:
    """The value at a path as it stands in the document."""
    base = _base(path, scope)
    return walk(base.value, base.path, path.steps, reads)


def _base(path: Path, scope: Scope) -> Read:
    if path.start == "root":
        return scope.root
    if path.start == "row":
        return scope.rows[-1 - path.out]
    if path.name in scope.names:
        return scope.names[path.name]
    value = scope.message if path.name == "message" else getattr(scope.settings, path.name)
    return Read((SETTING, path.name), value)


def walk(value: Any, at: TreePath, steps: Sequence[Step], reads: list[Read]) -> Any:
    """Follow steps from a value at a path; adds the places at their end to `reads`. Misread where a step cannot be taken."""
    for number, step in enumerate(steps):
        if isinstance(step, Key):
            try:
                value = part(value).get(step.name)
            except Unfit as error:
                raise Misread(error, at) from error
            at = (*at, step.name)
        elif isinstance(step, Every):
            return _every(value, at, steps[number + 1 :], reads)
        else:
            value, at = _picked(value, at, step)
    reads.append(Read(at, value))
    return value


def rows_at(value: Any, at: TreePath) -> list[Read]:
    """The rows of what stands at a path, each with its own path; a single value is its own row."""
    if isinstance(value, list):
        return [Read((*at, number), row) for number, row in enumerate(value)]
    return [Read(at, row) for row in rows(value)]


def _every(value: Any, at: TreePath, rest: Sequence[Step], reads: list[Read]) -> list[Any] | None:
    if as_any(value) is None:
        reads.append(Read(at, None))
        return None
    found: list[Any] = []
    if not rows(value):
        reads.append(Read(at, value))
    for row in rows_at(value, at):
        inner = walk(row.value, row.path, rest, reads)
        if any(isinstance(step, Every) for step in rest):
            found += inner or []
        else:
            found.append(inner)
    return found


def _picked(value: Any, at: TreePath, step: Index | Matching) -> tuple[Any, TreePath]:
    found = rows_at(value, at)
    number = step.number if isinstance(step, Index) else matching_index([row.value for row in found], step.keys, step.values)
    if number is None or row_at(value, number) is None:
        return None, at
    return found[number].value, found[number].path
