"""HIBC supplier labels (ANSI/HIBC 2.6): primary codes, secondary codes, and both in one.

    +LLLLPPPP1C                 primary: labeler (4), product (1 to 18), unit of measure (1), check character
    +$$MMYYLOT...LC             secondary: date, lot or serial; link character (the primary's check) and its own
    +LLLLPPPP1/$$MMYYLOT/S...C  both in one, with further fields behind slashes; one check character at the end

The check character is the sum of all characters modulo 43 and may be a blank or a slash, so nothing is trimmed at the end.
"""

import re
from datetime import date, timedelta
from decimal import Decimal

from canonical.problems import Problem, shown
from canonical.udi import Element, Udi, day_of, full_year, unread

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%"
PRIMARY = re.compile(r"(?P<labeler>[A-Z][A-Z0-9]{3})(?P<product>[A-Z0-9]{1,18})(?P<unit>[0-9])", re.ASCII)
QUANTITY = re.compile(r"8(\d{2})|9(\d{5})", re.ASCII)
DATES = (
    (re.compile(r"2(?P<month>\d\d)(?P<day>\d\d)(?P<year>\d\d)", re.ASCII), "MMDDYY"),
    (re.compile(r"3(?P<year>\d\d)(?P<month>\d\d)(?P<day>\d\d)", re.ASCII), "YYMMDD"),
    (re.compile(r"4(?P<year>\d\d)(?P<month>\d\d)(?P<day>\d\d)(?P<hour>\d\d)", re.ASCII), "YYMMDDHH"),
    (re.compile(r"5(?P<year>\d\d)(?P<julian>\d{3})", re.ASCII), "YYJJJ"),
    (re.compile(r"6(?P<year>\d\d)(?P<julian>\d{3})(?P<hour>\d\d)", re.ASCII), "YYJJJHH"),
    (re.compile(r"7"), "no date"),
    (re.compile(r"(?P<month>[01]\d)(?P<year>\d\d)", re.ASCII), "MMYY"),
)
"""What stands behind $$, by its first digit."""
JULIAN = re.compile(r"(?P<year>\d\d)(?P<julian>\d{3})", re.ASCII)
SUPPLEMENTS = {"S": "serial", "14D": "expiry", "16D": "mfg_date", "Q": "quantity", "L": "lot"}
"""Data identifiers of the further fields of a code."""


def check_character(text: str) -> str | None:
    """The check character of a code, from its + on; None where it holds a character that no code may."""
    if any(character not in ALPHABET for character in text):
        return None
    return ALPHABET[sum(ALPHABET.index(character) for character in text) % len(ALPHABET)]


def read_hibc(text: str) -> Udi:
    """The label of a HIBC code, with or without the asterisks that Code 39 puts around it."""
    code = text.strip("*")
    if len(code) < 3 or not code.startswith("+"):
        return unread("HIBCC", "expected a HIBC code, + before it", text)
    body, check = code[1:-1], code[-1]
    label = _Label()
    label.check("+" + body, check)
    first, *rest = body.split("/")
    if PRIMARY.fullmatch(first):
        label.primary(first)
    else:
        label.element("link", body[-1], "link character")
        rest = body[:-1].split("/")
    if rest:
        label.secondary(rest[0], text)
    for piece in rest[1:]:
        label.supplement(piece, text)
    return label.made()


