"""EDIFACT below the envelopes (ISO 9735): characters, separators, and the segments one by one.

Bytes become text by the syntax identifier of the first UNB. Many senders write UTF-8 and say UNOC, so text that is valid UTF-8 with
characters beyond ASCII is read as that: by chance it does not happen. Line breaks are no data in EDIFACT and are dropped,
wherever a gateway has put them, unless one is the segment terminator.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from sys import intern
from typing import NamedTuple

from canonical.failures import Malformed, Misconfigured
from canonical.problems import Problem, shown

CHARACTER_SETS = {
    "UNOA": "ascii", "UNOB": "ascii", "UNOC": "iso-8859-1", "UNOD": "iso-8859-2", "UNOE": "iso-8859-5", "UNOF": "iso-8859-7",
    "UNOG": "iso-8859-3", "UNOH": "iso-8859-4", "UNOI": "iso-8859-6", "UNOJ": "iso-8859-8", "UNOK": "iso-8859-9",
    "UNOW": "utf-8", "UNOY": "utf-8",
}  # fmt: skip
"""Syntax identifier (0001) to encoding; any other is read as UTF-8, of which ASCII is a part."""
SYNTAX = re.compile(rb"UNB[^A-Za-z0-9\s]([A-Z]{4})")
PADDING = " \t\r\n\x00\x1a\ufeff"
HEADERS = ("UNB", "UNG", "UNH")
ADVICE, FARTHEST = "UNA", 37
"""Where another interchange may begin with its own marks: so many characters of padding behind a segment at most."""
QUOTES = "\u2018\u2019\u2032\u00b4\x91\x92"
"""What a word processor makes of an apostrophe."""
QUOTE_AS_TERMINATOR = re.compile(rf"[{QUOTES}](?=[A-Z]{{3}}[+:]|$)")
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1b]")
"""Control characters but tab, line breaks and the information separators, which some interchanges are written with."""


@dataclass(frozen=True, slots=True)
class Separators:
    """The characters an interchange is written with; `release` and `repetition` are empty where there is none."""

    component: str = ":"
    element: str = "+"
    decimal: str = "."
    release: str = "?"
    repetition: str = ""
    segment: str = "'"

    def used(self) -> list[str]:
        return [c for c in (self.component, self.element, self.release, self.repetition, self.segment) if c]

    def are_usable(self) -> bool:
        """Whether each serves one purpose and none could stand in a tag or a number."""
        used = self.used()
        return len(set(used)) == len(used) and all(len(c) == 1 and ord(c) < 128 and not c.isalnum() and c not in " -" for c in used)

    def checked(self) -> "Separators":
        """These separators; Misconfigured when they are not usable."""
        if not self.are_usable():
            raise Misconfigured(f"EDIFACT separators must be different marks, none a letter, digit, hyphen or blank: {self.used()}")
        return self


Element = tuple[tuple[str, ...], ...]
"""Its repetitions, mostly one, each with its components."""


class Segment(NamedTuple):
    """One segment as it is written, cut into its elements when somebody asks: a file of thousands of messages is held as text."""

    tag: str
    written: str
    separators: Separators

    @property
    def elements(self) -> tuple[Element, ...]:
        """The first holds the tag, `elements[4]` is element 04."""
        return _elements(self.written, self.separators)

    def text(self, element: int, component: int = 1) -> str:
        """A component of an element, both counted from 1; empty when the segment ends before it."""
        components = self._components(element)
        return components[component - 1] if component <= len(components) else ""

    def whole(self, element: int) -> str:
        """The components of an element as people write them, without empty ones at the end."""
        return ":".join(self._components(element)).rstrip(":")

    def _components(self, element: int) -> tuple[str, ...]:
        elements = self.elements
        return elements[element][0] if element < len(elements) else ()


def text_of(body: bytes) -> str:
    """The characters of a file; Malformed where a byte is none of the character set it names."""
    found = SYNTAX.search(body[:512])
    syntax = found[1].decode() if found else "UNOA"
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        text = _in_its_own_set(body, syntax, error.start)
    if (control := CONTROL.search(text.strip(PADDING))) is not None:
        raise _malformed("E_EDIFACT_CHARACTER", control.start(), "a text without control characters", ascii(control[0])[1:-1])
    return text


def _in_its_own_set(body: bytes, syntax: str, bad: int) -> str:
    encoding = CHARACTER_SETS.get(syntax, "utf-8")
    try:
        return body.decode(encoding)
    except UnicodeDecodeError as error:
        at = bad if encoding == "utf-8" else error.start
        raise _malformed("E_EDIFACT_CHARACTER", at, f"a character of {syntax}", f"byte {body[at]:#04x}") from error


def start_of_interchange(text: str, at: int) -> int | None:
    """Where the next interchange begins, None at the end of the file; Malformed where something else stands."""
    while at < len(text) and text[at] in PADDING:
        at += 1
    if at == len(text):
        return None
    if text[at : at + 3] not in ("UNA", *HEADERS):
        raise _malformed("E_EDIFACT_NO_UNB", at, "a UNA or UNB segment", text[at : at + 20])
    return at


def separators_at(text: str, at: int) -> tuple[Separators, int]:
    """The separators of the interchange that begins at `at`, and where its first segment does.

    UNA is followed by six characters; some senders leave out the fifth, which was reserved for long.
    """
    if text[at : at + 3] != "UNA":
        return Separators(), at
    for length in (6, 5):
        start = at + 3 + length
        begins = re.compile(r"[ \r\n\t]*(?=UN[BGH][^A-Za-z0-9])").match(text, start)
        if begins is not None:
            advice = text[at + 3 : start]
            repetition = advice[4] if length == 6 else " "
            component, mark, decimal, release = (character.strip(" ") for character in advice[:4])
            found = Separators(component, mark, decimal, release, repetition.strip(" "), advice[-1])
            if found.are_usable():
                return found, begins.end()
    if (other := re.compile(r"[ \r\n\t]*(?!UN[BGH])(?=[A-Z]{3}[^A-Za-z0-9])").match(text, at + 9)) is not None:
        raise _malformed("E_EDIFACT_NO_UNB", other.end(), "a UNB segment after UNA", text[other.end() : other.end() + 12])
    raise _malformed("E_EDIFACT_UNA", at, "six different marks after UNA and a UNB segment after them", text[at : at + 12])


def segments_from(text: str, start: int, separators: Separators, stop: int | None = None) -> Iterator[tuple[Segment, int]]:
    """The segments from `start` on, each with the offset behind its terminator; up to the next UNA, or to `stop`.

    The last segment needs no terminator. Malformed where a typographic quote stands for the terminator; in a stretch with a
    `stop`, which has been read before, that is not looked for again.
    """
    quoted = stop is None and separators.segment == "'" and any(quote in text for quote in QUOTES)
    breaks = [mark for mark in "\r\n" if mark in text and mark not in separators.used()]
    element, component = separators.element, separators.component
    at, advice = start, text.find(ADVICE, start)
    for end in _ends(text, start, separators, len(text) if stop is None else stop):
        content = text[at:end].lstrip(PADDING)
        at = end + 1
        if not content.rstrip(PADDING):
            continue
        if quoted and (quote := QUOTE_AS_TERMINATOR.search(content.rstrip(PADDING))):
            where = end - len(content) + quote.start()
            raise _malformed("E_EDIFACT_TERMINATOR", where, "the segment terminator ' and no typographic quote", quote[0])
        for mark in breaks:
            content = content.replace(mark, "")
        content = content.rstrip("\x00\x1a\t ")
        tag = content.partition(element)[0].partition(component)[0].rstrip(" ")
        yield Segment(intern(tag), content, separators), min(at, len(text))
        if advice < 0:
            continue
        if advice < at:
            advice = text.find(ADVICE, at)
        if at <= advice <= at + FARTHEST and not text[at:advice].strip(PADDING):
            return


def _ends(text: str, start: int, separators: Separators, stop: int) -> Iterator[int]:
    """The offsets of the segment terminators that are not released, and where the text ends or the reading stops."""
    if not separators.release or text.find(separators.release, start, stop) < 0:
        while (start := text.find(separators.segment, start, stop)) >= 0:
            yield start
            start += 1
        yield stop
        return
    release, segment = re.escape(separators.release), re.escape(separators.segment)
    pattern = re.compile(rf"{release}.|({segment})", re.DOTALL)
    for found in pattern.finditer(text, start, stop):
        if found[1]:
            yield found.start()
    yield stop


def _elements(content: str, separators: Separators) -> tuple[Element, ...]:
    release = separators.release if separators.release and separators.release in content else ""
    if not release and not separators.repetition:
        pieces = (element.split(separators.component) for element in content.split(separators.element))
        return tuple((tuple(component.rstrip(" ") for component in components),) for components in pieces)
    return tuple(
        tuple(
            tuple(_plain(component, release) for component in _split(repetition, separators.component, release))
            for repetition in _split(element, separators.repetition, release)
        )
        for element in _split(content, separators.element, release)
    )


def _split(text: str, separator: str, release: str) -> list[str]:
    """The text between separators that are not released; release characters stay."""
    if not separator:
        return [text]
    if not release or release not in text:
        return text.split(separator)
    pieces, begin = [], 0
    for found in re.finditer(rf"{re.escape(release)}.|({re.escape(separator)})", text, re.DOTALL):
        if found[1]:
            pieces.append(text[begin : found.start()])
            begin = found.end()
    return [*pieces, text[begin:]]


def _plain(component: str, release: str) -> str:
    """The component without release characters; blanks at its end are no data unless one is released."""
    if not release or release not in component:
        return component.rstrip(" ")
    return re.sub(rf"{re.escape(release)}(.?)", r"\1", component, flags=re.DOTALL).rstrip(" ")


def _malformed(code: str, at: int, expected: str, value: str) -> Malformed:
    return Malformed([Problem(code, f"character {at + 1}", f"expected {expected}", shown(value))])
