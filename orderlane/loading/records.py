"""Master data in files: JSON (one record, an array, one a line), YAML, CSV and Excel become records as the intake reads them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import yaml

from canonical.documents.registry import MASTER_TYPES
from canonical.documents.stock import StockLevel
from canonical.failures import Malformed
from canonical.problems import Problem, shown
from mappings.codecs.json import parsed
from orderlane.loading.tables import table_records

KINDS = (*MASTER_TYPES, StockLevel.message_type)
FILE_NAMES = {
    "products": "product.master", "customers": "customer.master", "prices": "price.list", "licences": "licence.updated",
    "authorisations": "authorisation.updated", "warehouses": "warehouse.master", "recalls": "recall.opened", "lots": "stock.level",
}  # fmt: skip
"""What a table is of, by the name of its file."""
NOTHING = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a file. at: where it stands there. data: as it is written; what it says is the intake's to judge."""

    kind: str
    data: Any
    at: str

    def line(self) -> bytes:
        """The record as a line of JSON."""
        return orjson.dumps({"type": self.kind, "at": self.at, "data": self.data}, default=str)


def records_of(file: Path, as_of: datetime, kind: str | None = None) -> Iterator[Record]:
    """The records of a file, in its order. Malformed for what cannot be read at all.

    as_of: for records that name none. kind: of a table, where neither the file's name nor a column `type` tells.
    """
    body = file.read_bytes()
    suffix = file.suffix.lower()
    if suffix in (".json", ".jsonl", ".ndjson"):
        found = _of_json(body)
    elif suffix in (".yaml", ".yml"):
        found = _of_yaml(body)
    else:
        found = table_records(body, kind or FILE_NAMES.get(file.stem))
    for told, data, at in found:
        yield Record(told, _dated(data, as_of), f"{file.name} {at}")


def _dated(data: Any, as_of: datetime) -> Any:
    return {"as_of": as_of.isoformat(), **data} if isinstance(data, dict) else data


def _of_json(body: bytes) -> Iterator[tuple[str, Any, str]]:
    text = body.strip()
    if text.startswith(b"[") or b"\n" not in text or text.startswith(b"{\n"):
        value = parsed(text)
        for number, one in enumerate(value if isinstance(value, list) else [value]):
            yield from _told(one, f"[{number}]")
        return
    for number, line in enumerate(body.splitlines(), 1):
        if line.strip():
            try:
                value = parsed(line)
            except Malformed as error:
                raise Malformed([Problem(p.code, f"line {number}: {p.path}", p.message, p.value) for p in error.problems]) from None
            yield from _told(value, f"line {number}")


def _told(value: Any, at: str) -> Iterator[tuple[str, Any, str]]:
    """A record that tells its type; what tells none is the intake's to refuse."""
    if not isinstance(value, dict):
        raise Malformed([Problem("E_JSON", at, "expected an object with type and data", shown(value))])
    yield str(value.get("type", "")), value.get("data"), at


class _Plainly(yaml.SafeLoader):
    """YAML without aliases: records name each other by their keys, and an alias can make much of little."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="expected no alias", problem_mark=mark)
        return super().compose_node(parent, index)


def _of_yaml(body: bytes) -> Iterator[tuple[str, Any, str]]:
    """A list of records with `type` and `data`, or lists of records under their type; every plain value is read as text."""
    try:
        root = yaml.compose(body.decode(), Loader=_Plainly)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark else "line 1"
        raise Malformed([Problem("E_YAML", where, getattr(error, "problem", None) or "expected YAML in UTF-8")]) from None
    if isinstance(root, yaml.SequenceNode):
        for one in root.value:
            yield from _told(_plain(one), _line(one))
    elif isinstance(root, yaml.MappingNode):
        for name, rows in root.value:
            if not isinstance(rows, yaml.SequenceNode):
                raise Malformed([Problem("E_YAML", _line(rows), "expected a list of records under each type", name.value)])
            yield from ((name.value, _plain(row), _line(row)) for row in rows.value)
    elif root is not None:
        raise Malformed([Problem("E_YAML", "line 1", "expected records by type, or a list of records", shown(root.value))])


def _plain(node: yaml.Node) -> Any:
    """The value of a node: numbers, dates and codes stay the text they are written as, so 007 stays 007."""
    if isinstance(node, yaml.MappingNode):
        pairs: Mapping[str, Any] = {key.value: _plain(value) for key, value in node.value}
        return pairs
    if isinstance(node, yaml.SequenceNode):
        return [_plain(one) for one in node.value]
    plain = getattr(node, "style", None) is None
    return None if plain and node.value in NOTHING else node.value


def _line(node: yaml.Node) -> str:
    return f"line {node.start_mark.line + 1}"
