"""Formulas of a workbook that hold no result: a program wrote them and no spreadsheet has worked them out yet.

openpyxl gives such a cell as empty, so it is looked for in the sheet's XML.
"""

import re

MOST = 10_000
"""Cells that are told apart; a workbook with more of them is told by these."""
OVERLAP = 32 * 1024
"""More than the longest formula takes: cells may lie across two blocks."""
EMPTY_RESULT = re.compile(
    rb'<(?:\w+:)?c\b((?:[^>"]|"[^"]*")*)>\s*<(?:\w+:)?f\b(?:[^>"]|"[^"]*")*?(?:/>|>([^<]*)</(?:\w+:)?f>)\s*'
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
PLACE = re.compile(rb'\br="([A-Z]{1,3}[0-9]{1,7})"')
TEXT = re.compile(rb'\bt="str"')
"""A text as its result, which may well be empty."""


class FormulaScan:
    """Reads a sheet's XML block by block. found: place of a cell to its formula."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}
        self._rest = b""

    def feed(self, block: bytes) -> None:
        content = self._rest + block
        if b"f>" in content or b"<f" in content or b":f" in content:
            for match in EMPTY_RESULT.finditer(content):
                place = PLACE.search(match[1])
                if place is not None and not TEXT.search(match[1]) and len(self.found) < MOST:
                    self.found[place[1].decode()] = (match[2] or b"").decode("utf-8", "replace")
        self._rest = content[-OVERLAP:]
