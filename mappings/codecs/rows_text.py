"""Text files as sheets: their encoding, their delimiter, their records (RFC 4180, and what is usual beside it)."""

import codecs
import csv
import io
import re
from collections.abc import Iterator

from mappings.codecs.rows_options import TableOptions
from mappings.codecs.rows_sheets import LONGEST_TEXT, Sheet, refused
from mappings.codecs.rows_values import Cell

MARKS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
DELIMITERS = ";,\t|"
SAMPLE = 64 * 1024
SEP_LINE = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
"""What Excel puts first to tell the delimiter."""
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0e-\x1f]")
OTHER_FORMATS = re.compile(r"\s*(?:<(?:[?!]|[A-Za-z]+[^;,\t|\n]*>)|[{\[]\s*[\"{\[\]}]|ISA\W|UN[AB]\W)")
"""How XML, JSON and EDI begin."""
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def text_sheets(body: bytes, options: TableOptions) -> Iterator[Sheet]:
    """The one sheet of a text file."""
    text = decoded(body, options.encoding)
    if not text.strip():
        raise refused("E_TABLE_EMPTY", "row 1", "expected a table")
    if match := UNPRINTABLE.search(text):
        raise refused("E_TABLE_FORMAT", f"character {match.start() + 1}", "expected text, CSV, XLSX or XLS")
    if OTHER_FORMATS.match(text):
        raise refused("E_TABLE_FORMAT", "row 1", "expected a table, not XML, JSON or EDI")
    first = SEP_LINE.match(text)
    delimiter = options.delimiter or (first[1] if first else "") or _delimiter(text[:SAMPLE])
    sheet = Sheet("", delimiter)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=delimiter != "\t", strict=True)
    number = 0
    csv.field_size_limit(LONGEST_TEXT * 2)
    try:
        for number, record in enumerate(reader, start=1):
            cells: list[Cell] = [text.strip() for text in record]
            if number > 1 or not first:
                sheet.add(number, cells)
    except csv.Error as error:
        raise refused("E_TABLE_CSV", f"row {number + 1}", f"expected CSV: {error}") from None
    yield sheet


def decoded(body: bytes, encoding: str) -> str:
    """The text: by its byte order mark, as stated, as UTF-8, else as GB 18030 where that gives Chinese, else as Windows-1252."""
    for mark, name in MARKS:
        if body.startswith(mark):
            return _strictly(body, name).removeprefix("\ufeff")
    if encoding:
        return _strictly(body, encoding)
    for name in _likely(body):
        try:
            return body.decode(name)
        except UnicodeDecodeError:
            continue
    return body.decode("latin-1")


def _likely(body: bytes) -> Iterator[str]:
    """Encodings in the order in which they are tried."""
    even, odd = body[0:2000:2].count(0), body[1:2000:2].count(0)
    if even + odd > len(body[:2000]) / 4:
        yield "utf-16-be" if even > odd else "utf-16-le"
    yield "utf-8"
    if _is_chinese(body):
        yield "gb18030"
    yield "cp1252"


def _is_chinese(body: bytes) -> bool:
    """Whether the bytes beyond ASCII stand in pairs, and the pairs are Chinese characters of everyday use: GB 2312 has them in
    the rows 0xB0 to 0xF7. Accented letters stand alone between plain ones."""
    try:
        text = body.decode("gb18030")
    except UnicodeDecodeError:
        return False
    foreign = sum(1 for character in text if character > "\x7f")
    usual = 0
    for character in CHINESE.findall(text):
        pair = character.encode("gb18030")
        usual += len(pair) == 2 and 0xB0 <= pair[0] <= 0xF7 and pair[1] >= 0xA1
    return usual * 2 > foreign


def _strictly(body: bytes, encoding: str) -> str:
    try:
        return body.decode(encoding)
    except (UnicodeDecodeError, LookupError) as error:
        at = error.start + 1 if isinstance(error, UnicodeDecodeError) else 1
        raise refused("E_TABLE_ENCODING", f"byte {at}", f"expected {encoding} text") from None


def _delimiter(sample: str) -> str:
    """The mark that cuts most rows into the same number of cells, and into the most."""
    best, found = (0, 0), ","
    for mark in DELIMITERS:
        widths = [len(record) for record in csv.reader(io.StringIO(sample, newline=""), delimiter=mark) if len(record) > 1]
        usual = max(set(widths), key=lambda width: (widths.count(width), width), default=0)
        score = (widths.count(usual), usual)
        if score > best:
            best, found = score, mark
    return found
