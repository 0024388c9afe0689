"""Excel workbooks as sheets: XLSX with openpyxl, legacy XLS with xlrd. Formulas are their kept results; formats that show zeros
before a number make it text as shown.

openpyxl reads row by row in little room (calamine is eight times as fast, but makes room for every cell between the first and the
last, which a small hostile file can put 17 thousand million cells apart, and knows nothing of number formats).
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import openpyxl
import xlrd
from lxml import etree
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.utils.exceptions import InvalidFileException
from xlrd.compdoc import CompDocError

from mappings.codecs.rows_formulas import FormulaScan
from mappings.codecs.rows_options import TableOptions
from mappings.codecs.rows_sheets import MOST_COLUMNS, MOST_ROWS, Sheet, refused
from mappings.codecs.rows_values import EPOCH, Cell, Rounded, Unworked

MOST_ENTRIES = 2000
MOST_UNPACKED = 256 * 1024 * 1024
MOST_SHARED = 64 * 1024 * 1024
"""Bytes of the texts that all sheets share, which are kept whole."""
MOST_CELLS = 20_000_000
MOST_XLS = 32 * 1024 * 1024
EXACT = 15
"""Digits that Excel keeps of a number."""
ZEROS = re.compile(r"0{2,}")
SHARED = "sharedStrings.xml"
SHEETS = re.compile(r"xl/worksheets/[^/]+\.xml")
BROKEN = (
    AssertionError, AttributeError, EOFError, IndexError, KeyError, MemoryError, OSError, OverflowError,
    RecursionError, RuntimeError, TypeError, ValueError, struct.error, zipfile.BadZipFile, zlib.error, etree.XMLSyntaxError,
    InvalidFileException, xlrd.XLRDError, CompDocError,
)  # fmt: skip
"""What openpyxl and xlrd raise for files that are not what they say."""


def xlsx_sheets(body: bytes, _: TableOptions) -> Iterator[Sheet]:
    """The visible sheets of an XLSX file. Malformed for a broken one, or one that unpacks beyond the limits."""
    unworked = _check_archive(body)
    try:
        book = openpyxl.load_workbook(io.BytesIO(body), read_only=True, data_only=True, keep_links=False)
        visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    except BROKEN as error:
        raise _broken("XLSX", error) from None
    for sheet in visible:
        yield _filled(
            Sheet(sheet.title, epoch=book.epoch.date()), "XLSX", _xlsx_rows(sheet, unworked.get(sheet._worksheet_path, {}))
        )


def _filled(made: Sheet, kind: str, rows: Iterator[list[Cell]]) -> Sheet:
    number = 0
    try:
        for number, cells in enumerate(rows, start=1):
            made.add(number, cells)
    except BROKEN as error:
        raise _broken(kind, error, made.place(number + 1)) from None
    return made


def _xlsx_rows(sheet: Any, unworked: Mapping[str, str]) -> Iterator[list[Cell]]:
    """Rows with their cells; a number's format is asked once for each style. unworked: formulas without a result, by place."""
    sheet.reset_dimensions()
    zeros: dict[int, str] = {}
    walked = 0
    for number, row in enumerate(sheet.iter_rows(), start=1):
        walked += len(row)
        if walked > MOST_CELLS or number > MOST_ROWS:
            raise refused("E_TABLE_LIMIT", sheet.title, f"expected at most {MOST_ROWS} rows and {MOST_CELLS} cells")
        cells = [_xlsx_cell(cell, zeros) for cell in row]
        if unworked:
            places = [getattr(cell, "coordinate", "") if value is None else "" for cell, value in zip(row, cells, strict=True)]
            cells = [Unworked(f"={unworked[at]}") if at in unworked else cell for at, cell in zip(places, cells, strict=True)]
        yield cells


def _xlsx_cell(cell: Any, zeros: dict[int, str]) -> Cell:
    value = cell.value
    if value is None or value.__class__ is str:
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _moment(value)
    style = cell._style_id
    if style not in zeros:
        zeros[style] = cell.number_format or ""
    return exact(value, zeros[style])


def _moment(value: Any) -> Cell:
    """A date, a date and time, a time of day as text."""
    if isinstance(value, datetime) and value.time() == time.min:
        return value.date()
    if isinstance(value, bool | datetime | date):
        return value
    return str(value) if isinstance(value, time | timedelta) else None


