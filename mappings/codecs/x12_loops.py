"""X12 transaction sets as trees: which segments open a loop, which belong to it, which stand there once.

A segment becomes {"01": "...", "04": "..."} with its empty elements left out; a composite or repeated element a list of
text. A segment that may stand several times becomes a list of such dicts; a loop a list of dicts that hold its segments
under their tags, the opening one included:

    {"BEG": {...}, "N1": [{"N1": {...}, "N3": [{...}], "N4": {...}}], "PO1": [{"PO1": {...}, "PID": [{...}], "SCH": [{...}]}]}

Where a segment names things in pairs (PO1: 06 qualifier, 07 value, 08 qualifier...), its dict also has them as rows:
"pairs": [{"qualifier": "VN", "value": "SKU-1"}].

How segments find their loops is told in `edi_loops`. The tables follow the segment order of versions 004010 to 008010 as far as
this hub reads these documents.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from mappings.codecs.base import Path
from mappings.codecs.edi_loops import Loop, LoopTree, tags
from mappings.codecs.x12_segments import Segment, Separators

PAIRS = {"PO1": 6, "LIN": 2, "SLN": 9, "PER": 3}
"""Segments that end in pairs of qualifier and value, and the element the first pair begins with."""


PARTY = Loop(tags("N4"), tags("N2 N3 NX2 REF PER SI FOB TD1 TD3 TD4 TD5 PKG MSG"))
MESSAGE = Loop(many=tags("DTM MEA PWK EFI MSG MTX"))
SUBLINE = Loop(many=tags("MSG SI PID PO3 TC2 ADV DTM CTP PAM PO4 TAX SAC REF"))
TOTAL = Loop(many=tags("AMT"))
LINE_DETAIL = """LIN SI CUR CN1 PO3 CTP PAM MEA PID PWK PO4 REF PER SAC IT8 CSH ITD DIS INC TAX FOB SDQ IT3 DTM TC2 TD1 TD3
    TD4 TD5 PCT MAN MSG SPI TXI CTB QTY SCH PKG LS LE LDT AMT"""
HEADING = "REF PER TAX FOB CTP PAM CSH ITD DIS INC DTM LIN SI PID MEA PWK PKG TD1 TD3 TD4 TD5 MAN PCT CTB TXI SAC MSG LDT"

TRANSACTION_SETS: Mapping[str, Loop] = {
    "850": Loop(
        once=tags("ST SE BEG CUR"),
        many=tags(HEADING),
        loops={
            "N9": MESSAGE,
            "N1": PARTY,
            "PO1": Loop(frozenset(), tags(LINE_DETAIL), {"N9": MESSAGE, "N1": PARTY, "SLN": SUBLINE}),
            "CTT": TOTAL,
        },
        required=("BEG", "PO1"),
    ),
    "855": Loop(
        once=tags("ST SE BAK CUR"),
        many=tags(HEADING),
        loops={
            "N9": MESSAGE,
            "N1": PARTY,
            "PO1": Loop(frozenset(), tags(LINE_DETAIL + " ACK"), {"N9": MESSAGE, "N1": PARTY, "SLN": SUBLINE}),
            "CTT": TOTAL,
        },
        required=("BAK",),
    ),
}
ANY_SET = Loop(tags("ST SE"))


class SetTree(LoopTree[Segment]):
    """A transaction set as a tree."""

    missing = "E_X12_SEGMENT_MISSING"
    repeated = "E_X12_SEGMENT_REPEATED"

    def __init__(self, segments: Sequence[Segment], kind: str, reference: str, separators: Separators) -> None:
        self._separators = separators
        super().__init__(segments, TRANSACTION_SETS.get(kind, ANY_SET), reference)

    def content(self, segment: Segment) -> dict[str, Any]:
        return _content(segment, self._separators)

    def told(self, path: Path) -> Path:
        return _without_pairs(path)


def _content(segment: Segment, separators: Separators) -> dict[str, Any]:
    content: dict[str, Any] = {
        f"{number:02d}": _value(element, separators)
        for number, element in enumerate(segment.elements[1:], start=1)
        if element
    }  # fmt: skip
    if pairs := _pairs(segment):
        content["pairs"] = pairs
    return content


def _pairs(segment: Segment) -> list[dict[str, str]]:
    """The pairs of a segment in their order, an empty one included so that the place of each can be told."""
    numbers = range(PAIRS.get(segment.tag, len(segment.elements)), len(segment.elements), 2)
    return [{"qualifier": segment.element(number), "value": segment.element(number + 1)} for number in numbers]


def _without_pairs(path: Path) -> Path:
    """The path with a part of a pair told as the element it is; a pair as a whole by its value."""
    if "pairs" not in path:
        return path
    at = path.index("pairs")
    tag = next(step for step in reversed(path[:at]) if isinstance(step, str))
    if at + 1 == len(path):
        return path[:at]
    behind = 0 if path[at + 2 :] == ("qualifier",) else 1
    return (*path[:at], f"{PAIRS[tag] + 2 * int(path[at + 1]) + behind:02d}")


def _value(element: str, separators: Separators) -> str | list[str]:
    for separator in (separators.repetition, separators.component):
        if separator and separator in element:
            return element.split(separator)
    return element
