"""Documents in which nothing may stand that their mapping does not read (`closed` in a spec): a misspelt name is told."""

from collections.abc import Iterable, Iterator
from typing import Any

from canonical.problems import Problem
from mappings.codecs.base import Path as TreePath
from mappings.codecs.base import Source
from mappings.expressions import Expression, Key, Matching, Path, Step, paths_of
from mappings.specs import Block, Field, Spec

Known = dict[str, Any]
"""Names a mapping reads, each with those below it; EVERYTHING where it takes the value as it is."""
EVERYTHING = "*"


def known_names(spec: Spec) -> Known:
    """Every name that a spec reads, and those it states as `closed`."""
    top: Known = {name: {EVERYTHING: {}} for name in spec.closed or ()}
    for root in spec.roots or (Path("row"),):
        start = _below(top, root.steps)
        for path in (*(one.path for one in spec.extensions), *(path for path, _ in spec.expect)):
            _read(path, [start])
        _block(spec.body, [start])
    return top


def strangers(known: Known, source: Source) -> Iterator[Problem]:
    """A problem for each name that nobody reads, with the names that could have been meant."""
    for path, names in _unknown(known, source.tree, ()):
        message = f"expected only names that are read here: {', '.join(sorted(names))}"
        yield Problem("E_UNKNOWN_NAME", source.locate(path), message, str(path[-1]))


def _unknown(known: Known, tree: Any, at: TreePath) -> Iterator[tuple[TreePath, Iterable[str]]]:
    if EVERYTHING in known:
        return
    if isinstance(tree, list):
        for number, row in enumerate(tree):
            yield from _unknown(known, row, (*at, number))
    elif isinstance(tree, dict):
        for name, value in tree.items():
            if name in known:
                yield from _unknown(known[name], value, (*at, name))
            else:
                yield (*at, name), known


def _block(block: Block, rows: list[Known]) -> None:
    for loop in block.loops:
        rows = [*rows, _below(_start(loop.path, rows), loop.path.steps)]
    conditions = (block.when, block.where, block.value, *(named.expression for named in block.let))
    for expression in conditions:
        if expression is not None:
            _expression(expression, rows)
    for field in block.fields:
        _field(field, rows)


def _field(field: Field, rows: list[Known]) -> None:
    if isinstance(field.source, Block):
        _block(field.source, rows)
    elif isinstance(field.source, tuple):
        for block in field.source:
            _block(block, rows)
    else:
        _expression(field.source, rows)


def _expression(expression: Expression, rows: list[Known]) -> None:
    for path in paths_of(expression):
        _read(path, rows)


def _read(path: Path, rows: list[Known]) -> None:
    """Note what a path reads: its end with all that stands there."""
    if path.start != "name":
        _below(_start(path, rows), path.steps)[EVERYTHING] = {}


def _start(path: Path, rows: list[Known]) -> Known:
    return rows[0] if path.start == "root" else rows[max(0, len(rows) - 1 - path.out)]


def _below(known: Known, steps: tuple[Step, ...]) -> Known:
    for step in steps:
        if isinstance(step, Key):
            known = known.setdefault(step.name, {})
        elif isinstance(step, Matching):
            _below(known, tuple(Key(name) for name in step.keys))[EVERYTHING] = {}
    return known
