"""The syntax tree of a compiled expression, read from what the engine serializes.

The engine gives `google.protobuf.Any` around `cel.expr.CheckedExpr` (cel-spec, proto/cel/expr/{checked,syntax}.proto).
The numbers below are the field numbers of those published messages.
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Node:
    """`at` is where it stands: characters of the expression before it."""

    at: int


@dataclass(frozen=True, slots=True)
class Const(Node):
    value: Any
    kind: str


@dataclass(frozen=True, slots=True)
class Ident(Node):
    name: str


@dataclass(frozen=True, slots=True)
class Select(Node):
    """`operand.field`, or `has(operand.field)` where `tested`."""

    operand: Node
    field: str
    tested: bool


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A function or operator; the target of `target.function(...)` is the first of `args`."""

    function: str
    args: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Items(Node):
    """A list or map written out; of a map the keys and values in turn."""

    elements: tuple[Node, ...]
    kind: str


@dataclass(frozen=True, slots=True)
class Loop(Node):
    """What `exists`, `all`, `filter` and `map` become: over `source`, folding into `result_name`."""

    variable: str
    source: Node
    result_name: str
    start: Node
    condition: Node
    step: Node
    result: Node


@dataclass(frozen=True, slots=True)
class Expression:
    """The root of the tree; `encoded` are its bytes without positions, equal for equal trees."""

    root: Node
    encoded: bytes


Fields = dict[int, list[Any]]
_CONST_KINDS = {1: "null", 2: "flag", 3: "int", 4: "uint", 5: "decimal", 6: "text", 7: "bytes"}


def expression_tree(serialized: bytes) -> Expression:
    checked = _fields(_fields(serialized)[2][0])
    encoded = checked[4][0]
    return Expression(_Reader(_positions(checked)).node(encoded), encoded)


def _positions(checked: Fields) -> dict[int, int]:
    source = _fields(checked[5][0])
    entries = (_fields(entry) for entry in source.get(4, []))
    return {entry.get(1, [0])[0]: entry.get(2, [0])[0] for entry in entries}


class _Reader:
    """Builds nodes; holds where each node id stands in the text."""

    def __init__(self, positions: dict[int, int]) -> None:
        self._positions = positions

    def node(self, encoded: bytes) -> Node:
        fields = _fields(encoded)
        at = self._positions.get(fields.get(2, [0])[0], 0)
        for number, build in (
            (3, self._const), (4, self._ident), (5, self._select), (6, self._call),
            (8, self._map), (7, self._list), (9, self._loop),
        ):  # fmt: skip
            if number in fields:
                return build(at, _fields(fields[number][0]))
        return Node(at)

    def _const(self, at: int, fields: Fields) -> Node:
        for number, values in fields.items():
            return Const(at, _CONSTS[number](values[0]), _CONST_KINDS[number])
        return Node(at)

    def _ident(self, at: int, fields: Fields) -> Node:
        return Ident(at, _text(fields, 1))

    def _select(self, at: int, fields: Fields) -> Node:
        return Select(at, self.node(fields[1][0]), _text(fields, 2), bool(fields.get(3, [0])[0]))

    def _call(self, at: int, fields: Fields) -> Node:
        encoded = [*fields.get(1, []), *fields.get(3, [])]
        return Call(at, _text(fields, 2), tuple(self.node(each) for each in encoded))

    def _list(self, at: int, fields: Fields) -> Node:
        return Items(at, tuple(self.node(each) for each in fields.get(1, [])), "list")

    def _map(self, at: int, fields: Fields) -> Node:
        entries = [_fields(entry) for entry in fields.get(2, [])]
        encoded = [part for entry in entries for number in (3, 4) for part in entry.get(number, [])]
        return Items(at, tuple(self.node(each) for each in encoded), "map")

    def _loop(self, at: int, fields: Fields) -> Node:
        source, start, condition, step, result = (self.node(fields[number][0]) for number in (2, 4, 5, 6, 7))
        return Loop(at, _text(fields, 1), source, _text(fields, 3), start, condition, step, result)


_CONSTS: dict[int, Callable[[Any], Any]] = {
    1: lambda _: None,
    2: bool,
    3: lambda value: value - 2**64 if value >= 2**63 else value,
    4: int,
    5: lambda value: struct.unpack("<d", value)[0],
    6: bytes.decode,
    7: bytes,
}


def _text(fields: Fields, number: int) -> str:
    return bytes(fields.get(number, [b""])[0]).decode()


def _fields(encoded: bytes) -> Fields:
    """A protobuf message as field number -> values: int for varints, bytes for everything else."""
    found: Fields = {}
    for number, value in _wire(encoded):
        found.setdefault(number, []).append(value)
    return found


def _wire(encoded: bytes) -> Iterator[tuple[int, int | bytes]]:
    at = 0
    while at < len(encoded):
        tag, at = _varint(encoded, at)
        number, wire_type = tag >> 3, tag & 7
        if wire_type == 0:
            value, at = _varint(encoded, at)
            yield number, value
            continue
        size = {1: 8, 5: 4}.get(wire_type)
        if size is None:
            size, at = _varint(encoded, at)
        yield number, encoded[at : at + size]
        at += size


def _varint(encoded: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = encoded[at]
        value |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return value, at
        shift += 7
