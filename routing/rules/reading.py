"""Reads an expression against the document of one message type: which fields it mentions, and what cannot be right."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from canonical.nearest import did_you_mean
from routing.rules import kinds
from routing.rules.findings import Level
from routing.rules.project import Use
from routing.rules.shapes import ANY, Shape
from routing.rules.tree import Call, Const, Expression, Ident, Items, Loop, Node, Select


@dataclass(frozen=True, slots=True)
class Remark:
    """One finding within an expression; `at` counts the characters before it, `path` is the field it is about."""

    at: int
    code: str
    message: str
    level: Level = "error"
    path: str = ""


@dataclass(slots=True)
class Reading:
    """uses: what is mentioned, by variable. reads: paths of plain fields, in order (`body.totals.payable`).
    tested: paths the expression asks for with `has(...)` or `in`."""

    uses: dict[str, Use] = field(default_factory=dict)
    reads: list[str] = field(default_factory=list)
    tested: set[str] = field(default_factory=set)
    remarks: list[Remark] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A value an expression reads: its shape, where its use is noted (None: not part of the message), and its path."""

    shape: Shape
    use: Use | None = None
    path: str = ""


def read_expression(expression: Expression, roots: Mapping[str, Shape], *, subject: str) -> Reading:
    """The reading of an expression over the variables `roots`; `subject` names the message type in remarks."""
    reader = _Reader(subject)
    reader.note_tests(expression.root)
    scope = {name: _Seen(shape, reader.reading.uses.setdefault(name, Use()), name) for name, shape in roots.items()}
    result = reader.consume(expression.root, scope)
    if result.kind not in {"flag", "any"}:
        reader.remark(expression.root, "type-mismatch", f"expected true or false, this is {kinds.spoken(result)}")
    return reader.reading


Scope = Mapping[str, _Seen]


