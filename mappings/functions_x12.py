"""Mapping functions for X12: what an order comes to, its dates, control numbers, and the acknowledgements."""

import hashlib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from canonical.documents.acknowledgements import InterchangeReceived
from mappings.codecs import x12_amounts
from mappings.codecs.x12_acknowledge import functional_acknowledgements, interchange_acknowledgement
from mappings.functions_time import date_in
from mappings.reading import part, rows


def x12_date(value: str) -> date | None:
    """CCYYMMDD, or YYMMDD as versions before 004010 have it."""
    return date_in(value, "YYMMDD" if len(value.strip()) == 6 else "YYYYMMDD")


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
    """A 997 for each group of an `interchange.received`."""
    return functional_acknowledgements(InterchangeReceived.model_validate(received))


def x12_interchange_acknowledgement(received: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The TA1 of an `interchange.received` where one is due."""
    return interchange_acknowledgement(InterchangeReceived.model_validate(received))


def x12_position(lines: list[Any], line: Any) -> str | None:
    """Which of the lines this one is, counted from 1: the number of a line that has none."""
    return next((str(number) for number, one in enumerate(lines, start=1) if one is line), None)
