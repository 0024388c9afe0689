"""Trees as X12 interchanges: the opposite of reading, with the counts and control numbers of the trailers filled in.

The tree is that of one transaction set as `x12_loops` describes it, its segments in their order (ST comes first wherever it
stands), "ISA" and "GS" beside them; for an interchange of several sets, or with TA1 segments,
{"ISA": ..., "TA1": [...], "GS": ..., "sets": [set, set]}. SE, GE and IEA are made here and ignored where a tree brings them.
"separators" may name others than * ~ > and ^.

X12 has no escape: a character of a value that would be read as a separator, and every control character, is written as a blank.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from canonical.failures import Misconfigured
from mappings.codecs.x12_segments import FIRST_VERSION_WITH_REPETITION, Separators

NO_REPETITION = "U"
"""ISA11 before version 00402: the standard's own control standards identifier."""
ISA_WIDTHS = (2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1)
ISA_DEFAULTS = {"01": "00", "03": "00", "12": "00401", "14": "0", "15": "P"}
ENVELOPE = frozenset(("ISA", "TA1", "GS", "GE", "IEA", "SE", "sets", "separators"))


def written(tree: Mapping[str, Any]) -> bytes:
    """The interchange as bytes, one line a segment. Misconfigured where an id or control number does not fit its field."""
    separators = _separators(tree)
    sets = tree.get("sets", [tree])
    rows = [list(_isa(tree["ISA"], separators))]
    rows += [row for _, row in _segments({"TA1": tree.get("TA1", [])}, separators)]
    if sets:
        rows += _group(tree["GS"], sets, separators)
    rows.append(["IEA", "1" if sets else "0", rows[0][13]])
    return "".join(separators.element.join(row) + separators.segment + "\n" for row in rows).encode()


def _separators(tree: Mapping[str, Any]) -> Separators:
    isa = tree["ISA"]
    repeats = isa.get("12", ISA_DEFAULTS["12"]) >= FIRST_VERSION_WITH_REPETITION
    given = {"repetition": "^" if repeats else "", **tree.get("separators", {})}
    return Separators(**given).checked()


def _isa(isa: Mapping[str, Any], separators: Separators) -> Iterator[str]:
    """Tag and sixteen elements at their fixed widths."""
    given = {**ISA_DEFAULTS, **isa, "11": separators.repetition or NO_REPETITION, "16": separators.component}
    yield "ISA"
    for number, width in enumerate(ISA_WIDTHS, start=1):
        name = f"{number:02d}"
        text = str(given.get(name, "")) if number in {11, 16} else _clean(given.get(name, ""), separators)
        text = text.rjust(width, "0") if number == 13 else text.ljust(width)
        if len(text) != width:
            raise Misconfigured(f"ISA{name} must fit {width} characters: {text!r}")
        yield text


def _group(gs: Mapping[str, Any], sets: list[Mapping[str, Any]], separators: Separators) -> list[list[str]]:
    header = _row("GS", gs, separators)
    rows = [header]
    for transaction_set in sets:
        ordered = {"ST": transaction_set["ST"], **transaction_set}
        body = [row for tag, row in _segments(ordered, separators) if tag not in ENVELOPE]
        rows += [*body, ["SE", str(len(body) + 1), body[0][2]]]
    return [*rows, ["GE", str(len(sets)), header[6]]]


def _segments(node: Mapping[str, Any], separators: Separators) -> Iterator[tuple[str, list[str]]]:
    """Tag and row of every segment of a loop, in the order of the tree; a loop begins with the segment it is named after."""
    for tag, value in node.items():
        if tag in {"separators", "sets"}:
            continue
        for item in value if isinstance(value, list) else [value]:
            if tag in item:
                yield from _segments({tag: item[tag], **item}, separators)
            else:
                yield tag, _row(tag, item, separators)


def _row(tag: str, segment: Mapping[str, Any], separators: Separators) -> list[str]:
    """Tag and elements up to the last one that holds something."""
    elements = {int(name): _element(value, separators) for name, value in segment.items() if name.isdecimal()}
    filled = {number: text for number, text in elements.items() if text}
    return [tag, *(filled.get(number, "") for number in range(1, max(filled, default=0) + 1))]


def _element(value: Any, separators: Separators) -> str:
    if isinstance(value, list):
        joint = separators.component or " "
        return joint.join(_clean(part, separators) for part in value).rstrip(joint)
    return _clean(value, separators)


def _clean(value: Any, separators: Separators) -> str:
    """The value as text that cannot be taken for structure. Decimals in plain notation, None as nothing."""
    if value is None:
        return ""
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    reserved = {separators.element, separators.segment, separators.component, separators.repetition}
    return "".join(" " if c in reserved or ord(c) < 32 or c == "\x85" else c for c in text).rstrip()
