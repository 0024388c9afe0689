"""X12 transaction sets as trees: which segments open a loop, which belong to it, which stand there once.

A segment becomes {"01": "...", "04": "..."} with its empty elements left out; a composite or repeated element a list of
text. A segment that may stand several times becomes a list of such dicts; a loop a list of dicts that hold its segments
under their tags, the opening one included:

    {"BEG": {...}, "N1": [{"N1": {...}, "N3": [{...}], "N4": {...}}], "PO1": [{"PO1": {...}, "PID": [{...}], "SCH": [{...}]}]}

Where a segment names things in pairs (PO1: 06 qualifier, 07 value, 08 qualifier...), its dict also has them as rows:
"pairs": [{"qualifier": "VN", "value": "SKU-1"}].

A segment goes to the innermost open loop that knows its tag, which closes the loops inside; a tag that nobody knows stays where it
stands. The tables follow the segment order of versions 004010 to 008010 as far as this hub reads these documents.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from canonical.problems import Problem, shown
from mappings.codecs.base import Path
from mappings.codecs.x12_segments import Segment, Separators

ELEMENT = re.compile(r"\d\d")
PAIRS = {"PO1": 6, "LIN": 2, "SLN": 9, "PER": 3}
"""Segments that end in pairs of qualifier and value, and the element the first pair begins with."""


@dataclass(frozen=True, slots=True)
class Loop:
    """once: tags that stand at most once, `required` must; many: tags that may repeat; loops: tags that open an inner loop.

    The tag that opens a loop is not named in it, so the next one opens the next.
    """

    once: frozenset[str] = frozenset()
    many: frozenset[str] = frozenset()
    loops: Mapping[str, "Loop"] = field(default_factory=dict)
    required: tuple[str, ...] = ()

    def knows(self, tag: str) -> bool:
        return tag in self.once or tag in self.many or tag in self.loops


def _tags(text: str) -> frozenset[str]:
    return frozenset(text.split())


PARTY = Loop(_tags("N4"), _tags("N2 N3 NX2 REF PER SI FOB TD1 TD3 TD4 TD5 PKG MSG"))
MESSAGE = Loop(many=_tags("DTM MEA PWK EFI MSG MTX"))
SUBLINE = Loop(many=_tags("MSG SI PID PO3 TC2 ADV DTM CTP PAM PO4 TAX SAC REF"))
TOTAL = Loop(many=_tags("AMT"))
LINE_DETAIL = """LIN SI CUR CN1 PO3 CTP PAM MEA PID PWK PO4 REF PER SAC IT8 CSH ITD DIS INC TAX FOB SDQ IT3 DTM TC2 TD1 TD3
    TD4 TD5 PCT MAN MSG SPI TXI CTB QTY SCH PKG LS LE LDT AMT"""
HEADING = "REF PER TAX FOB CTP PAM CSH ITD DIS INC DTM LIN SI PID MEA PWK PKG TD1 TD3 TD4 TD5 MAN PCT CTB TXI SAC MSG LDT"

TRANSACTION_SETS: Mapping[str, Loop] = {
    "850": Loop(
        once=_tags("ST SE BEG CUR"),
        many=_tags(HEADING),
        loops={
            "N9": MESSAGE,
            "N1": PARTY,
            "PO1": Loop(frozenset(), _tags(LINE_DETAIL), {"N9": MESSAGE, "N1": PARTY, "SLN": SUBLINE}),
            "CTT": TOTAL,
        },
        required=("BEG", "PO1"),
    ),
    "855": Loop(
        once=_tags("ST SE BAK CUR"),
        many=_tags(HEADING),
        loops={
            "N9": MESSAGE,
            "N1": PARTY,
            "PO1": Loop(frozenset(), _tags(LINE_DETAIL + " ACK"), {"N9": MESSAGE, "N1": PARTY, "SLN": SUBLINE}),
            "CTT": TOTAL,
        },
        required=("BAK",),
    ),
}
ANY_SET = Loop(_tags("ST SE"))


class SetTree:
    """A transaction set as a tree, with the place of each segment so that every path can be told as the sender counts."""

    def __init__(self, segments: Sequence[Segment], kind: str, reference: str, separators: Separators) -> None:
        self.tree: dict[str, Any] = {}
        self.problems: list[Problem] = []
        self._reference = reference
        self._separators = separators
        self._numbers: dict[Path, int] = {}
        loop = TRANSACTION_SETS.get(kind, ANY_SET)
        self._open: list[tuple[Loop, dict[str, Any], Path]] = [(loop, self.tree, ())]
        for number, segment in enumerate(segments, start=1):
            self._place(segment, number)
        for tag in loop.required:
            if tag not in self.tree:
                path = f"{reference}/{tag} (segment {len(segments)})"
                self.problems.append(Problem("E_X12_SEGMENT_MISSING", path, f"expected a {tag} segment"))

    def locate(self, path: Path) -> str:
        """`ST[2]/PO1[3]-04 (segment 27)`: loop occurrences from 1, elements by number, segments counted from ST as 1."""
        path = _without_pairs(path)
        words = [self._reference]
        for step, before in zip(path, ("", *path), strict=False):
            if isinstance(step, int):
                words.append(f"-{step + 1}" if isinstance(before, str) and ELEMENT.fullmatch(before) else f"[{step + 1}]")
            elif ELEMENT.fullmatch(step):
                words.append(f"-{step}")
            elif not (isinstance(before, int) and words[-2] == f"/{step}"):
                words.append(f"/{step}")
        number = next((self._numbers[path[:n]] for n in range(len(path), 0, -1) if path[:n] in self._numbers), None)
        return "".join(words) + (f" (segment {number})" if number is not None else "")

    def _place(self, segment: Segment, number: int) -> None:
        depth = next((i for i in range(len(self._open) - 1, -1, -1) if self._open[i][0].knows(segment.tag)), None)
        if depth is None:
            depth = len(self._open) - 1
        del self._open[depth + 1 :]
        loop, node, path = self._open[depth]
        content = _content(segment, self._separators)
        if segment.tag in loop.loops:
            self._enter(loop.loops[segment.tag], segment.tag, content, number)
        elif segment.tag in loop.once:
            self._put_once(node, (*path, segment.tag), content, number)
        else:
            rows: list[Any] = node.setdefault(segment.tag, [])
            self._numbers[(*path, segment.tag, len(rows))] = number
            rows.append(content)

    def _enter(self, loop: Loop, tag: str, content: dict[str, Any], number: int) -> None:
        _, node, path = self._open[-1]
        rows: list[Any] = node.setdefault(tag, [])
        inner = {tag: content}
        inner_path = (*path, tag, len(rows))
        self._numbers[inner_path] = number
        rows.append(inner)
        self._open.append((loop, inner, inner_path))

    def _put_once(self, node: dict[str, Any], path: Path, content: dict[str, Any], number: int) -> None:
        tag = str(path[-1])
        if tag in node:
            where = f"{self._reference}/{tag} (segment {number})"
            self.problems.append(Problem("E_X12_SEGMENT_REPEATED", where, f"expected {tag} once", shown(content.get("01"))))
            return
        node[tag] = content
        self._numbers[path] = number


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
