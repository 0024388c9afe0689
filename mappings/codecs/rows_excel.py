"""Excel workbooks as sheets: XLSX with openpyxl, legacy XLS with xlrd. Formulas are their kept results; formats that show zeros
before a number make it text as shown.

An XLSX sheet is read row by row in little room, see `rows_xlsx` (calamine is faster still, but makes room for every cell between
the first and the last, which a small hostile file can put 17 thousand million cells apart, and knows nothing of number formats).
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import xlrd
from lxml import etree
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.utils.exceptions import InvalidFileException
from xlrd.compdoc import CompDocError

from mappings.codecs.rows_options import TableOptions
from mappings.codecs.rows_sheets import MOST_COLUMNS, Sheet, refused
from mappings.codecs.rows_values import EPOCH, Cell
from mappings.codecs.rows_xlsx import exact, moment, visible_sheets

MOST_ENTRIES = 2000
MOST_UNPACKED = 256 * 1024 * 1024
MOST_SHARED = 64 * 1024 * 1024
"""Bytes of the texts that all sheets share, which are kept whole."""
MOST_XLS = 32 * 1024 * 1024
SHARED = "sharedStrings.xml"
BROKEN = (
    AssertionError, AttributeError, EOFError, IndexError, KeyError, MemoryError, OSError, OverflowError,
    RecursionError, RuntimeError, TypeError, ValueError, struct.error, zipfile.BadZipFile, zlib.error, etree.XMLSyntaxError,
    InvalidFileException, xlrd.XLRDError, CompDocError,
)  # fmt: skip
"""What openpyxl and xlrd raise for files that are not what they say."""


def xlsx_sheets(body: bytes, _: TableOptions) -> Iterator[Sheet]:
    """The visible sheets of an XLSX file. Malformed for a broken one, or one that unpacks beyond the limits."""
    _check_archive(body)
    try:
        visible = list(visible_sheets(body))
    except BROKEN as error:
        raise _broken("XLSX", error) from None
    for sheet in visible:
        yield _filled(Sheet(sheet.title, epoch=sheet.epoch), "XLSX", sheet.rows())


def _filled(made: Sheet, kind: str, rows: Iterator[tuple[int, list[Cell]]]) -> Sheet:
    number = 0
    try:
        for number, cells in rows:
            made.add(number, cells)
    except BROKEN as error:
        raise _broken(kind, error, made.place(number + 1)) from None
    return made


def _check_archive(body: bytes) -> None:
    """What the archive says of itself, then what its parts really unpack to; no part may hold a document type."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_UNPACKED:
                raise _bomb()
            if not any(entry.filename.endswith("workbook.xml") for entry in entries):
                raise refused("E_TABLE_FORMAT", "byte 1", "expected an XLSX workbook, this is another kind of ZIP file")
            _unpack(archive, entries)
    except BROKEN as error:
        raise _broken("XLSX", error) from None


def _unpack(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> None:
    unpacked = 0
    for entry in entries:
        size = 0
        with archive.open(entry) as part:
            start = part.read(4096)
            if b"<!DOCTYPE" in start or b"<!ENTITY" in start or b"\x00<\x00!" in start or b"<\x00!\x00" in start:
                raise refused("E_TABLE_FORMAT", entry.filename, "expected no document type declaration")
            block = start
            while block:
                size += len(block)
                if unpacked + size > MOST_UNPACKED:
                    raise _bomb()
                block = part.read(1 << 20)
        if entry.filename.endswith(SHARED) and size > MOST_SHARED:
            raise refused("E_TABLE_LIMIT", entry.filename, f"expected at most {MOST_SHARED} bytes of shared texts")
        unpacked += size


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


def _xls_rows(book: Any, number: int) -> Iterator[tuple[int, list[Cell]]]:
    sheet = book.sheet_by_index(number)
    if sheet.visibility == 0:
        for row in range(sheet.nrows):
            yield row + 1, [_xls_cell(book, cell) for cell in sheet.row(row)[: MOST_COLUMNS + 1]]
    book.unload_sheet(number)


XLS_EPOCHS = {0: EPOCH, 1: CALENDAR_MAC_1904.date()}
XLS_CELLS: dict[int, Callable[[Any, Any], Cell]] = {
    xlrd.XL_CELL_TEXT: lambda _, cell: str(cell.value),
    xlrd.XL_CELL_NUMBER: lambda book, cell: exact(cell.value, book.format_map[book.xf_list[cell.xf_index].format_key].format_str),
    xlrd.XL_CELL_DATE: lambda book, cell: moment(xlrd.xldate_as_datetime(cell.value, book.datemode)),
    xlrd.XL_CELL_BOOLEAN: lambda _, cell: bool(cell.value),
    xlrd.XL_CELL_ERROR: lambda _, cell: xlrd.error_text_from_code.get(cell.value, "#ERROR"),
}


def _xls_cell(book: Any, cell: Any) -> Cell:
    """The cell by its type; empty and blank ones are nothing."""
    read = XLS_CELLS.get(cell.ctype)
    return None if read is None else read(book, cell)
