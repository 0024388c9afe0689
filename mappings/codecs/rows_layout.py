"""How a sheet is laid out: which row names the columns, what each column holds, what stands above, and where each order ends."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from textwrap import shorten
from typing import Any

from mappings.codecs.rows_names import (
    HEADER_FIELDS,
    ITEM_IDS,
    KINDS,
    NAMES,
    PRICES,
    STOCK_HEADER_FIELDS,
    TOTALS,
    USED,
    currency_in,
    plain_name,
    without_currency,
)
from mappings.codecs.rows_options import TableOptions
from mappings.codecs.rows_sheets import Row, Sheet
from mappings.codecs.rows_values import Cell, Habits, seen_habits, text_of, value_of

MOST_SEEN = 200
"""Characters of the names of columns that are told to somebody who misses one."""
LOOKED_AT = 60
"""Rows in which the names of the columns are looked for."""
HEADERS = {"order": HEADER_FIELDS, "stock": STOCK_HEADER_FIELDS}
"""The fields that are the same in all rows of an order, of a location."""
TITLE_FIELDS = HEADER_FIELDS | STOCK_HEADER_FIELDS | {"requested_date"}
DIGIT = re.compile(r"\d")
QUANTITIES = {"qty", "on_hand"}
STOCK_READS_AS = {"qty": "on_hand", "order_date": "as_of"}
"""Names that mean something else in a stock list."""


@dataclass
class Layout:
    """What is known of a sheet before its rows are read.

    header: number of the row with the names. columns: field to column, counted from 0. names: of every column.
    titles: field to (row, column, cell) above the table. others: columns that no field takes.
    """

    sheet: Sheet
    header: int
    columns: dict[str, int]
    names: tuple[str, ...]
    titles: dict[str, tuple[int, int, Cell]] = field(default_factory=dict)
    kind: str = ""
    habits: Habits = field(default_factory=Habits)

    @cached_property
    def others(self) -> list[int]:
        taken = {column for name, column in self.columns.items() if name in USED[self.kind]}
        return [column for column in range(len(self.names)) if column not in taken]

    @cached_property
    def of_lines(self) -> list[tuple[str, int, str]]:
        """Field, column and kind of what a row may say about its line."""
        found = ((name, column) for name, column in self.columns.items() if name in USED[self.kind] - HEADERS[self.kind])
        return [(name, column, KINDS.get(name, "text")) for name, column in found]

    @cached_property
    def of_items(self) -> list[int]:
        """The columns that name the item of a line."""
        return [self.columns[name] for name in ITEM_IDS if name in self.columns]

    def seen(self) -> str:
        """The names of the columns, for people."""
        return shorten(", ".join(filter(None, self.names)), MOST_SEEN, placeholder=" ...")

    def knows(self, name: str) -> bool:
        return name in self.columns or name in self.titles

    def cell(self, cells: tuple[Cell, ...], name: str) -> Cell:
        column = self.columns.get(name)
        return cells[column] if column is not None and column < len(cells) else None

    def value(self, cells: tuple[Cell, ...], name: str) -> Any:
        return value_of(self.cell(cells, name), KINDS.get(name, "text"), self.habits)

    def is_total(self, cells: tuple[Cell, ...]) -> bool:
        """A row of sums below the lines: it names no item, and its first text is such a word."""
        for column in self.of_items:
            if column < len(cells) and (text := text_of(cells[column])) and not _is_of_totals(text):
                return False
        first = next((text for cell in cells if (text := text_of(cell))), "")
        return _is_of_totals(first.partition(":")[0])

    def body(self) -> Iterator[Row]:
        """The rows below the names; names that are repeated on a later page are passed over."""
        for number, cells in self.sheet.rows():
            if number > self.header and not self._is_header_again(cells):
                yield number, cells

    def _is_header_again(self, cells: tuple[Cell, ...]) -> bool:
        if not 1 < len(cells) <= len(self.names) or text_of(cells[0]) != self.names[0]:
            return False
        return tuple(text_of(cell) for cell in cells) == self.names[: len(cells)]


def _is_of_totals(text: str) -> bool:
    """Whether it is a word for a sum; what holds a digit is none."""
    return DIGIT.search(text) is None and plain_name(text) in TOTALS


def layout_of(sheet: Sheet, options: TableOptions) -> Layout | None:
    """The layout of a sheet; None where no row names columns of an order or of stock."""
    names = {**NAMES, **{plain_name(given): name for name, all_given in options.columns.items() for given in all_given}}
    above: list[Row] = []
    best: tuple[int, Row, dict[str, int]] | None = None
    for number, cells in sheet.rows():
        if len(above) >= LOOKED_AT or (options.header_row and number > options.header_row):
            break
        above.append((number, cells))
        columns = _columns(cells, names, options)
        score = len(columns) if not options.header_row or number == options.header_row else 0
        if _is_table(columns) and (best is None or score > best[0]):
            best = (score, (number, cells), columns)
    if best is None:
        return None
    _, (header, cells), columns = best
    layout = Layout(sheet, header, columns, tuple(text_of(cell) for cell in cells))
    layout.titles.update(_titles([row for row in above if row[0] < header], names))
    layout.titles.update(_stated_currency(layout))
    layout.kind = options.document or _kind(layout)
    if layout.kind == "stock":
        _read_as_stock(layout)
    layout.habits = _habits(layout, options)
    return layout


def _columns(cells: tuple[Cell, ...], names: Mapping[str, str], options: TableOptions) -> dict[str, int]:
    """Field to column. The first column of a field's name counts; what is stated for the endpoint counts before."""
    found: dict[str, int] = {}
    stated = {plain_name(given) for given_names in options.columns.values() for given in given_names}
    texts = [plain_name(cell) if isinstance(cell, str) else "" for cell in cells]
    for wanted in (True, False):
        for column, text in enumerate(texts):
            name = names.get(text) or _nearly(str(cells[column]), names) if text else None
            if name is not None and (text in stated) is wanted and column not in found.values():
                found.setdefault(name, column)
    for name, given_names in options.columns.items():
        for given in given_names:
            if given.startswith("#") and given[1:].isdigit():
                found[name] = int(given[1:]) - 1
    return found


