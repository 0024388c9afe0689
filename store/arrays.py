"""Sets of rows as PostgreSQL takes them cheapest: one binary array per column.

Measured against one JSON value for the whole set: the server spends a quarter of the time on reading it, this side as much as
before; psycopg's own lists cost this side twenty times as much.
"""

import sys
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from struct import Struct
from typing import Any, Literal, TypeAlias

import msgspec
import orjson
from psycopg import Connection
from psycopg.adapt import Dumper
from psycopg.pq import Format

ColumnType = Literal["text", "bigint", "boolean", "json", "bytes", "same text", "same bigint", "same boolean", "same json"]
Columns: TypeAlias = tuple[tuple[str, ColumnType], ...]

Rows: TypeAlias = Sequence[Sequence[Any]]
"""Rows: their values in the order of the columns. JSON that is written already is bytes."""

Turned: TypeAlias = Sequence[Sequence[Any]]
"""The same turned: of each column the values of all rows."""

HEAD = Struct(">iiIii")
"""Of an array: dimensions, whether there may be nulls, the elements' type, how many there are, the number of the first."""
INT32 = Struct(">i").pack
ONE_BIGINT = Struct(">iq").pack
EIGHT = array("I", INT32(8))
NULL, TRUE, FALSE = INT32(-1), INT32(1) + b"\1", INT32(1) + b"\0"
SHORT = [f"\0\0\0{chr(length)}" for length in range(128)]
"""How a text of so many ASCII characters begins."""


def _text(value: Any) -> bytes:
    written = value.encode() if value.__class__ is str else orjson.dumps(value)
    return INT32(len(written)) + written


def _json(value: Any) -> bytes:
    written = value if value.__class__ is bytes else orjson.dumps(value)
    return INT32(len(written)) + written


def _bytes(value: bytes) -> bytes:
    return INT32(len(value)) + value


def _boolean(value: bool) -> bytes:
    return TRUE if value else FALSE


def _bigint(value: int) -> bytes:
    return ONE_BIGINT(8, value)


def _texts(values: Sequence[Any]) -> list[bytes] | None:
    """Short texts of ASCII characters, all at once, most quickly where all are of one length; None where there is anything else."""
    try:
        lengths = list(map(len, values))
        if lengths.count(lengths[0]) == len(lengths):
            begin = SHORT[lengths[0]]
            written = begin + begin.join(values)
        else:
            parts: list[Any] = [""] * (2 * len(values))
            parts[::2], parts[1::2] = map(SHORT.__getitem__, lengths), values
            written = "".join(parts)
    except (TypeError, IndexError):
        return None
    return [written.encode()] if written.isascii() else None


def _bigints(values: Sequence[Any]) -> list[bytes] | None:
    """Numbers all at once; None where one is missing. Each is three words: its length, and its two halves."""
    try:
        numbers = array("q", values)
    except (TypeError, OverflowError):
        return None
    if sys.byteorder == "little":
        numbers.byteswap()
    halves, words = array("I", numbers.tobytes()), EIGHT * (3 * len(values))
    words[1::3], words[2::3] = halves[::2], halves[1::2]
    return [words.tobytes()]


def _jsons(values: Sequence[Any]) -> list[bytes] | None:
    """JSON that is written already, all at once; None where there is anything else."""
    if set(map(type, values)) != {bytes}:
        return None
    pieces = [b""] * (2 * len(values))
    pieces[::2] = map(INT32, map(len, values))
    pieces[1::2] = values
    return pieces


def _one_by_one(_: Sequence[Any]) -> None:
    """There is no quicker way."""


class BinaryArray(msgspec.Struct):
    """An array as the server reads it. No `bytes` itself, which would copy it once more."""

    written: bytes


class TextArray(BinaryArray):
    """A binary array of text."""


class BigintArray(BinaryArray):
    """A binary array of bigint."""


class BooleanArray(BinaryArray):
    """A binary array of boolean."""


class BytesArray(BinaryArray):
    """A binary array of bytea."""


@dataclass(frozen=True, slots=True)
class Elements:
    """How a column's values are written. oid: of their type (pg_type.dat). one: a value that is not null, behind its length.
    all_at_once: a whole column, or None where that does not do. alike: whether values that are equal are written alike, as bytes
    always are. once: whether all rows have one value, which is written once."""

    array: type[BinaryArray]
    oid: int
    one: Callable[[Any], bytes]
    all_at_once: Callable[[Sequence[Any]], list[bytes] | None] = _one_by_one
    alike: bool = False
    once: bool = False

    def array_of(self, values: Sequence[Any]) -> BinaryArray:
        """A column as an array, put together once: bodies are long."""
        values = values[:1] if self.once else values
        count, head = len(values), _head(self.oid, len(values))
        if not count:
            return self.array(head)
        first = values[0]
        if count == 1 or (values[-1] == first and self._may_be_alike(first) and values.count(first) == count):
            return self.array(head + (NULL if first is None else self.one(first)) * count)
        pieces = self.all_at_once(values) or [NULL if one is None else self.one(one) for one in values]
        return self.array(b"".join([head, *pieces]))

    def _may_be_alike(self, value: Any) -> bool:
        return self.alike or value is None or value.__class__ is bytes


