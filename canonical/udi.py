"""What a device's barcode says: GS1 element strings, raw or in brackets, and HIBC, as one value.

A wrong check digit or an impossible date does not make the rest of a label worthless: it is flagged with its code, and what was
read is kept. Only `E_UDI_PARSE` means that something could not be read at all.
"""

import calendar
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal

from canonical.problems import Problem

SYMBOLOGY = re.compile(r"\][A-Za-z][0-9A-Za-z]")
"""What a scanner puts before a code to tell its kind of symbol: ]d2, ]C1, ]Q3 (ISO/IEC 15424)."""
YEARS_AHEAD = 50
UNREAD = "E_UDI_PARSE"


@dataclass(frozen=True, slots=True)
class Element:
    """One field of a label: `identifier` (a GS1 application identifier, a HIBC flag), its value as it stands there, what it is."""

    identifier: str
    value: str
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Udi:
    """A label as read. agency: GS1, HIBCC or MA. di: the device identifier, for GS1 a GTIN-14. problems: what is wrong with it,
    paths name the element. Everything else is the production identifier as far as the label has it."""

    agency: str
    di: str | None = None
    lot: str | None = None
    serial: str | None = None
    expiry: date | None = None
    mfg_date: date | None = None
    quantity: Decimal | None = None
    elements: tuple[Element, ...] = ()
    problems: tuple[Problem, ...] = field(default=())

    @property
    def gtin(self) -> str | None:
        return self.di if self.agency == "GS1" else None

    @property
    def is_readable(self) -> bool:
        """Whether all of the label could be read; its check digits and dates may be wrong all the same."""
        return all(problem.code != UNREAD for problem in self.problems)


def without_prefix(text: str) -> str:
    """A scan without line breaks and symbology identifier; blanks may be data."""
    bare = text.strip("\r\n")
    return bare[3:] if SYMBOLOGY.match(bare) else bare


def unread(agency: str, expected: str, value: str, known: "Udi | None" = None) -> Udi:
    """A label that could not be read, or not from `value` on."""
    problem = Problem(UNREAD, "udi", expected, value[:200])
    if known is None:
        return Udi(agency, problems=(problem,))
    return Udi(known.agency, known.di, known.lot, known.serial, known.expiry, known.mfg_date, known.quantity, known.elements,
               (*known.problems, problem))  # fmt: skip


def full_year(two_digits: int, today: date | None = None) -> int:
    """The year of two digits, from 49 years ago to 50 ahead (GS1 General Specifications 7.12)."""
    now = (today or datetime.now(UTC).date()).year
    year = now - now % 100 + two_digits
    return year - 100 if year - now > YEARS_AHEAD else year + 100 if now - year >= YEARS_AHEAD else year


def day_of(year: int, month: int, day: int) -> date:
    """The date; day 0 is the last of its month. ValueError where there is no such day."""
    if not 1 <= month <= 12:
        raise ValueError(f"no month {month}")
    return date(year, month, day or calendar.monthrange(year, month)[1])