def _nearly(text: str, names: Mapping[str, str]) -> str | None:
    """The field of a name that also states a unit or a currency: `Qty (pcs)`, `Price EUR`."""
    bare = text.partition("(")[0]
    return names.get(plain_name(bare)) or names.get(plain_name(without_currency(bare)))


def _stated_currency(layout: Layout) -> Iterator[tuple[str, tuple[int, int, Cell]]]:
    """The currency that the names of the columns of prices state, where they agree and no other place tells it."""
    prices = [column for name, column in layout.columns.items() if name in PRICES]
    found = {column: code for column in prices if (code := currency_in(layout.names[column]))}
    if len(set(found.values())) == 1 and not layout.knows("currency"):
        column, code = next(iter(found.items()))
        yield "currency", (layout.header, column, code)


def _is_table(columns: Mapping[str, int]) -> bool:
    """Names of a table: at least two that are known, one of them an item's or a quantity's."""
    telling = {*ITEM_IDS, "description", *QUANTITIES}
    return len(columns) >= 2 and bool(telling & columns.keys())


def _kind(layout: Layout) -> str:
    """An order where items have an order number and a quantity, stock where a column tells what is on hand; empty for neither."""
    if not any(name in layout.columns for name in ITEM_IDS):
        return ""
    if layout.knows("order_no") and "qty" in layout.columns:
        return "order"
    return "stock" if "on_hand" in layout.columns else ""


def _read_as_stock(layout: Layout) -> None:
    for name, meant in STOCK_READS_AS.items():
        if name in layout.columns and meant not in layout.columns:
            layout.columns[meant] = layout.columns.pop(name)
        if name in layout.titles and not layout.knows(meant):
            layout.titles[meant] = layout.titles.pop(name)


def _titles(rows: list[Row], names: Mapping[str, str]) -> Iterator[tuple[str, tuple[int, int, Cell]]]:
    """What title lines say: `Order No: 4711` in one cell, or the name in one and the value in the next filled one."""
    told: set[str] = set()
    for number, cells in rows:
        for column, cell in enumerate(cells):
            label, colon, rest = text_of(cell).replace("：", ":").partition(":")
            name = names.get(plain_name(label)) if isinstance(cell, str) else None
            if name not in TITLE_FIELDS or name in told:
                continue
            beside = next(((at, cells[at]) for at in range(column + 1, len(cells)) if text_of(cells[at])), None)
            value: tuple[int, Cell] | None = (column, rest.strip()) if colon and rest.strip() else beside
            if value is not None:
                told.add(name)
                yield name, (number, *value)


def _habits(layout: Layout, options: TableOptions) -> Habits:
    """How the sender writes numbers and dates, by every text in the columns and titles that hold them."""
    seen: dict[str, set[str]] = {"number": set(), "date": set()}
    seen["moment"] = seen["date"]
    kinds = [(column, seen[KINDS[name]]) for name, column in layout.columns.items() if KINDS.get(name) in seen]
    for name, (_, _, cell) in layout.titles.items():
        if isinstance(cell, str) and KINDS.get(name) in seen:
            seen[KINDS[name]].add(cell)
    for _, cells in layout.body():
        for column, texts in kinds:
            cell = cells[column] if column < len(cells) else None
            if isinstance(cell, str) and cell:
                texts.add(cell)
    return seen_habits(seen["number"], seen["date"], options.habits, layout.sheet.epoch)