ELEMENTS: Mapping[ColumnType, Elements] = {
    "text": Elements(TextArray, 25, _text, _texts, alike=True), "bigint": Elements(BigintArray, 20, _bigint, _bigints, alike=True),
    "boolean": Elements(BooleanArray, 16, _boolean, alike=True), "json": Elements(TextArray, 25, _json, _jsons),
    "bytes": Elements(BytesArray, 17, _bytes),
    "same text": Elements(TextArray, 25, _text, once=True), "same bigint": Elements(BigintArray, 20, _bigint, once=True),
    "same boolean": Elements(BooleanArray, 16, _boolean, once=True), "same json": Elements(TextArray, 25, _json, once=True),
}  # fmt: skip
ARRAYS: Mapping[type[BinaryArray], int] = {TextArray: 1009, BigintArray: 1016, BooleanArray: 1000, BytesArray: 1001}
"""The object id of each type of array."""


@lru_cache(maxsize=1024)
def _head(oid: int, count: int) -> bytes:
    """How an array of so many elements begins."""
    return HEAD.pack(1, 1, oid, count, 1)


def parameters(columns: Columns, rows: Rows, name: str = "rows") -> dict[str, Any]:
    """The columns of a set of rows by their parameters' names, which begin with the name of the set. ValueError where a row has
    more or fewer values than there are columns."""
    return of_columns(columns, turned(rows), name)


def turned(rows: Rows) -> Turned:
    """The columns of some rows. ValueError where one has more or fewer values than another."""
    return list(zip(*rows, strict=True))


def of_columns(columns: Columns, values: Turned, name: str = "rows") -> dict[str, Any]:
    """The same as `parameters`, of the columns' values."""
    if not values:
        return _without_rows(columns, name)
    return {field: elements.array_of(one) for (field, elements), one in zip(_named(columns, name), values, strict=True)}


@lru_cache(maxsize=512)
def _without_rows(columns: Columns, name: str) -> dict[str, Any]:
    return {field: elements.array_of(()) for field, elements in _named(columns, name)}


@lru_cache(maxsize=512)
def _named(columns: Columns, name: str) -> Sequence[tuple[str, Elements]]:
    """How each column is written, by its parameter's name."""
    return [(f"{name}_{field}", ELEMENTS[kind]) for field, kind in columns]


def narrowed(columns: Columns, values: Turned, alike: tuple[str, ...]) -> Columns:
    """The columns; these ones with one value for all rows, where each of them has no other: a value in an array costs the server as
    much as it costs to insert it. All of them or none, for each choice would be a statement of its own."""
    places, narrow = _narrowing(columns, alike)
    return narrow if not values or all([values[at].count(values[at][0]) == len(values[at]) for at in places]) else columns


@lru_cache(maxsize=64)
def _narrowing(columns: Columns, alike: tuple[str, ...]) -> tuple[Sequence[int], Columns]:
    narrow: Any = tuple((name, f"same {kind}" if name in alike else kind) for name, kind in columns)
    return [place for place, (name, _) in enumerate(columns) if name in alike], narrow


def laid_out(columns: Columns, rows: Iterable[Mapping[str, Any]]) -> Rows:
    """Rows whose values have names. What a row lacks is null, what has no column is left out."""
    names = [name for name, _ in columns]
    return [tuple(map(row.get, names)) for row in rows]


def record_set(columns: Columns, name: str = "rows") -> str:
    """The rows again, or some of their columns, in a statement.

    The server cannot see through `(SELECT ...)` how many rows there are. Else it would plan every statement anew for every small
    set, which then looks cheaper than one plan for all sets, and takes as long to plan as to run.
    """
    given = [_unnested(f":{name}_{field}", kind) for field, kind in columns]
    given[:1] = [f"unnest((SELECT :{name}_{field}))" for field, _ in columns[:1]]
    return f"(SELECT {', '.join(f'{one} AS {field}' for one, (field, _) in zip(given, columns, strict=True))}) AS r"


def _unnested(given: str, kind: ColumnType) -> str:
    return f"(SELECT ({given})[1])" if ELEMENTS[kind].once else f"unnest({given})"


def among(field: str, kind: ColumnType) -> str:
    """That what stands before it is in a column of the set. How much there is the server cannot see here either."""
    return f"= ANY (CAST((SELECT :rows_{field}) AS {kind}[]))"


def teach(connection: Connection[Any]) -> None:
    """Let a connection take these arrays as they are."""
    for kind, oid in ARRAYS.items():
        connection.adapters.register_dumper(kind, _dumper(oid))


def _dumper(of: int) -> type[Dumper]:
    class AsItIs(Dumper):
        format = Format.BINARY
        oid = of
        dump = attrgetter("written")  # type: ignore[assignment]

    return AsItIs
