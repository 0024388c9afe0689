"""The codec of tables: CSV, XLSX and XLS files of dealers, their rows grouped into orders or into stock of locations.

`rows_sheets` tells the format, `rows_text` and `rows_excel` read it, `rows_layout` finds out what the columns hold (by `rows_names`
and by what the endpoint states), `rows_groups` makes the trees, `rows_writing` writes what goes out.

A tree: the fields of the order or stock list by the names of `rows_names`, `rows` with those of each line, `others` with what
stands in columns nobody knows, `above` and `below` with what stands around the table.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from canonical.problems import shown
from mappings.codecs.base import Source
from mappings.codecs.rows_groups import sources
from mappings.codecs.rows_layout import Layout, layout_of
from mappings.codecs.rows_names import ITEM_IDS
from mappings.codecs.rows_options import TableOptions, table_options
from mappings.codecs.rows_sheets import Sheet, refused, sheets
from mappings.codecs.rows_text import text_sheets


def _xlsx_sheets(body: bytes, options: TableOptions) -> Iterator[Sheet]:
    from mappings.codecs.rows_excel import xlsx_sheets

    return xlsx_sheets(body, options)


def _xls_sheets(body: bytes, options: TableOptions) -> Iterator[Sheet]:
    from mappings.codecs.rows_excel import xls_sheets

    return xls_sheets(body, options)


READERS = ((b"PK\x03\x04", _xlsx_sheets), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _xls_sheets), (b"", text_sheets))
"""First bytes of a file and who reads it; text has none of its own. The libraries for Excel are loaded with the first workbook."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Reads and writes tables, with what the endpoint states about them."""

    options: TableOptions = field(default_factory=TableOptions)

    def configured(self, options: Mapping[str, Any]) -> "Rows":
        """The codec for an endpoint with these options."""
        return Rows(table_options(options)) if options.get("table") else self

    def read(self, body: bytes) -> Iterator[Source]:
        """One source per order, or per location of a stock list, in the order in which each ends. Malformed for what is no table,
        and for one that has neither orders nor stock."""
        found = [sheet for sheet in sheets(body, READERS, self.options) if self.options.sheet in ("", sheet.name)]
        layouts = [(sheet, layout_of(sheet, self.options)) for sheet in found]
        if not any(layout is not None and layout.kind for _, layout in layouts):
            raise _no_table(layouts)
        for sheet, layout in layouts:
            if layout is None or not layout.kind:
                yield Source({}, sheet.whole, sheet.name, skipped=f"sheet {sheet.name}: no orders and no stock")
            else:
                yield from sources(layout, self.options)

    def write(self, tree: Any) -> bytes:
        """The file of `{"sheet": name, "rows": [{column: value}]}`, see `rows_writing`."""
        from mappings.codecs.rows_writing import written

        return written(tree, self.options)


def _no_table(layouts: list[tuple[Sheet, Layout | None]]) -> Exception:
    """Why there is nothing to translate: what columns were found, and what is missing to an order and to a stock list."""
    known = [layout for _, layout in layouts if layout is not None]
    if not known:
        first = next((sheet.place(number) for sheet, _ in layouts for number, _ in sheet.rows()), "row 1")
        return refused("E_TABLE_HEADER", first, "expected a row with the names of columns, such as Order No, Item No, Quantity")
    layout = max(known, key=lambda one: len(one.columns))
    order = [] if layout.knows("order_no") else ["an order number"]
    order += [] if "qty" in layout.columns else ["a quantity"]
    item = [] if any(name in layout.columns for name in ITEM_IDS) else ["an item number"]
    message = f"expected an order (no column for {', '.join(item + order)}) or a stock list (no column for " + ", ".join(
        [*item, *([] if "on_hand" in layout.columns else ["stock on hand"])]
    )
    return refused("E_TABLE_KIND", layout.sheet.place(layout.header), f"{message})", shown(", ".join(filter(None, layout.names))))
