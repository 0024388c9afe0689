"""The cells of an XLSX sheet, straight from its XML: one row at a time is in memory, whatever the sheet says of its size.

openpyxl reads the workbook around it (styles, shared texts, calendar). Reading the sheets too it took three times as long, and
failed where only the properties of a workbook were odd.
"""

import io
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from lxml import etree
from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.utils.cell import column_index_from_string
from openpyxl.utils.datetime import from_excel, from_ISO8601

from mappings.codecs.rows_sheets import MOST_ROWS, refused
from mappings.codecs.rows_values import Cell, Rounded, Unworked

MOST_CELLS = 20_000_000
MOST_IN_A_ROW = 16_384
"""Columns, as Excel has them."""
EXACT = 15
"""Digits that Excel keeps of a number."""
DIGITS = "0123456789"
PARTS = ("{*}c", "{*}row", "{*}col", "{*}sheetData")


def visible_sheets(body: bytes) -> Iterator["XlsxSheet"]:
    """The sheets of a workbook that people see, with cells in them."""
    reader = ExcelReader(io.BytesIO(body), read_only=True, data_only=True, keep_links=False)
    reader.read_manifest()
    reader.read_strings()
    reader.read_workbook()
    apply_stylesheet(reader.archive, reader.wb)
    for sheet, relation in reader.parser.find_sheets():
        if relation.target in reader.valid_files and "chartsheet" not in relation.Type and sheet.state == "visible":
            yield XlsxSheet(sheet.name, relation.target, reader)


class XlsxSheet:
    """One sheet of an open workbook. epoch: day 0 of its dates."""

    def __init__(self, title: str, part: str, reader: ExcelReader) -> None:
        self.title, self.epoch = title, reader.wb.epoch.date()
        self._part, self._archive, self._book = part, reader.archive, reader.wb
        self._texts = reader.shared_strings
        self._formats: dict[str, str] = {}

    def rows(self) -> Iterator[tuple[int, list[Cell]]]:
        """Number and cells of each row. Malformed beyond the limits; ValueError, IndexError, XMLSyntaxError for broken ones."""
        number, walked, cells = 0, 0, list[Cell]()
        with self._archive.open(self._part) as source:
            for _, element in etree.iterparse(source, tag=PARTS, resolve_entities=False, no_network=True):
                kind = element.tag.rpartition("}")[2]
                if kind == "c":
                    self._take(element, cells)
                    element.clear()
                    continue
                if kind == "sheetData":
                    return
                if kind == "row":
                    walked += len(cells)
                    number, before = _row_number(element, number), number
                    if walked > MOST_CELLS or number > MOST_ROWS:
                        raise self._beyond(f"{MOST_ROWS} rows and {MOST_CELLS} cells")
                    if number > before:
                        yield number, cells
                    cells = []
                _forget(element)

    def _take(self, element: Any, cells: list[Cell]) -> None:
        """Put a cell in its column; those that were left out before it are empty."""
        place = element.get("r")
        column = len(cells) + 1 if place is None else _column(place.rstrip(DIGITS))
        if column > MOST_IN_A_ROW:
            raise self._beyond(f"{MOST_IN_A_ROW} columns")
        if column <= len(cells):
            cells[column - 1] = self._cell(element)
            return
        cells.extend([None] * (column - 1 - len(cells)))
        cells.append(self._cell(element))

    def _cell(self, element: Any) -> Cell:
        kind, value, formula, inline = element.get("t", "n"), None, None, None
        for child in element:
            match child.tag.rpartition("}")[2]:
                case "v":
                    value = child.text or None
                case "f":
                    formula = child.text or ""
                case "is":
                    inline = child
        if kind == "inlineStr":
            return None if inline is None else _inline(inline)
        if value is None or (formula is not None and not value.strip()):
            return Unworked(f"={formula}") if formula is not None and kind != "str" else None
        return self._valued(kind, value, element.get("s", "0"))

    def _valued(self, kind: str, value: str, style: str) -> Cell:
        match kind:
            case "n":
                return self._number(value, style)
            case "s":
                return str(self._texts[int(value)])
            case "b":
                return bool(int(value))
            case "d":
                return moment(from_ISO8601(value))
        return value

    def _number(self, text: str, style: str) -> Cell:
        value = float(text) if "." in text or "E" in text or "e" in text else int(text)
        if int(style) not in self._book._date_formats:
            return exact(value, self._format(style))
        try:
            return moment(from_excel(value, self._book.epoch, timedelta=int(style) in self._book._timedelta_formats))
        except (OverflowError, ValueError):
            return "#VALUE!"

    def _format(self, style: str) -> str:
        if style not in self._formats:
            number = self._book._cell_styles[int(style)].numFmtId
            own = number >= BUILTIN_FORMATS_MAX_SIZE
            found = self._book._number_formats[number - BUILTIN_FORMATS_MAX_SIZE] if own else BUILTIN_FORMATS.get(number)
            self._formats[style] = found or ""
        return self._formats[style]

    def _beyond(self, most: str) -> Exception:
        return refused("E_TABLE_LIMIT", self.title, f"expected at most {most}")


@lru_cache(maxsize=1024)
def _column(letters: str) -> int:
    return int(column_index_from_string(letters))


def _row_number(row: Any, before: int) -> int:
    stated = row.get("r")
    return before + 1 if stated is None else int(Decimal(stated))


def _forget(element: Any) -> None:
    """Take an element and those before it out of the tree."""
    element.clear()
    while element.getprevious() is not None:
        del element.getparent()[0]


def _inline(node: Any) -> str:
    """The text of a cell that holds it itself, without the reading that East Asian texts may have beside them."""
    texts = [child if child.tag.endswith("}t") else child.find("{*}t") for child in node if not child.tag.endswith("}rPh")]
    return "".join(text.text or "" for text in texts if text is not None)


def moment(value: Any) -> Cell:
    """A date, a date and time, a time of day as text."""
    if isinstance(value, datetime) and value.time() == time.min:
        return value.date()
    if isinstance(value, bool | datetime | date):
        return value
    return str(value) if isinstance(value, time | timedelta) else None


def exact(value: int | float, number_format: str) -> Cell:
    """The number as Excel means it, to fifteen digits; text with the zeros its format shows before it. Rounded where it is
    longer and has lost its last digits. Percent are as shown."""
    zeros = number_format.partition(";")[0] if number_format.startswith("00") else ""
    if zeros and not zeros.strip("0") and value == int(value) and value >= 0:
        return str(int(value)).zfill(len(zeros))
    if abs(value) >= 10**EXACT:
        return Rounded(f"{value:.0f}")
    number = Decimal(value) if isinstance(value, int) else Decimal(f"{value:.{EXACT}g}")
    if "%" in number_format:
        number *= 100
    return Decimal(f"{number:f}") if number else Decimal(0)
