"""Tables that go out: CSV or XLSX. A text that a spreadsheet would take for a formula stays text."""

import csv
import io
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import openpyxl
from openpyxl.cell import WriteOnlyCell

from mappings.codecs.rows_options import TableOptions
from mappings.codecs.rows_sheets import MOST_ROWS

FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠|]")
"""How a text begins that spreadsheets may carry out (OWASP, CSV injection)."""
NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?", re.ASCII)
UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
ESCAPE = "'"


def written(tree: Mapping[str, Any], options: TableOptions) -> bytes:
    """The file of a tree: `columns` names them in their order, `rows` holds their values by name."""
    columns = [str(name) for name in tree["columns"]]
    rows = [[row.get(name) for name in columns] for row in tree.get("rows") or ()]
    if len(rows) >= MOST_ROWS:
        raise ValueError(f"expected less than {MOST_ROWS} rows")
    return _xlsx(str(tree.get("sheet", "Sheet1")), columns, rows) if options.format == "xlsx" else _csv(columns, rows, options)


def _csv(columns: list[str], rows: list[list[Any]], options: TableOptions) -> bytes:
    """UTF-8 with the byte order mark that spreadsheets look for, unless the endpoint states an encoding."""
    made = io.StringIO(newline="")
    writer = csv.writer(made, delimiter=options.delimiter or ",", lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_csv_value(value, options) for value in row] for row in rows)
    return made.getvalue().encode(options.encoding or "utf-8-sig")


def _csv_value(value: Any, options: TableOptions) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}".replace(".", options.habits.decimal or ".")
    text = "" if value is None else str(value)
    return ESCAPE + text if FORMULA.match(text) and not NUMBER.fullmatch(text) else text


def _xlsx(title: str, columns: list[str], rows: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(title)
    for row in (columns, *rows):
        sheet.append([_xlsx_cell(sheet, value) for value in row])
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _xlsx_cell(sheet: Any, value: Any) -> Any:
    """Numbers as numbers; everything else as text, whatever it looks like."""
    if value is None or isinstance(value, Decimal):
        return value
    cell = WriteOnlyCell(sheet, value=UNWRITABLE.sub(" ", str(value)))
    cell.data_type = "s"
    return cell
