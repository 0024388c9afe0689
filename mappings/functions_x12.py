"""Mapping functions for X12: what an order comes to, its dates, control numbers, and the acknowledgements."""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from canonical.documents.acknowledgements import InterchangeReceived
from mappings.codecs import x12_amounts
from mappings.codecs.x12_acknowledge import (
    IMPLEMENTATION,
    functional_acknowledgements,
    implements,
    interchange_acknowledgement,
)
from mappings.functions_time import at_time, date_in
from mappings.reading import part, rows
from mappings.remembering import Remembered

TIME_CODES: Mapping[str, str] = {
    "UT": "UTC", "GM": "UTC",
    "NT": "America/St_Johns", "TT": "America/Halifax", "ET": "America/New_York", "CT": "America/Chicago", "MT": "America/Denver",
    "PT": "America/Los_Angeles", "AT": "America/Anchorage", "HT": "Pacific/Honolulu",
    "TS": "Etc/GMT+4", "TD": "Etc/GMT+3", "ES": "Etc/GMT+5", "ED": "Etc/GMT+4", "CS": "Etc/GMT+6", "CD": "Etc/GMT+5",
    "MS": "Etc/GMT+7", "MD": "Etc/GMT+6", "PS": "Etc/GMT+8", "PD": "Etc/GMT+7", "AS": "Etc/GMT+9", "AD": "Etc/GMT+8",
    "HS": "Etc/GMT+10", "HD": "Etc/GMT+9",
}  # fmt: skip
"""Data element 623: UTC, North American zones as they are, in standard (S) and in daylight time (D). LT is the sender's own."""


def x12_date(value: str) -> date | None:
    """CCYYMMDD, or YYMMDD as versions before 004010 have it."""
    return date_in(value, "YYMMDD" if len(value.strip()) == 6 else "YYYYMMDD")


def x12_instant(value: str, clock: str | None = None, code: str | None = None, *, zone: str | None) -> datetime | None:
    """A date with a time (HHMM, HHMMSS, HHMMSSDD; midnight without one) in the zone of a time code (element 623), else the
    endpoint's."""
    day = x12_date(value)
    if day is None:
        return None
    hours = (clock or "")[:6] or "0000"
    return at_time(day, hours, zone=_zone_of(code) or zone)


def _zone_of(code: str | None) -> str | None:
    """The zone of a time code: a name, or hours before and after UTC as 01 to 12 and, backwards, 13 to 24."""
    if code is None or not code.isdecimal():
        return TIME_CODES.get(code or "")
    number = int(code)
    hours = number if number <= 12 else number - 25
    return f"Etc/GMT{-hours:+d}" if 1 <= number <= 24 else None


def x12_line_amount(line: Any, currency: str | None) -> Decimal | None:
    """What a PO1 loop comes to, rounded half up in the currency; nothing without a price."""
    return x12_amounts.line_amount(part(line), x12_amounts.known_currency(currency))


def x12_lines_amount(lines: list[Any], currency: str | None) -> Decimal | None:
    """What all PO1 loops come to; nothing where one of them has no price."""
    return x12_amounts.lines_amount(lines, x12_amounts.known_currency(currency))


def x12_allowances(segments: Any) -> Decimal:
    return x12_amounts.allowances(rows(segments))


def x12_charges(segments: Any) -> Decimal:
    return x12_amounts.charges(rows(segments))


def x12_taxes(tree: Any) -> Decimal:
    return x12_amounts.taxes(part(tree))


def control_number(value: str, width: int | None) -> str:
    """A number of `width` digits made of a text, never zero: the same text always gives the same number."""
    highest = 10 ** (width or 9) - 1
    made = int.from_bytes(hashlib.sha256(value.encode()).digest()[:8]) % highest + 1
    return str(made).zfill(width or 9)


def x12_acknowledgements(received: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A 997 or 999 for each group of an `interchange.received`."""
    return functional_acknowledgements(InterchangeReceived.model_validate(received))


def x12_acknowledging_version(received: Mapping[str, Any]) -> str | None:
    """The version (GS08) of the acknowledgement of an `interchange.received`; nothing without a group."""
    document = InterchangeReceived.model_validate(received)
    if implements(document):
        return IMPLEMENTATION.implementation
    return document.groups[0].version if document.groups else None


def x12_interchange_acknowledgement(received: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The TA1 of an `interchange.received` where one is due."""
    return interchange_acknowledgement(InterchangeReceived.model_validate(received))


_POSITIONS: Remembered[dict[int, int]] = Remembered(lambda lines: {id(one): number for number, one in enumerate(lines, start=1)})


def x12_position(lines: list[Any], line: Any) -> str | None:
    """Which of the lines this one is, counted from 1: the number of a line that has none."""
    number = _POSITIONS.of(lines).get(id(line))
    return None if number is None else str(number)
