"""Segments of an EDI message as a tree of loops: the placing that X12 transaction sets and EDIFACT messages share.

A segment goes to the innermost open loop that knows its tag, which closes the loops inside; a tag that nobody knows stays where it
stands. A segment that may stand several times becomes a list of dicts; a loop a list of dicts that hold its segments under their
tags, the opening one included.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from canonical.problems import Problem, shown
from mappings.codecs.base import Path

ELEMENT = re.compile(r"\d\d(?:_\d+)?")


class Tagged(Protocol):
    """A segment, as far as it takes to place it."""

    @property
    def tag(self) -> str: ...


@dataclass(frozen=True)
class Loop:
    """once: tags that stand at most once, `required` must; many: tags that may repeat; loops: tags that open an inner loop.

    The tag that opens a loop is not named in it, so the next one opens the next.
    """

    once: frozenset[str] = frozenset()
    many: frozenset[str] = frozenset()
    loops: Mapping[str, "Loop"] = field(default_factory=dict)
    required: tuple[str, ...] = ()

    @cached_property
    def known(self) -> frozenset[str]:
        """Every tag that may stand in it."""
        return frozenset((*self.once, *self.many, *self.loops))


Segment = TypeVar("Segment", bound=Tagged)


def tags(text: str) -> frozenset[str]:
    return frozenset(text.split())


@lru_cache(maxsize=256)
def element_names(count: int) -> tuple[str, ...]:
    """What the first so many elements of a segment are called: 01, 02 ..."""
    return tuple(f"{number:02d}" for number in range(1, count + 1))


class LoopTree(ABC, Generic[Segment]):
    """A message as a tree, with the place of each segment so that every path can be told as the sender counts."""

    missing: ClassVar[str]
    repeated: ClassVar[str]
    """Codes of a required segment that is missing, of one that stands more often than it may."""

    def __init__(self, segments: Sequence[Segment], loop: Loop, reference: str) -> None:
        self.tree: dict[str, Any] = {}
        self.problems: list[Problem] = []
        self._reference = reference
        self._numbers: dict[Path, int] = {}
        self._open: list[tuple[Loop, dict[str, Any], Path]] = [(loop, self.tree, ())]
        for number, segment in enumerate(segments, start=1):
            self._place(segment, number)
        for tag in loop.required:
            if tag not in self.tree:
                path = f"{reference}/{tag} (segment {len(segments)})"
                self.problems.append(Problem(self.missing, path, f"expected a {tag} segment"))

    @abstractmethod
    def content(self, segment: Segment) -> dict[str, Any]:
        """The segment's elements by their names."""

    def told(self, path: Path) -> Path:
        """The path with everything that is ours told as the sender's."""
        return path

    def locate(self, path: Path) -> str:
        """`ST[2]/PO1[3]-04 (segment 27)`: loop occurrences from 1, elements by number, segments counted from the header as 1."""
        path = self.told(path)
        words = [self._reference]
        for step, before in zip(path, ("", *path), strict=False):
            if isinstance(step, int):
                words.append(f"-{step + 1}" if isinstance(before, str) and ELEMENT.fullmatch(before) else f"[{step + 1}]")
            elif ELEMENT.fullmatch(step):
                words.append(f"-{step.replace('_', '-')}")
            elif not (isinstance(before, int) and words[-2] == f"/{step}"):
                words.append(f"/{step}")
        number = next((self._numbers[path[:n]] for n in range(len(path), 0, -1) if path[:n] in self._numbers), None)
        return "".join(words) + (f" (segment {number})" if number is not None else "")

    def _place(self, segment: Segment, number: int) -> None:
        tag, opened = segment.tag, self._open
        depth = len(opened) - 1
        while depth >= 0 and tag not in opened[depth][0].known:
            depth -= 1
        if depth >= 0:
            del opened[depth + 1 :]
        loop, node, path = opened[-1]
        content = self.content(segment)
        if tag in loop.loops:
            self._enter(loop.loops[tag], tag, content, number)
        elif tag in loop.once:
            self._put_once(node, (*path, tag), content, number)
        else:
            rows: list[Any] = node.setdefault(tag, [])
            self._numbers[(*path, tag, len(rows))] = number
            rows.append(content)

    def _enter(self, loop: Loop, tag: str, content: dict[str, Any], number: int) -> None:
        _, node, path = self._open[-1]
        rows = node.get(tag)
        if rows is None:
            rows = node[tag] = []
        inner = {tag: content}
        inner_path = (*path, tag, len(rows))
        self._numbers[inner_path] = number
        rows.append(inner)
        self._open.append((loop, inner, inner_path))

    def _put_once(self, node: dict[str, Any], path: Path, content: dict[str, Any], number: int) -> None:
        tag = str(path[-1])
        if tag in node:
            where = f"{self._reference}/{tag} (segment {number})"
            self.problems.append(Problem(self.repeated, where, f"expected {tag} once", shown(content.get("01"))))
            return
        node[tag] = content
        self._numbers[path] = number
