"""What a table file is, told by its first bytes, and its sheets as rows of cells that can be gone through twice.

Rows are kept packed, so that a file of many rows takes little room between the look for its shape and the reading.
"""

import pickle
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from canonical.failures import Malformed
from canonical.problems import Problem
from mappings.codecs.base import Path
from mappings.codecs.rows_values import EPOCH, Cell

PACKED_ROWS = 500
MOST_ROWS = 1_048_576
"""Rows of a sheet, as Excel allows them."""
MOST_COLUMNS = 256
LONGEST_TEXT = 32_767
"""Characters of a cell, as Excel allows them."""

Row = tuple[int, tuple[Cell, ...]]
"""Number of a row, as a spreadsheet counts it, and its cells."""


@dataclass(slots=True)
class Sheet:
    """The filled rows of one sheet. name: empty in a text file. delimiter: of a text file. epoch: the day its numbers of days
    count from."""

    name: str
    delimiter: str = ""
    epoch: date = EPOCH
    _packed: list[bytes] = field(default_factory=list)
    _open: list[Row] = field(default_factory=list)

    def add(self, number: int, cells: list[Cell]) -> None:
        """Keep a row; an empty one is left out, empty cells at its end are cut. Malformed beyond the limits."""
        while cells and (cells[-1] is None or cells[-1] == ""):
            cells.pop()
        if number > MOST_ROWS or len(cells) > MOST_COLUMNS:
            raise refused("E_TABLE_LIMIT", self.place(number), f"expected at most {MOST_ROWS} rows and {MOST_COLUMNS} columns")
        if any(isinstance(cell, str) and len(cell) > LONGEST_TEXT for cell in cells):
            raise refused("E_TABLE_LIMIT", self.place(number), f"expected cells of at most {LONGEST_TEXT} characters")
        if cells:
            self._open.append((number, tuple(cells)))
        if len(self._open) == PACKED_ROWS:
            self._packed.append(zlib.compress(pickle.dumps(self._open), 1))
            self._open = []

    def rows(self) -> Iterator[Row]:
        for packed in self._packed:
            yield from pickle.loads(zlib.decompress(packed))
        yield from self._open

    def place(self, number: int, column: int | None = None) -> str:
        """A place as its sender finds it: `Orders!C7`, in a text file `row 7, column 3`."""
        if not self.name:
            return f"row {number}" if column is None else f"row {number}, column {column + 1}"
        return f"{self.name}!{number}:{number}" if column is None else f"{self.name}!{letters(column)}{number}"

    def whole(self, _: Path) -> str:
        """The sheet itself, whatever of it is asked for."""
        return self.name or "the file"


def letters(column: int) -> str:
    """A column's letters: 0 is A, 26 is AA."""
    name = ""
    while column >= 0:
        name = chr(ord("A") + column % 26) + name
        column = column // 26 - 1
    return name


def refused(code: str, path: str, message: str, value: str | None = None) -> Malformed:
    return Malformed([Problem(code, path, message, value)])


NO_TABLES: Mapping[bytes, str] = {b"%PDF": "a PDF", b"\x89PNG": "a picture", b"\xff\xd8\xff": "a picture", b"GIF8": "a picture",
                                  b"\x1f\x8b": "a gzip file", b"7z\xbc\xaf": "a 7z file", b"Rar!": "a RAR file"}  # fmt: skip


def sheets(body: bytes, readers: Iterable[tuple[bytes, Callable[..., Iterator[Sheet]]]], options: Any) -> Iterator[Sheet]:
    """The sheets of a file, read by the first reader whose mark it begins with. Malformed for what is no table at all."""
    for mark, kind in NO_TABLES.items():
        if body.startswith(mark):
            raise refused("E_TABLE_FORMAT", "byte 1", f"expected CSV, XLSX or XLS, not {kind}")
    read = next(read for mark, read in readers if body.startswith(mark))
    yield from read(body, options)
