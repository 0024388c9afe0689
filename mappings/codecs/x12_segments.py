"""X12 below the envelopes: which separators an interchange uses, and its segments one by one.

The ISA segment says how everything after it is written: the element separator follows `ISA`, ISA16 is the component
separator and the character after it ends every segment. In a well-formed ISA these stand at offsets 3, 104 and 105. Published
interchanges exist whose ids are padded one character short, so the fields are counted instead; both agree where the
widths are right, and every field that is not padded must have its exact width, so a cut-off ISA never passes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from canonical.failures import Malformed, Misconfigured
from canonical.problems import Problem, shown

ISA_FIELDS = tuple(
    re.compile(pattern, re.DOTALL)
    for pattern in (
        r".{2}", r".{0,10}", r".{2}", r".{0,10}", r".{2}", r".{0,15}", r".{2}", r".{0,15}",
        r"\d{6}", r"\d{4}", r".", r"\d{5}", r"\d{1,9}", r"[0-3]", r"[A-Za-z]",
    )
)  # fmt: skip
"""What ISA01 to ISA15 look like: codes have an exact width, ids and control numbers may lack their padding."""
LONGEST_ISA = 120
FIRST_VERSION_WITH_REPETITION = "00402"
NO_REPETITION = frozenset("-.,/:")
"""Marks that stand in ISA11 of partners who go on writing them in ids and postcodes."""
PADDING = "\x00\x1a \t\r\n"


@dataclass(frozen=True, slots=True)
class Separators:
    """The characters an interchange is written with; `component` and `repetition` are empty where there is none."""

    element: str = "*"
    segment: str = "~"
    component: str = ">"
    repetition: str = ""

    def checked(self) -> "Separators":
        """These separators; Misconfigured when one is a letter, a digit or a blank, or serves two purposes."""
        used = [c for c in (self.element, self.segment, self.component, self.repetition) if c]
        if len(set(used)) < len(used) or any(len(c) != 1 or c.isalnum() or c == " " for c in used):
            raise Misconfigured(f"X12 separators must be different single characters, none a letter, digit or blank: {used}")
        return self


class Segment(NamedTuple):
    """One segment: `elements[0]` is the tag, `elements[4]` element 04; `offset` counts characters from the start of the file."""

    elements: tuple[str, ...]
    offset: int

    @property
    def tag(self) -> str:
        return self.elements[0]

    def element(self, number: int) -> str:
        """Element `number` (1 is the first after the tag); empty when the segment ends before it."""
        return self.elements[number] if number < len(self.elements) else ""


def text_of(body: bytes) -> str:
    """The characters of a file: UTF-8 where it is that, Latin-1 otherwise (a terminator of 0x85 is no UTF-8).

    Malformed where a NUL stands among them; as padding at the end it is left to the reader.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = body.decode("latin-1")
    nul = text.find("\x00", 0, len(text.rstrip(PADDING)))
    if nul >= 0:
        raise Malformed([Problem("E_X12_CHARACTER", f"character {nul + 1}", "expected no NUL character")])
    return text


def separators_at(text: str, start: int) -> Separators:
    """The separators of the interchange that begins at `start`; Malformed where its ISA is cut off or not an ISA."""
    element = text[start + 3 : start + 4]
    if element == "" or element.isalnum() or element == " ":
        raise _bad_isa(start, "an ISA segment whose fourth character separates its elements", text)
    fields = text[start + 4 : start + LONGEST_ISA].split(element, 15)
    for number, (field, form) in enumerate(zip(fields, ISA_FIELDS, strict=False), start=1):
        if not form.fullmatch(field):
            raise _bad_isa(start, f"ISA{number:02d} in its fixed width", text, field)
    component, terminator = _ending(fields, start, text)
    if len({element, component, terminator}) < 3:
        raise _bad_isa(start, "three different separators in the ISA", text)
    if terminator in "".join(fields[:15]):
        raise _bad_isa(start, "an ISA without its own segment terminator inside", text)
    return Separators(element, terminator, _usable(component), _repetition(fields))


def _ending(fields: list[str], start: int, text: str) -> tuple[str, str]:
    """ISA16 and the terminator after it; blanks between the two are padding."""
    if len(fields) < 16:
        raise _bad_isa(start, "an ISA of 16 elements", text)
    component, terminator = fields[15][:1], fields[15][1:].lstrip(" ")[:1]
    if terminator == "" or terminator.isalnum():
        raise _bad_isa(start, "ISA16 and a segment terminator after it", text)
    return component, terminator


def _repetition(fields: list[str]) -> str:
    return "" if fields[11] < FIRST_VERSION_WITH_REPETITION or fields[10] in NO_REPETITION else _usable(fields[10])


def _usable(separator: str) -> str:
    return "" if separator.isalnum() or separator == " " else separator


def _bad_isa(start: int, expected: str, text: str, value: str | None = None) -> Malformed:
    found = value if value is not None else text[start : start + 20]
    return Malformed([Problem("E_X12_ISA", f"character {start + 1}", f"expected {expected}", shown(found))])


def contents_from(text: str, start: int, separators: Separators, stop: int | None = None) -> Iterator[tuple[str, int, int]]:
    """What stands between terminators from `start` to `stop` (default: the end of the text): the text of each segment, its
    offset and the offset behind its terminator. Blank ones are left out.

    Line breaks and blanks before a segment are no data. The last segment needs no terminator.
    """
    at, last = start, len(text) if stop is None else stop
    while at < last:
        end = text.find(separators.segment, at, last)
        end = last if end < 0 else end
        piece = text[at:end]
        content = piece.lstrip(PADDING + "\x85")
        if content.rstrip(PADDING):
            yield content, at + len(piece) - len(content), min(end + 1, last)
        at = end + 1


def segment_of(content: str, offset: int, separators: Separators) -> Segment:
    """The elements of a segment's text; blanks after an element are no data."""
    return Segment(tuple(element.rstrip(PADDING) for element in content.split(separators.element)), offset)


def segments_from(text: str, start: int, separators: Separators, stop: int | None = None) -> Iterator[Segment]:
    """The segments from `start` on, see `contents_from`."""
    for content, offset, _ in contents_from(text, start, separators, stop):
        yield segment_of(content, offset, separators)


def start_of_interchange(text: str, at: int) -> int | None:
    """Where the next interchange begins, None at the end of the file; Malformed where something else stands."""
    while at < len(text) and text[at] in PADDING + "\x85\ufeff":
        at += 1
    if at == len(text):
        return None
    if text[at : at + 3] != "ISA":
        raise Malformed([Problem("E_X12_NO_ISA", f"character {at + 1}", "expected an ISA segment", shown(text[at : at + 20]))])
    return at
