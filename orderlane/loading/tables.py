"""Tables of master data: a row is a record; rows of one price list, or of one location's lots, make one record together.

Columns carry the names of the canonical fields, inner ones with a full stop (`credit.limit`, `address.city`), rows of lists by
their number (`units[0].uom`); a list of plain values stands in one cell, with `;` between them.
"""

import itertools
import re
from collections.abc import Iterator, Mapping
from typing import Any

from canonical.failures import Malformed
from canonical.problems import Problem
from mappings.codecs.rows import READERS
from mappings.codecs.rows_options import TableOptions
from mappings.codecs.rows_sheets import Sheet, sheets
from mappings.targets import Shape, shape_of

Told = tuple[str, dict[str, Any], str]
STEP = re.compile(r"([^.\[\]]+)|\[(\d{1,3})\]")
SEPARATOR = ";"
LISTS = {"price.list": ("list_id", "policies"), "stock.level": ("location", "items")}
"""Kinds whose records are made of several rows: the column that tells which, and the list that the rows are of."""
SELECTOR = ("customer", "group", "tier", "channel", "region_prefix", "sku", "product_line", "category")
BREAK = ("min_qty", "price", "pct_off", "amount_off")
FLOOR = "floor"


def table_records(body: bytes, kind: str | None) -> Iterator[Told]:
    """The records of every sheet. Malformed where columns or kind cannot be told."""
    for sheet in sheets(body, READERS, TableOptions()):
        rows = sheet.rows()
        first = next(rows, None)
        if first is None:
            raise Malformed([Problem("E_TABLE_EMPTY", sheet.place(1), "expected a row with the names of the columns")])
        names = [str(cell or "").strip() for cell in first[1]]
        if kind is None and "type" not in names:
            expected = "expected a column `type`, a file called after what it holds (products.csv), or --kind"
            raise Malformed([Problem("E_TABLE_KIND", sheet.place(first[0]), expected)])
        yield from _joined(_rows(sheet, rows, names, kind))


def _rows(sheet: Sheet, rows: Iterator[tuple[int, tuple[Any, ...]]], names: list[str], kind: str | None) -> Iterator[Told]:
    """(kind, {column: value}, place) of each row."""
    for number, cells in rows:
        filled = {name: cell for name, cell in zip(names, cells, strict=False) if name and cell not in (None, "")}
        yield str(filled.pop("type", kind or "")), filled, sheet.place(number)


def _joined(rows: Iterator[Told]) -> Iterator[Told]:
    """Each row as a record, or with the rows above that belong to the same one."""
    open_: Told | None = None
    for kind, row, place in rows:
        grouped = LISTS.get(kind)
        if open_ is not None and (grouped is None or open_[0] != kind or open_[1].get(grouped[0]) != row.get(grouped[0])):
            yield open_
            open_ = None
        if grouped is None:
            yield kind, nested(row, kind), place
        elif open_ is None:
            open_ = kind, _head(kind, row), place
            ADD[kind](open_[1], row)
        else:
            ADD[kind](open_[1], row)
    if open_ is not None:
        yield open_


def _head(kind: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """What a row says of the whole record."""
    own = shape_of(kind).members
    record = nested({name: value for name, value in row.items() if STEP.split(name)[1] in own}, kind)
    return record | {LISTS[kind][1]: []}


def _add_price(record: dict[str, Any], row: Mapping[str, Any]) -> None:
    """A row is one break of one policy; rows of one policy_id make one policy. `floor` is that of the SKU."""
    step = {name: row[name] for name in BREAK if name in row}
    known = next((p for p in record["policies"] if p.get("policy_id") == row.get("policy_id")), None)
    if known is not None and step:
        known["breaks"].append(step)
    elif step:
        selector = {name: row[name] for name in SELECTOR if name in row}
        named = {name.removeprefix("policy."): value for name, value in row.items() if name.startswith("policy.")}
        kind = {name: row[name] for name in ("policy_id", "kind") if name in row}
        record["policies"].append({**kind, "selector": selector, "breaks": [step], **nested(named, "price.list", "policies")})
    if FLOOR in row:
        where = {name: row[name] for name in ("sku", "region_prefix", "tier") if name in row}
        record.setdefault("floors", []).append({**where, "price": row[FLOOR]})


def _add_lot(record: dict[str, Any], row: Mapping[str, Any]) -> None:
    own = shape_of("stock.level").members
    item = {name: value for name, value in row.items() if STEP.split(name)[1] not in own or name == "references"}
    record["items"].append(nested(item, "stock.level", "items"))


ADD = {"price.list": _add_price, "stock.level": _add_lot}


def nested(row: Mapping[str, Any], kind: str, within: str | None = None) -> dict[str, Any]:
    """The row as the kind's document, or as a row of one of its lists, is written; unknown kinds and columns stay as they are."""
    try:
        shape: Shape | None = shape_of(kind)
    except KeyError:
        shape = None
    if shape is not None and within is not None:
        shape = shape.members[within].item
    record: dict[str, Any] = {}
    for name, value in row.items():
        try:
            _put(record, [found[0] or int(found[1]) for found in STEP.findall(name)], value, shape)
        except (TypeError, AttributeError, IndexError):
            raise Malformed([Problem("E_TABLE_HEADER", name, "expected a column that fits the others")]) from None
    return record


def _put(record: Any, steps: list[str | int], value: Any, shape: Shape | None) -> None:
    """Put a value where its steps lead, making what is missing on the way."""
    for here, after in itertools.pairwise(steps):
        shape = _below(shape, here)
        made: Any = [] if isinstance(after, int) else {}
        if isinstance(here, int):
            record.extend({} for _ in range(here + 1 - len(record)))
            record[here] = record[here] or made
            record = record[here]
        else:
            record = record.setdefault(here, made)
    last, shape = steps[-1], _below(shape, steps[-1])
    plain_list = shape is not None and shape.kind == "list" and isinstance(value, str)
    found = [part.strip() for part in value.split(SEPARATOR) if part.strip()] if plain_list else value
    if isinstance(last, int):
        record.extend("" for _ in range(last + 1 - len(record)))
    record[last] = found


def _below(shape: Shape | None, step: str | int) -> Shape | None:
    if shape is None:
        return None
    return shape.item if isinstance(step, int) else shape.member(step)
