"""Vast documents looked through in windows: a stretch of their longest list at a time, everything else as it stands.

To find what is wrong with a document costs far more, in time and memory, than to see that it is wrong. So each window is first
carried out by the compiled mapping, and only one that fails is looked at closely.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mappings.codecs.base import Path, Source

ROWS = 200
"""Of a window, and so many of every other long list stand in it."""


@dataclass(frozen=True, slots=True)
class Window:
    """The rows from `start` on of the list at `path`, in a source that tells paths as the whole document does."""

    path: Path
    start: int
    source: Source

    def emptied(self) -> Source:
        """The same without any rows of its list."""
        return self.source._replace(tree=_put(self.source.tree, self.path, []))


def windows(source: Source) -> Iterator[Window]:
    """Every window of a document; one with all of it where no list is long."""
    lists = sorted(_long_lists(source.tree, ()), key=lambda found: -found[1])
    if not lists:
        yield Window((), 0, source)
        return
    tree = source.tree
    for path, _ in lists:
        tree = _cut(tree, path, 0, ROWS)
    for path, length in lists:
        for start in range(0, length, ROWS):
            yield Window(path, start, _window(source, tree, path, start))


def _window(source: Source, tree: Any, path: Path, start: int) -> Source:
    rows = _at(source.tree, path)[start : start + ROWS]

    def locate(place: Path) -> str:
        inside = len(place) > len(path) and place[: len(path)] == path
        step = place[len(path)] if inside else ""
        return source.locate((*path, step + start, *place[len(path) + 1 :]) if isinstance(step, int) else place)

    return source._replace(tree=_put(tree, path, rows), locate=locate)


def _long_lists(tree: Any, at: Path) -> Iterator[tuple[Path, int]]:
    """The lists of more than ROWS rows with their lengths, none that stands in another."""
    if isinstance(tree, list):
        if len(tree) > ROWS:
            yield at, len(tree)
            return
        for number, row in enumerate(tree):
            yield from _long_lists(row, (*at, number))
    elif isinstance(tree, dict):
        for name, value in tree.items():
            yield from _long_lists(value, (*at, name))


def _at(tree: Any, path: Path) -> Any:
    for step in path:
        tree = tree[step]
    return tree


def _cut(tree: Any, path: Path, start: int, stop: int) -> Any:
    return _put(tree, path, _at(tree, path)[start:stop])


def _put(tree: Any, path: Path, value: Any) -> Any:
    """The tree with another value at a path; what lies beside the path is shared."""
    if not path:
        return value
    step = path[0]
    copy = tree.copy()
    copy[step] = _put(tree[step], path[1:], value)
    return copy
