"""X12 transaction sets as trees: which segments open a loop, which belong to it, which stand there once.

A segment becomes {"01": "...", "04": "..."} with its empty elements left out; a composite or repeated element a list of
text. A segment that may stand several times becomes a list of such dicts; a loop a list of dicts that hold its segments
under their tags, the opening one included:

    {"BEG": {...}, "N1": [{"N1": {...}, "N3": [{...}], "N4": {...}}], "PO1": [{"PO1": {...}, "PID": [{...}], "SCH": [{...}]}]}

Where a segment names things in pairs (PO1: 06 qualifier, 07 value, 08 qualifier...), its dict also has them as rows:
"pairs": [{"qualifier": "VN", "value": "SKU-1"}].

How segments find their loops is told in `edi_loops`, which loops a transaction set has in `x12_sets`. A ship notice (856) also has
its levels as rows, see `x12_levels`, product activity (852) its places and sales, see `x12_activity`.
"""

from collections.abc import Sequence
from typing import Any

from mappings.codecs.base import Path
from mappings.codecs.edi_loops import Loop, LoopTree, element_names
from mappings.codecs.x12_activity import Activities
from mappings.codecs.x12_levels import Levels
from mappings.codecs.x12_segments import Segment, Separators
from mappings.codecs.x12_sets import ANY_SET, TAKEN_BACK, TRANSACTION_SETS

PAIRS = {"PO1": 6, "POC": 8, "IT1": 6, "LIN": 2, "SLN": 9, "ACK": 7, "PER": 3}
"""Segments that end in pairs of qualifier and value, and the element the first pair begins with."""

COMPOSITE = {"AK4": (1,), "IK4": (1,), "REF": (4,), "MEA": (4,), "QTY": (3,), "UIT": (1,), "CTP": (6,), "SLN": (5,)}
"""Elements that the standard makes of components. In any other one the mark is text of a sender who chose it badly."""

SHIP_NOTICE, ACTIVITY, ORDER = "856", "852", "850"
CANCELLATION = "01"
"""Purpose (element 353) of an order that takes itself back."""
LEVEL_ROWS = (("shipment",), ("items",), ("packs",))


class SetTree(LoopTree[Segment]):
    """A transaction set as a tree."""

    missing = "E_X12_SEGMENT_MISSING"
    repeated = "E_X12_SEGMENT_REPEATED"

    def __init__(self, segments: Sequence[Segment], kind: str, reference: str, separators: Separators) -> None:
        self._separators = separators
        super().__init__(segments, _loop_of(kind, segments), reference)
        levels = Levels(self.tree.get("HL", ()) if kind == SHIP_NOTICE else ())
        self._aliases = levels.aliases
        self.tree.update(levels.rows)
        if kind == ACTIVITY:
            activities = Activities(self.tree)
            self._aliases = activities.aliases
            self.tree.update(activities.rows)
        self.problems += levels.problems(self.locate)

    def content(self, segment: Segment) -> dict[str, Any]:
        return _content(segment, self._separators)

    def told(self, path: Path) -> Path:
        return _without_pairs(self._without_aliases(path))

    def _without_aliases(self, path: Path) -> Path:
        """The path of a level's row told as the HL it is; a row as a whole by the item it holds."""
        for length in range(len(path), 0, -1):
            if path[:length] in self._aliases:
                return (*self._aliases[path[:length]], *path[length:])
        return ("HL",) if path[:1] in LEVEL_ROWS and self._aliases else path


def _loop_of(kind: str, segments: Sequence[Segment]) -> Loop:
    beginning = next((segment for segment in segments if segment.tag == "BEG"), None) if kind == ORDER else None
    if beginning is not None and beginning.element(1) == CANCELLATION:
        return TAKEN_BACK
    return TRANSACTION_SETS.get(kind, ANY_SET)


def _content(segment: Segment, separators: Separators) -> dict[str, Any]:
    elements = segment.elements
    named = zip(element_names(len(elements) - 1), elements[1:], strict=True)
    content: dict[str, Any] = {name: element for name, element in named if element}
    for number in COMPOSITE.get(segment.tag, ()):
        if element := segment.element(number):
            content[f"{number:02d}"] = _components(element, separators)
    if segment.tag in PAIRS and (pairs := _pairs(segment)):
        content["pairs"] = pairs
    return content


def _pairs(segment: Segment) -> list[dict[str, str]]:
    """The pairs of a segment in their order, an empty one included so that the place of each can be told."""
    numbers = range(PAIRS[segment.tag], len(segment.elements), 2)
    return [{"qualifier": segment.element(number), "value": segment.element(number + 1)} for number in numbers]


def _without_pairs(path: Path) -> Path:
    """The path with a part of a pair told as the element it is; a pair as a whole by its value."""
    if "pairs" not in path:
        return path
    at = path.index("pairs")
    tag = next(step for step in reversed(path[:at]) if isinstance(step, str))
    if at + 1 == len(path) or not isinstance(path[at + 1], int):
        return path[:at]
    behind = 0 if path[at + 2 :] == ("qualifier",) else 1
    return (*path[:at], f"{PAIRS[tag] + 2 * int(path[at + 1]) + behind:02d}")


def _components(element: str, separators: Separators) -> str | list[str]:
    return element.split(separators.component) if separators.component and separators.component in element else element