class _Label:
    """Collects what a code says, field by field."""

    def __init__(self) -> None:
        self.udi_di: str | None = None
        self.found: dict[str, object] = {}
        self.elements: list[Element] = []
        self.problems: list[Problem] = []

    def made(self) -> Udi:
        return Udi("HIBCC", self.udi_di, elements=tuple(self.elements), problems=tuple(self.problems), **self.found)  # type: ignore[arg-type]

    def element(self, identifier: str, value: str, meaning: str) -> None:
        if value:
            self.elements.append(Element(identifier, value, meaning))

    def wrong(self, code: str, path: str, expected: str, value: str) -> None:
        self.problems.append(Problem(code, path, expected, shown(value)))

    def check(self, text: str, check: str) -> None:
        self.element("check", check, "check character")
        right = check_character(text)
        if right is None:
            self.wrong("E_UDI_CHECK", "check", f"expected only characters of {ALPHABET}", text)
        elif right != check:
            self.wrong("E_UDI_CHECK", "check", f"expected the check character {right!r}", check)

    def primary(self, piece: str) -> None:
        fields = PRIMARY.fullmatch(piece)
        assert fields is not None
        self.udi_di = piece
        self.element("labeler", fields["labeler"], "labeler identification code")
        self.element("product", fields["product"], "product or catalogue number")
        self.element("unit", fields["unit"], "unit of measure")

    def secondary(self, piece: str, text: str) -> None:
        """Lot or serial with what stands before it: $, $$ with quantity and date, $+, $$+, or a date of five digits."""
        dated = piece.startswith("$$")
        rest = piece.removeprefix("$$" if dated else "$")
        place = "serial" if rest.startswith("+") and piece.startswith("$") else "lot"
        rest = rest.removeprefix("+") if place == "serial" else rest
        if dated:
            rest = self.quantity(rest)
            rest = self.expiry(rest, text) if rest else rest
        elif not piece.startswith("$"):
            julian = JULIAN.match(piece)
            if julian is None:
                self.wrong("E_UDI_PARSE", "udi", "expected a primary code, or a secondary one with $ or a date before it", text)
                return
            self.date("date", "expiry", julian)
            rest = piece[julian.end() :]
        if rest:
            self.found.setdefault(place, rest)
            self.element("$+" if place == "serial" else "$", rest, place)

    def quantity(self, rest: str) -> str:
        found = QUANTITY.match(rest)
        if found is None:
            return rest
        digits = found[1] or found[2]
        self.found.setdefault("quantity", Decimal(digits))
        self.element(rest[0], digits, "quantity")
        return rest[found.end() :]

    def expiry(self, rest: str, text: str) -> str:
        """The date at the start of the rest; what stands behind it."""
        for form, name in DATES:
            if (found := form.match(rest)) is not None:
                if found.groupdict():
                    self.date(name, "expiry", found)
                return rest[found.end() :]
        self.wrong("E_UDI_PARSE", "udi", "expected a date behind $$", text)
        return rest

    def date(self, name: str, place: str, found: re.Match[str]) -> None:
        fields = found.groupdict()
        self.element(name, found[0], "expiry date")
        try:
            self.found.setdefault(place, _day(fields))
        except ValueError:
            self.wrong("E_DATE", name, f"expected a date as {name}", found[0])

    def supplement(self, piece: str, text: str) -> None:
        """A further field: its data identifier, its value."""
        identifier = next((one for one in SUPPLEMENTS if piece.startswith(one)), None)
        value = piece.removeprefix(identifier or "")
        if identifier is None or not value:
            self.wrong("E_UDI_PARSE", "udi", f"expected a field that begins with one of {', '.join(SUPPLEMENTS)}", text)
            return
        place = SUPPLEMENTS[identifier]
        self.element(identifier, value, place)
        if identifier.endswith("D"):
            self.long_date(identifier, place, value)
        elif place != "quantity":
            self.found.setdefault(place, value)
        elif value.isdecimal() and value.isascii():
            self.found.setdefault(place, Decimal(value))
        else:
            self.wrong("E_UDI_PARSE", identifier, "expected a whole number", value)

    def long_date(self, identifier: str, place: str, value: str) -> None:
        try:
            self.found.setdefault(place, day_of(*(int(part) for part in (value[:4], value[4:6], value[6:]))))
        except ValueError:
            self.wrong("E_DATE", identifier, "expected a date as YYYYMMDD", value)


def _day(fields: dict[str, str]) -> date:
    """The date of a form; one of month and year is the last day of the month."""
    year = full_year(int(fields["year"]))
    if "julian" not in fields:
        return day_of(year, int(fields["month"]), int(fields.get("day", 0)))
    day = date(year, 1, 1) + timedelta(days=int(fields["julian"]) - 1)
    if day.year != year:
        raise ValueError(fields["julian"])
    return day
