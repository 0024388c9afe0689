"""Trees as EDIFACT interchanges: the opposite of reading, with the counts and references of the trailers filled in.

The tree is that of one message as `edifact_loops` describes it, its segments in their order (UNH comes first wherever it stands),
"UNB" beside them; UNT and UNZ are made here. A list as an element's value is its components. "separators" may name others than
: + ? and '.

What the interchange's character set cannot say turns the whole interchange into UNOY, UTF-8: nothing is lost on the way.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from canonical.failures import Misconfigured
from mappings.codecs.edi_loops import ELEMENT
from mappings.codecs.edifact_segments import CHARACTER_SETS, Separators

ENVELOPE = frozenset(("UNB", "UNT", "UNZ", "separators"))
UNICODE = "UNOY"
UNICODE_VERSION = "4"
"""The first syntax version that knows UNOY."""


def written(tree: Mapping[str, Any]) -> bytes:
    """The interchange as bytes, one line a segment, with a UNA before it. Misconfigured where the separators are not usable."""
    separators = Separators(**{key: value for key, value in tree.get("separators", {}).items() if value is not None}).checked()
    header = dict(tree["UNB"])
    body = _text(_message(tree, separators), separators)
    syntax = header.get("01", "UNOC")
    if not _fits(body + _text([_row("UNB", header, separators)], separators), syntax):
        syntax, header["01"], header["01_2"] = UNICODE, UNICODE, UNICODE_VERSION
    whole = [_row("UNB", header, separators)]
    trailer = [_row("UNZ", {"01": "1", "02": header["05"]}, separators)]
    advice = "UNA" + "".join(
        (separators.component, separators.element, separators.decimal, separators.release or " ", separators.repetition or " ")
    )
    text = f"{advice}{separators.segment}\n{_text(whole, separators)}{body}{_text(trailer, separators)}"
    return text.encode(CHARACTER_SETS[syntax])


def _fits(text: str, syntax: str) -> bool:
    if syntax not in CHARACTER_SETS:
        raise Misconfigured(f"expected one of {', '.join(CHARACTER_SETS)} as character set: {syntax!r}")
    try:
        text.encode(CHARACTER_SETS[syntax])
    except UnicodeEncodeError:
        return False
    return True


def _text(rows: list[str], separators: Separators) -> str:
    return "".join(f"{row}{separators.segment}\n" for row in rows)


def _message(tree: Mapping[str, Any], separators: Separators) -> list[str]:
    ordered = {"UNH": tree["UNH"], **tree}
    rows = list(_segments({tag: value for tag, value in ordered.items() if tag not in ENVELOPE}, separators))
    return [*rows, _row("UNT", {"01": str(len(rows) + 1), "02": tree["UNH"]["01"]}, separators)]


def _segments(node: Mapping[str, Any], separators: Separators) -> Iterator[str]:
    """Every segment of a loop, in the order of the tree; a loop begins with the segment it is named after."""
    for tag, value in node.items():
        for item in value if isinstance(value, list) else [value]:
            if tag in item:
                yield from _segments({tag: item[tag], **item}, separators)
            else:
                yield _row(tag, item, separators)


def _row(tag: str, segment: Mapping[str, Any], separators: Separators) -> str:
    """The segment up to the last element that holds something."""
    elements: dict[int, dict[int, str]] = {}
    for name, value in segment.items():
        if not ELEMENT.fullmatch(name):
            continue
        number, _, place = name.partition("_")
        for offset, one in enumerate(value if isinstance(value, list) else [value]):
            if text := _component(one, separators):
                elements.setdefault(int(number), {})[int(place or 1) + offset] = text
    joined = (separators.component.join(_filled(elements.get(n, {}))) for n in range(1, max(elements, default=0) + 1))
    return separators.element.join((tag, *joined))


def _filled(parts: Mapping[int, str]) -> list[str]:
    return [parts.get(number, "") for number in range(1, max(parts, default=0) + 1)]


def _component(value: Any, separators: Separators) -> str:
    """The value as text that cannot be taken for structure: marks are released, or blanks where there is no release character."""
    if value is None:
        return ""
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    text = "".join(" " if ord(c) < 32 or 127 <= ord(c) < 160 else c for c in text).rstrip()
    marks = separators.used()
    return "".join((separators.release + c if separators.release else " ") if c in marks else c for c in text)
