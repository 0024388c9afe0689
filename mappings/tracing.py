"""A mapping carried out step by step: what filled every target, and everything that did not fit, with paths.

The same rules as `compiling`, an order of magnitude slower; for `explain` and for documents that the compiled function refused.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from canonical.problems import Problem, shown
from mappings.codecs.base import Path as TreePath
from mappings.codecs.base import Source
from mappings.coercing import is_filled
from mappings.compiling import expect, only_constants
from mappings.expressions import Expression, Path
from mappings.failing import Unfit
from mappings.functions_lists import is_missing
from mappings.functions_text import plain
from mappings.specs import ANY, Block, Field, Spec, members
from mappings.targets import FREE, Shape, kind_of, shape_of
from mappings.tracing_values import SETTING, Misread, Read, Scope, evaluate, met, read_path, rows_at, walk

FAULTS = (Unfit, ArithmeticError, ValueError)
"""What the functions of a mapping raise for values that do not fit."""
MOST_PROBLEMS = 100
"""Told of one document; who sends more wrong lines than that has one mistake, not a hundred."""


@dataclass(slots=True)
class Traced:
    """One target, as far as it could be filled. origins: for every canonical path, what was read for it (nothing: a constant).

    values: what each filled target got. failed: canonical paths whose value did not fit.
    """

    target: dict[str, Any] = field(default_factory=dict)
    origins: dict[TreePath, tuple[Read, ...]] = field(default_factory=dict)
    values: dict[TreePath, Any] = field(default_factory=dict)
    failed: set[TreePath] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)


def trace(spec: Spec, source: Source, settings: Any, message: Mapping[str, Any]) -> Iterator[Traced]:
    """Each target of a document. A target that nothing can be made of has problems and no values."""
    tracer = _Tracer(source)
    shape = FREE if spec.direction == "out" or spec.message_type == ANY else shape_of(spec.message_type)
    tree = Read((), source.tree)
    scope = Scope(settings, message, spec.tables, tree, (tree,))
    try:
        root = _root(spec, scope)
        scope = Scope(settings, message, spec.tables, root, (root,))
        for path, wanted in spec.expect:
            tracer.expected(path, wanted, scope)
    except FAULTS as error:
        tracer.problem(error, [], tree.path, ())
    for row in () if tracer.traced.problems else tracer.rows(spec.body, scope, ()):
        tracer.fill_both(spec.body.fields, shape, row, (), tracer.traced.target)
        tracer.extensions(spec, row)
        yield tracer.traced
        tracer.traced = Traced()
    if tracer.traced.problems:
        yield tracer.traced


def _root(spec: Spec, scope: Scope) -> Read:
    for path in () if spec.split else spec.roots:
        reads: list[Read] = []
        value = walk(scope.root.value, (), path.steps, reads)
        if not is_missing(value):
            return Read(reads[0].path, value)
    return scope.root


class _Tracer:
    """Fills one target after the other from one document."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.traced = Traced()

    def expected(self, path: Path, wanted: str, scope: Scope) -> None:
        reads: list[Read] = []
        try:
            expect(read_path(path, scope, reads), wanted)
        except FAULTS as error:
            self.problem(error, reads, scope.row.path, ())

    def problem(self, error: Exception, reads: list[Read], fallback: TreePath, at: TreePath) -> None:
        """Note what went wrong: at the place that cannot be read, else where the value stood that does not fit, else at the first
        place that was read and holds something."""
        value = error.value if isinstance(error, Unfit) else None
        place = _place(reads, value) or Read(fallback, None)
        path = error.path if isinstance(error, Misread) else place.path
        value = place.value if value is None else value
        code, expected = (
            (error.code, error.expected) if isinstance(error, Unfit) else ("E_SCHEMA", "expected a number within bounds")
        )
        found = None if isinstance(value, dict | list) else shown(value)
        self.traced.failed.add(at)
        self.traced.problems.append(Problem(code, self.source.locate(path), expected, found))

    def rows(self, block: Block, scope: Scope, at: TreePath) -> Iterator[Scope]:
        """The scope of each row of a block that is to be filled."""
        try:
            if not met(block.when, scope, []):
                return
        except FAULTS as error:
            self.problem(error, [], scope.row.path, at)
            return
        yield from self.level(block, 0, scope, at)

    def level(self, block: Block, level: int, scope: Scope, at: TreePath) -> Iterator[Scope]:
        try:
            if level == len(block.loops):
                inside = self.named(block, scope)
                if met(block.where, inside, []):
                    yield inside
                return
            loop, reads = block.loops[level], list[Read]()
            found = rows_at(read_path(loop.path, scope, reads), reads[0].path if len(reads) == 1 else scope.row.path)
        except FAULTS as error:
            self.problem(error, [], scope.row.path, at)
            return
        if loop.or_one and not found:
            found = [Read(reads[0].path, {})]
        for row in found:
            yield from self.level(block, level + 1, scope.inside(row), at)

    def named(self, block: Block, scope: Scope) -> Scope:
        for named in block.let:
            reads: list[Read] = []
            value = evaluate(named.expression, "any", scope, reads)
            scope = scope.knowing(named.name, Read(_home(reads, value), value))
        return scope

    def fill_both(self, fields: tuple[Field, ...], shape: Shape, scope: Scope, at: TreePath, target: dict[str, Any]) -> None:
        self.fill(fields, shape, scope, at, target, constant=False)
        self.fill(fields, shape, scope, at, target, constant=True)

    def fill(
        self, fields: tuple[Field, ...], shape: Shape, scope: Scope, at: TreePath, target: dict[str, Any], *, constant: bool
    ) -> None:
        for name, found in members(fields):
            member, place = shape.member(name) or FREE, (*at, name)
            if only_constants(found) is not constant:
                continue
            if isinstance(found, tuple):
                self.group(found, member, scope, place, target)
            elif isinstance(found.source, tuple) or (isinstance(found.source, Block) and found.source.loops):
                blocks = found.source if isinstance(found.source, tuple) else (found.source,)
                self.many(blocks, member, scope, place, target)
            elif isinstance(found.source, Block):
                self.single(found.source, member, scope, place, target)
            else:
                self.put(found.source, member, scope, place, target)

    def group(self, fields: tuple[Field, ...], shape: Shape, scope: Scope, at: TreePath, target: dict[str, Any]) -> None:
        made: dict[str, Any] = {}
        before = len(self.traced.failed)
        self.fill(fields, shape, scope, at, made, constant=False)
        if made or len(self.traced.failed) > before or only_constants(fields):
            self.fill(fields, shape, scope, at, made, constant=True)
            target[str(at[-1])] = made

    def single(self, block: Block, shape: Shape, scope: Scope, at: TreePath, target: dict[str, Any]) -> None:
        for inside in self.rows(block, scope, at):
            if block.value is not None:
                self.put(block.value, shape, inside, at, target)
            else:
                self.group(block.fields, shape, inside, at, target)

    def many(self, blocks: tuple[Block, ...], shape: Shape, scope: Scope, at: TreePath, target: dict[str, Any]) -> None:
        made: list[Any] = []
        origin: list[Read] = []
        for block in blocks:
            for inside in self.rows(block, scope, at):
                if len(self.traced.problems) >= MOST_PROBLEMS:
                    break
                place = (*at, len(made))
                self.traced.origins.setdefault(place, (inside.row,))
                if block.value is None:
                    made.append({})
                    self.fill_both(block.fields, shape.item or FREE, inside, place, made[-1])
                else:
                    holder: dict[str, Any] = {}
                    self.put(block.value, shape.item or FREE, inside, place, holder)
                    made += holder.values()
            if block.loops and not origin:
                origin = self.origin(block.loops[0].path, scope)
        self.traced.origins[at] = tuple(origin)
        if made:
            target[str(at[-1])] = made

    def origin(self, path: Path, scope: Scope) -> list[Read]:
        reads: list[Read] = []
        try:
            read_path(path, scope, reads)
        except FAULTS:
            return [scope.row]
        return reads

    def put(self, expression: Expression, shape: Shape, scope: Scope, at: TreePath, target: dict[str, Any]) -> None:
        """Fill one target with the value of an expression."""
        kind, reads = kind_of(shape), list[Read]()
        try:
            value = evaluate(expression, kind, scope, reads)
        except FAULTS as error:
            self.problem(error, reads, scope.row.path, at)
            return
        self.traced.origins[at] = tuple(reads)
        if is_filled(value, kind):
            self.traced.values[at] = value
            target[str(at[-1])] = value

    def extensions(self, spec: Spec, scope: Scope) -> None:
        kept: dict[str, Any] = {}
        for extension in spec.extensions:
            reads: list[Read] = []
            try:
                value = read_path(extension.path, scope, reads)
            except FAULTS as error:
                self.problem(error, reads, scope.row.path, ("extensions", extension.name))
                continue
            if not is_missing(value):
                kept[extension.name] = plain(value)
                self.traced.origins["extensions", extension.name] = tuple(reads)
                self.traced.values["extensions", extension.name] = kept[extension.name]
        if kept:
            self.traced.target["extensions"] = kept


def _home(reads: list[Read], value: Any) -> TreePath:
    """Where a named value stands: its own place where it is a row of a list that was read, else the first filled place."""
    for read in reads:
        for number, row in enumerate(read.value if isinstance(read.value, list) else ()):
            if row is value:
                return (*read.path, number)
    place = _place(reads, value)
    return place.path if place is not None else (SETTING,)


def _place(reads: list[Read], value: Any) -> Read | None:
    """The place that holds a value, else the first filled one, else the first."""
    places = [read for read in reads if read.path[:1] != (SETTING,)]
    holding = (read for read in places if value is not None and read.value == value)
    filled = (read for read in places if not is_missing(read.value))
    return next(holding, None) or next(filled, None) or next(iter(places), None)