class _Reader:
    def __init__(self, subject: str) -> None:
        self._subject = subject
        self.reading = Reading()

    def remark(self, node: Node, code: str, message: str, *, level: Level = "error", path: str = "") -> None:
        self.reading.remarks.append(Remark(node.at, code, message, level, path))

    def note_tests(self, node: Node) -> None:
        """Every path the expression tests before use, wherever it does."""
        if isinstance(node, Select) and node.tested:
            self.reading.tested.add(f"{_path(node.operand)}.{node.field}")
        if isinstance(node, Call) and node.function == "@in" and isinstance(node.args[0], Const):
            self.reading.tested.add(f"{_path(node.args[1])}.{node.args[0].value}")
        for child in _children(node):
            self.note_tests(child)

    def consume(self, node: Node, scope: Scope) -> Shape:
        """The shape of a value that is used as it is, not only looked into."""
        seen = self._visit(node, scope)
        if seen.use is not None:
            seen.use.whole = True
        return seen.shape

    def _visit(self, node: Node, scope: Scope) -> _Seen:
        if isinstance(node, Ident):
            return scope.get(node.name, _Seen(ANY))
        if isinstance(node, Select):
            return self._member(node, self._visit(node.operand, scope), node.field, tested=node.tested)
        if isinstance(node, Const):
            return _Seen(Shape(node.kind))
        if isinstance(node, Items):
            return self._written(node, scope)
        if isinstance(node, Loop):
            return self._loop(node, scope)
        return self._call(node, scope) if isinstance(node, Call) else _Seen(ANY)

    def _member(self, node: Node, owner: _Seen, name: str, *, tested: bool) -> _Seen:
        """The member of a record or map; remarks one that does not exist or may be absent."""
        path = f"{owner.path}.{name}" if owner.path else ""
        seen, optional = self._found(node, owner, name, path)
        if optional and not tested and path not in self.reading.tested:
            self.remark(node, "may-be-absent", f"{path} may be absent, then the rule fails: ask has({path}) first", level="warning")
        if path and path not in self.reading.reads and "[" not in path and path.split(".", maxsplit=1)[0] in self.reading.uses:
            self.reading.reads.append(path)
        return _Seen(kinds.FLAG) if tested else seen

    def _found(self, node: Node, owner: _Seen, name: str, path: str) -> tuple[_Seen, bool]:
        shape = owner.shape
        if shape.kind == "map":
            if owner.use is not None:
                owner.use.whole = True
            return _Seen(shape.item or ANY, None, path), True
        if shape.kind == "record" and name in shape.members:
            member = shape.members[name]
            return _Seen(member.shape, owner.use.member(name) if owner.use else None, path), member.optional
        if shape.kind == "record":
            message = f"{self._subject} has no field {path}.{did_you_mean(name, shape.members)}"
            self.remark(node, "unknown-field", message, path=path)
        elif shape.kind != "any":
            self.remark(node, "unknown-field", f"{owner.path or 'this'} is {kinds.spoken(shape)}, it has no field `{name}`")
        return _Seen(ANY), False

    def _call(self, node: Call, scope: Scope) -> _Seen:
        if node.function == "_[_]":
            return self._index(node, scope)
        shapes = [self.consume(arg, scope) for arg in node.args]
        complaint = kinds.complaint(node.function, shapes)
        if complaint:
            self.remark(node, "type-mismatch", complaint)
        elif node.function in {"_==_", "_!=_", "@in"}:
            self._check_choices(node, shapes)
        return _Seen(kinds.result(node.function, shapes))

    def _index(self, node: Call, scope: Scope) -> _Seen:
        owner, key = self._visit(node.args[0], scope), node.args[1]
        if isinstance(key, Const) and key.kind == "text":
            return self._member(node, owner, key.value, tested=False)
        self.consume(key, scope)
        if owner.shape.kind == "list":
            return _Seen(owner.shape.item or ANY, owner.use.items() if owner.use else None, f"{owner.path}[]")
        if owner.use is not None:
            owner.use.whole = True
        return _Seen(ANY)

    def _written(self, node: Items, scope: Scope) -> _Seen:
        shapes = [self.consume(element, scope) for element in node.elements]
        alike = node.kind == "list" and shapes and all(left.kind == right.kind for left, right in pairwise(shapes))
        return _Seen(Shape(node.kind, item=shapes[0] if alike else ANY))

    def _loop(self, node: Loop, scope: Scope) -> _Seen:
        source = self._visit(node.source, scope)
        if source.shape.kind not in {"list", "map", "record", "any"}:
            self.remark(node, "type-mismatch", f"expected a list, this is {kinds.spoken(source.shape)}")
        if source.shape.kind == "list":
            item = _Seen(source.shape.item or ANY, source.use.items() if source.use else None, node.variable)
        else:
            item = _Seen(Shape("text") if source.shape.kind in {"map", "record"} else ANY)
            if source.use is not None:
                source.use.whole = True
        start = self.consume(node.start, scope)
        folded = _Seen(Shape("list", item=ANY) if start.kind == "list" else start)
        inner = {**scope, node.variable: item, node.result_name: folded}
        self.consume(node.condition, inner)
        self.consume(node.step, inner)
        return _Seen(self.consume(node.result, inner))

    def _check_choices(self, node: Call, shapes: list[Shape]) -> None:
        """A text that a code field can never hold makes a comparison that nobody meant."""
        for side, other in ((0, 1), (1, 0)):
            written = node.args[other]
            consts = written.elements if isinstance(written, Items) and node.function == "@in" else (written,)
            for const in consts:
                if shapes[side].choices and isinstance(const, Const) and const.value not in shapes[side].choices:
                    choices = shapes[side].choices
                    message = f'{_path(node.args[side])} is never "{const.value}".{did_you_mean(str(const.value), choices)}'
                    self.remark(const, "unknown-value", f"{message} It is one of: {', '.join(choices)}")


def _path(node: Node) -> str:
    if isinstance(node, Ident):
        return node.name
    if isinstance(node, Select):
        return f"{_path(node.operand)}.{node.field}"
    if isinstance(node, Call) and node.function == "_[_]":
        key = node.args[1]
        return f"{_path(node.args[0])}.{key.value}" if isinstance(key, Const) and key.kind == "text" else f"{_path(node.args[0])}[]"
    return ""


def _children(node: Node) -> tuple[Node, ...]:
    if isinstance(node, Select):
        return (node.operand,)
    if isinstance(node, Call):
        return node.args
    if isinstance(node, Items):
        return node.elements
    return (node.source, node.start, node.condition, node.step, node.result) if isinstance(node, Loop) else ()
