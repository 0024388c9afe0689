"""The codec of records: hub's own JSON, several of any kind in one body: an object, an array of objects, or an object a line.

Each record, `{"type": ..., "data": {...}}`, is a document of its own: one that is wrong leaves its neighbours alone. `at` tells
where it stood before somebody put it into JSON (`products.csv row 7`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from canonical.documents.registry import MASTER_TYPES
from canonical.documents.stock import StockLevel
from canonical.failures import Malformed
from canonical.problems import Problem, shown
from mappings.codecs.base import Path, Source
from mappings.codecs.json import locate, parsed, written

KINDS = (*MASTER_TYPES, StockLevel.message_type)


@dataclass(frozen=True, slots=True)
class Records:
    """Reads and writes records. allowed: the only types that are read."""

    allowed: tuple[str, ...] = KINDS

    def configured(self, options: Mapping[str, Any]) -> "Records":
        """The codec for an endpoint that may send only certain types (its option `documents`)."""
        return Records(tuple(options.get("documents") or KINDS))

    def read(self, body: bytes) -> Iterator[Source]:
        """One source per record. Malformed where the whole body is no JSON of these forms."""
        for place, value in _values(body):
            yield value if isinstance(value, Source) else self._source(place, value)

    def write(self, tree: Any) -> bytes:
        return written(tree)

    def _source(self, place: str, record: Any) -> Source:
        if not isinstance(record, dict):
            return _wrong(place, Problem("E_JSON", place, "expected an object with type and data", shown(record)))
        at = record.get("at")
        reference = at if isinstance(at, str) and at else place
        kind = record.get("type")
        if not isinstance(kind, str) or not kind:
            return _wrong(reference, Problem("E_REQUIRED", _at(reference, "type"), "expected the type of the record", shown(kind)))
        if kind not in self.allowed:
            known = ", ".join(self.allowed)
            return _wrong(reference, Problem("E_DOCUMENT", _at(reference, "type"), f"expected one of {known}", kind))

        def located(path: Path) -> str:
            return _at(reference, locate(path))

        return Source(record, located, reference, kind)


def _values(body: bytes) -> Iterator[tuple[str, Any]]:
    """Every value with its place; a line that is no JSON as a source that tells so."""
    text = body.strip()
    if not text.startswith(b"{"):
        value = parsed(text)
        yield from ((f"[{i}]", one) for i, one in enumerate(value)) if isinstance(value, list) else [("", value)]
        return
    lines = [(number, line) for number, line in enumerate(body.splitlines(), 1) if line.strip()]
    if len(lines) == 1 or not _is_json(lines[0][1]):
        yield "", parsed(text)
        return
    for number, line in lines:
        try:
            yield f"line {number}", parsed(line)
        except Malformed as error:
            place = f"line {number}"
            yield place, _wrong(place, *(Problem(p.code, _at(place, p.path), p.message, p.value) for p in error.problems))


def _is_json(line: bytes) -> bool:
    try:
        parsed(line)
    except Malformed:
        return False
    return True


def _wrong(place: str, *problems: Problem) -> Source:
    return Source({}, lambda path: _at(place, locate(path)), place, problems=problems)


def _at(place: str, path: str) -> str:
    return ": ".join(part for part in (place, path) if part)