def exact(value: int | float, number_format: str) -> Cell:
    """The number as Excel means it, to fifteen digits; text with the zeros its format shows before it. Rounded where it is
    longer and has lost its last digits. Percent are as shown."""
    shown = ZEROS.fullmatch(number_format.partition(";")[0])
    if shown and value == int(value) and value >= 0:
        return str(int(value)).zfill(len(shown[0]))
    if abs(value) >= 10**EXACT:
        return Rounded(f"{value:.0f}")
    number = Decimal(f"{value:.{EXACT}g}") * (100 if "%" in number_format else 1)
    return Decimal(f"{number:f}") if number else Decimal(0)


def _check_archive(body: bytes) -> dict[str, dict[str, str]]:
    """What the archive says of itself, then what its parts really unpack to; no part may hold a document type. Formulas without
    a result by part and place."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_UNPACKED:
                raise _bomb()
            if not any(entry.filename.endswith("workbook.xml") for entry in entries):
                raise refused("E_TABLE_FORMAT", "byte 1", "expected an XLSX workbook, this is another kind of ZIP file")
            return _unpack(archive, entries)
    except BROKEN as error:
        raise _broken("XLSX", error) from None


def _unpack(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> dict[str, dict[str, str]]:
    unpacked = 0
    unworked: dict[str, dict[str, str]] = {}
    for entry in entries:
        size, scan = 0, FormulaScan() if SHEETS.fullmatch(entry.filename) else None
        with archive.open(entry) as part:
            start = part.read(4096)
            if b"<!DOCTYPE" in start or b"<!ENTITY" in start or b"\x00<\x00!" in start or b"<\x00!\x00" in start:
                raise refused("E_TABLE_FORMAT", entry.filename, "expected no document type declaration")
            block = start
            while block:
                size += len(block)
                if unpacked + size > MOST_UNPACKED:
                    raise _bomb()
                if scan is not None:
                    scan.feed(block)
                block = part.read(1 << 20)
        if scan is not None and scan.found:
            unworked[entry.filename] = scan.found
        if entry.filename.endswith(SHARED) and size > MOST_SHARED:
            raise refused("E_TABLE_LIMIT", entry.filename, f"expected at most {MOST_SHARED} bytes of shared texts")
        unpacked += size
    return unworked


def _bomb() -> Exception:
    return refused("E_TABLE_LIMIT", "byte 1", f"expected at most {MOST_ENTRIES} parts that unpack to {MOST_UNPACKED} bytes")


def _broken(kind: str, error: BaseException, place: str = "byte 1") -> Exception:
    return refused("E_TABLE_FORMAT", place, f"expected a sound {kind} file ({type(error).__name__})")


def xls_sheets(body: bytes, _: TableOptions) -> Iterator[Sheet]:
    """The visible sheets of an XLS file. Malformed for a broken or an encrypted one."""
    if len(body) > MOST_XLS:
        raise refused("E_TABLE_LIMIT", "byte 1", f"expected an XLS file of at most {MOST_XLS} bytes")
    try:
        book = xlrd.open_workbook(file_contents=body, formatting_info=True, on_demand=True, ragged_rows=True, logfile=io.StringIO())
        names = book.sheet_names()
    except BROKEN as error:
        raise _broken("XLS", error) from None
    for number, name in enumerate(names):
        yield _filled(Sheet(name, epoch=XLS_EPOCHS[book.datemode]), "XLS", _xls_rows(book, number))


def _xls_rows(book: Any, number: int) -> Iterator[list[Cell]]:
    sheet = book.sheet_by_index(number)
    if sheet.visibility == 0:
        for row in range(sheet.nrows):
            yield [_xls_cell(book, cell) for cell in sheet.row(row)[: MOST_COLUMNS + 1]]
    book.unload_sheet(number)


XLS_EPOCHS = {0: EPOCH, 1: CALENDAR_MAC_1904.date()}
XLS_CELLS: dict[int, Callable[[Any, Any], Cell]] = {
    xlrd.XL_CELL_TEXT: lambda _, cell: str(cell.value),
    xlrd.XL_CELL_NUMBER: lambda book, cell: exact(cell.value, book.format_map[book.xf_list[cell.xf_index].format_key].format_str),
    xlrd.XL_CELL_DATE: lambda book, cell: _moment(xlrd.xldate_as_datetime(cell.value, book.datemode)),
    xlrd.XL_CELL_BOOLEAN: lambda _, cell: bool(cell.value),
    xlrd.XL_CELL_ERROR: lambda _, cell: xlrd.error_text_from_code.get(cell.value, "#ERROR"),
}


def _xls_cell(book: Any, cell: Any) -> Cell:
    """The cell by its type; empty and blank ones are nothing."""
    read = XLS_CELLS.get(cell.ctype)
    return None if read is None else read(book, cell)
