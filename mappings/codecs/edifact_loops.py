"""EDIFACT messages as trees: which segments open a group, which belong to it, which stand there once.

A segment becomes {"01": "137", "01_2": "20260302", "01_3": "102"}: the first component of element 01, its second, its third; empty
ones are left out. Where an element is repeated (syntax version 4), the further repetitions stand under "repeats", as written.
Segments that are a row of composites (PIA, GIN, GIR, COM) have these also as rows: "items": [{"1": "4711", "2": "SA"}].

    {"BGM": {...}, "NAD": [{"NAD": {...}, "RFF": [{"RFF": {...}}], "CTA": [{...}]}], "LIN": [{"LIN": {...}, "PIA": [...], ...}]}

How segments find their loops is told in `edi_loops`. The tables follow the segment groups of D.93A to D.11A and EANCOM as far as
this hub reads these messages. Numbers are written with a point, whatever the sender's decimal mark.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from mappings.codecs.base import Path
from mappings.codecs.edi_loops import Loop, LoopTree, element_names, tags
from mappings.codecs.edifact_segments import Segment

ITEMS = {"PIA": 2, "GIN": 2, "GIR": 2, "COM": 1}
"""Segments that are a row of composites, and the element the first stands in."""
NUMBERS: Mapping[str, tuple[str, ...]] = {
    "QTY": ("01_2",), "MOA": ("01_2",), "PRI": ("01_2", "01_5"), "PCD": ("01_2",), "QVR": ("01",), "CNT": ("01_2",),
    "MEA": ("03_2",), "TAX": ("05_4",), "RTE": ("01_2", "01_3"), "CUX": ("03",), "PAC": ("01",),
}  # fmt: skip
"""Components that hold a number."""
WITH_COMMA = re.compile(r"[+-]?\d*,\d*", re.ASCII)

DATED = Loop(many=tags("DTM"))
TAXED = Loop(many=tags("MOA LOC"))
LEVY = Loop(many=tags("ALI DTM QTY RNG PCD MOA RTE"), loops={"TAX": TAXED})
"""An allowance or charge (ALC)."""
PARTY = Loop(many=tags("LOC FII CTA COM"), loops={"RFF": DATED, "DOC": DATED})
TERMS = Loop(many=tags("DTM PCD MOA PAI FII"))
TRANSPORT = Loop(many=tags("PCD"), loops={"LOC": DATED})
DELIVERY = Loop(many=tags("LOC FTX"))
MARKING = Loop(many=tags("DTM GIN MEA QTY DLM"), loops={"RFF": DATED})
PACKING = Loop(many=tags("MEA QTY DTM SEL EQD RFF GIN"), loops={"PCI": MARKING})
PLACE = Loop(many=tags("QTY DTM NAD MEA"))
SCHEDULE = Loop(many=tags("FTX RFF"), loops={"QTY": DATED})
PRICE = Loop(many=tags("CUX APR RNG DTM"))
SUMMARY = Loop(many=tags("MOA CNT RFF"), loops={"TAX": TAXED, "ALC": LEVY})

HEADING = tags("DTM PAI ALI IMD FTX GIR MEA MOA CNT AUT")
HEADING_GROUPS: Mapping[str, Loop] = {
    "RFF": DATED, "NAD": PARTY, "TAX": TAXED, "CUX": DATED, "PAT": TERMS, "TDT": TRANSPORT, "TOD": DELIVERY, "PAC": PACKING,
    "ALC": LEVY, "SCC": SCHEDULE, "EQD": Loop(many=tags("MEA SEL HAN")), "UNS": SUMMARY,
}  # fmt: skip
LINE = Loop(
    many=tags("PIA IMD MEA QTY PCD ALI DTM MOA CUX GIN GIR QVR DOC PAI FTX EQD HAN DLM DGS STS"),
    loops={
        "PAT": TERMS, "PRI": PRICE, "RFF": DATED, "PAC": PACKING, "LOC": PLACE, "TAX": TAXED, "NAD": PARTY, "ALC": LEVY,
        "TDT": TRANSPORT, "TOD": DELIVERY, "SCC": SCHEDULE, "CCI": Loop(many=tags("CAV MEA")), "PCI": MARKING,
    },
)  # fmt: skip
PACKED_LINE = Loop(
    many=tags("PIA IMD MEA QTY ALI GIN GIR DLM DTM FTX MOA CUX DGS STS NAD TDT HAN"),
    loops={"RFF": DATED, "LOC": PLACE, "SGP": PLACE, "PCI": MARKING, "QVR": DATED},
)
PACKAGE = Loop(many=tags("FTX QTY"), loops={"PAC": PACKING, "LIN": PACKED_LINE})
"""A level of the packing of a despatch advice (CPS)."""
ONCE = tags("UNH UNT BGM")
MESSAGE_IN_ERROR = Loop(loops={"UCS": Loop(many=tags("UCD"))})


def _commercial(*required: str) -> Loop:
    return Loop(ONCE, HEADING, {**HEADING_GROUPS, "LIN": LINE}, required)


MESSAGES: Mapping[str, Loop] = {
    "ORDERS": _commercial("BGM", "LIN"),
    "ORDCHG": _commercial("BGM"),
    "ORDRSP": _commercial("BGM"),
    "INVOIC": _commercial("BGM", "LIN"),
    "DESADV": Loop(ONCE, HEADING, {**HEADING_GROUPS, "CPS": PACKAGE, "LIN": PACKED_LINE}, ("BGM",)),
    "CONTRL": Loop(
        tags("UNH UNT UCI"), loops={"UCM": MESSAGE_IN_ERROR, "UCF": Loop(loops={"UCM": MESSAGE_IN_ERROR})}, required=("UCI",)
    ),
}
"""Every message this hub reads, by its type."""


class MessageTree(LoopTree[Segment]):
    """A message as a tree."""

    missing = "E_EDIFACT_SEGMENT_MISSING"
    repeated = "E_EDIFACT_SEGMENT_REPEATED"

    def __init__(self, segments: Sequence[Segment], kind: str, reference: str) -> None:
        super().__init__(segments, MESSAGES[kind], reference)

    def content(self, segment: Segment) -> dict[str, Any]:
        return content_of(segment)

    def told(self, path: Path) -> Path:
        """A row of composites told as the segment it is in."""
        return path[: path.index("items")] if "items" in path else path


def content_of(segment: Segment) -> dict[str, Any]:
    """The elements of a segment as the tree has them."""
    content: dict[str, Any] = {}
    repeats: dict[str, Any] = {}
    elements = segment.elements
    for name, element in zip(element_names(len(elements) - 1), elements[1:], strict=True):
        first = element[0]
        if first[0]:
            content[name] = first[0]
        for place, component in enumerate(first[1:], start=2):
            if component:
                content[f"{name}_{place}"] = component
        if len(element) > 1:
            repeats[name] = [list(components) for components in element[1:]]
    for name in NUMBERS.get(segment.tag, ()) if content else ():
        if WITH_COMMA.fullmatch(content.get(name, "")):
            content[name] = content[name].replace(",", ".")
    if repeats:
        content["repeats"] = repeats
    if segment.tag in ITEMS:
        content["items"] = _items(elements[ITEMS[segment.tag] :])
    return content


def _items(elements: Sequence[tuple[tuple[str, ...], ...]]) -> list[dict[str, str]]:
    composites = [components for element in elements for components in element]
    rows = [{str(place): text for place, text in enumerate(components, start=1) if text} for components in composites]
    return [row for row in rows if row]
