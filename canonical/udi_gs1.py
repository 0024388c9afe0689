"""GS1 element strings: raw with FNC1 between fields of variable length, and in brackets as people read them.

The application identifiers and their forms come from biip; the walk is our own, because biip gives up a whole label for one bad
date, and loses no word over a lot that swallowed the fields behind it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from biip import ParseConfig, ParseError
from biip.gs1_element_strings import GS1ElementString

from canonical.problems import Problem, shown
from canonical.udi import Element, Udi, day_of, full_year, unread

FNC1 = "\x1d"
WRITTEN_FNC1 = re.compile(r"[<{\[](?:GS|FNC1)[>}\]]|\u241d|\|", re.IGNORECASE)
"""How people and scanners write FNC1; none of these marks can be data (GS1 character set 82)."""
CARET = "^"
BRACKETED = re.compile(r"(?<!\\)\((\d{2,4})\)")
ANY_DATE = ParseConfig(gs1_element_strings_verify_date=False)
"""Dates are checked here, so that a wrong one is flagged and not fatal."""
DATES = ("11", "12", "13", "15", "16", "17", "7003", "8008")
PLACES = {"01": "di", "10": "lot", "21": "serial"}
DAYS = {"17": "expiry", "7003": "expiry", "11": "mfg_date", "8008": "mfg_date"}
QUANTITIES = ("30", "37")
SWALLOWED = re.compile(r".+(?:1[1-7]\d{6}|21[!-z]+)")
"""A lot that looks as if FNC1 was left out behind it: a date, or a serial number, at its end."""
CHECKED = {
    "253": slice(0, 13), "255": slice(0, 13), "402": slice(0, 17), "8003": slice(1, 14), "8017": slice(0, 18), "8018": slice(0, 18),
}  # fmt: skip
"""Where a value of these identifiers has its check digit at the end; biip looks after GTIN, SSCC and GLN."""
OPEN_ENDED = ("10", "21")


@dataclass(frozen=True, slots=True)
class Read:
    """The elements up to where reading ended; `rest` is what is no element, empty where all was read."""

    elements: list[GS1ElementString]
    problems: list[Problem]
    rest: str = ""


def read_gs1(text: str) -> Udi:
    """The label of an element string, in brackets or raw."""
    plain = WRITTEN_FNC1.sub(FNC1, text)
    if not plain.isascii():
        return unread("GS1", "expected only characters of ASCII", text)
    read = _bracketed(text.strip()) if plain.lstrip().startswith("(") else _raw(plain)
    found = _label(read)
    if read.rest or not read.elements:
        expected = "expected GS1 application identifiers, each with a value of its form"
        return unread("GS1", expected, read.rest or text, found)
    return found


def _raw(text: str) -> Read:
    rest = text.strip(" ")
    rest = (rest.replace(CARET, FNC1) if rest.startswith(CARET) else rest).lstrip(FNC1)
    elements: list[GS1ElementString] = []
    problems: list[Problem] = []
    while rest:
        try:
            element = GS1ElementString.extract(rest, config=ANY_DATE)
        except ParseError:
            return Read(elements, problems, rest)
        elements.append(element)
        rest = rest[len(element) :]
        if element.ai.separator_required and rest and not rest.startswith(FNC1):
            return Read(elements[:-1], problems, f"{element.ai.ai}{element.value}{rest}")
        if not rest and element.ai.ai in OPEN_ENDED and SWALLOWED.fullmatch(element.value):
            problems.append(_swallowed(element))
        rest = rest.lstrip(FNC1)
    return Read(elements, problems)


def _swallowed(element: GS1ElementString) -> Problem:
    expected = "expected a separator (FNC1) behind this field: another one seems to stand in it"
    return Problem("W_UDI_SEPARATOR", f"({element.ai.ai})", expected, element.value)


def _bracketed(text: str) -> Read:
    """Fields in brackets; a bracket that is data has a backslash before it."""
    elements: list[GS1ElementString] = []
    marks = list(BRACKETED.finditer(text))
    if not marks or marks[0].start() > 0:
        return Read([], [], text)
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        value = text[mark.end() : following.start() if following else len(text)].strip().replace("\\(", "(")
        try:
            elements.append(_one(mark[1], value))
        except ParseError:
            return Read(elements, [], text[mark.start() :])
    return Read(elements, [])


def _one(identifier: str, value: str) -> GS1ElementString:
    """The element of an identifier and its whole value. ParseError where they do not go together."""
    element = GS1ElementString.extract(identifier + value, config=ANY_DATE)
    if element.ai.ai != identifier or element.value != value:
        raise ParseError(f"({identifier}) has another form")
    return element


def _label(read: Read) -> Udi:
    found: dict[str, object] = {}
    problems = [*read.problems]
    for element in read.elements:
        identifier = element.ai.ai
        if not element.value:
            problems.append(Problem("E_UDI_PARSE", f"({identifier})", "expected a value"))
            continue
        problems += _check_problems(element)
        if identifier in PLACES:
            found.setdefault(PLACES[identifier], element.value)
        elif identifier in QUANTITIES:
            found.setdefault("quantity", Decimal(element.value))
        if identifier in DATES:
            problems += _day(element, found)
    elements = tuple(Element(one.ai.ai, one.value, one.ai.data_title) for one in read.elements)
    return Udi("GS1", elements=elements, problems=tuple(problems), **found)  # type: ignore[arg-type]


def _check_problems(element: GS1ElementString) -> Iterator[Problem]:
    path = f"({element.ai.ai})"
    if element.gtin_error is not None:
        yield Problem("E_GTIN_CHECK", path, "expected a GTIN with a right check digit", element.value)
    checked = CHECKED.get(element.ai.ai)
    is_wrong = checked is not None and not has_check_digit(element.value[checked])
    if is_wrong or element.sscc_error is not None or element.gln_error is not None:
        yield Problem("E_UDI_CHECK", path, "expected a right check digit", element.value)


def has_check_digit(digits: str) -> bool:
    """Whether the last digit is the check digit of those before it (weights 3 and 1 from the right)."""
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(digits)))
    return total % 10 == 0


def _day(element: GS1ElementString, found: dict[str, object]) -> Iterator[Problem]:
    """The day of an element, YYMMDD with or without a time, into its place; a problem where there is no such day."""
    digits = element.value
    try:
        day = day_of(full_year(int(digits[:2])), int(digits[2:4]), int(digits[4:6]))
    except ValueError:
        yield Problem("E_DATE", f"({element.ai.ai})", "expected a date as YYMMDD, day 00 for the end of the month", shown(digits))
        return
    if element.ai.ai in DAYS:
        found.setdefault(DAYS[element.ai.ai], day)
