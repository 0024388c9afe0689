"""Mapping functions for EDIFACT: its dates, items, units and parties, what a message comes to, and the acknowledgement."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from textwrap import wrap
from typing import Any

from stdnum import ean

from canonical.documents.acknowledgements import InterchangeReceived
from mappings.codecs import edifact_amounts as amounts
from mappings.codecs.edifact_acknowledge import control_message
from mappings.codecs.edifact_items import item_ids, substitutes
from mappings.codecs.edifact_units import FROM_EDIFACT, TO_EDIFACT
from mappings.codecs.x12_amounts import known_currency
from mappings.failing import Unfit
from mappings.functions_edifact_dates import end_of, start_of
from mappings.reading import part, rows

Row = Mapping[str, Any]
TEXT_LINE, TEXT_LINES = 70, 5
"""FTX: components of one segment and their length, in the narrowest version."""


def edifact_date(dtm: Any) -> date | None:
    """The day of a DTM; the first one of a period."""
    found = start_of(part(dtm))
    return None if found is None else found.date()


def edifact_end(dtm: Any) -> date | None:
    """The last day of a DTM that is a period, the day of any other."""
    found = end_of(part(dtm))
    return None if found is None else found.date()


def edifact_instant(dtm: Any, *, zone: str | None) -> datetime | None:
    """The date and time of a DTM in its own zone, else in the endpoint's; midnight where it names only a day."""
    return start_of(part(dtm), zone=zone, aware=True)


def edifact_clock(dtm: Any, *, zone: str | None) -> datetime | None:
    """The date and time of a DTM that names a time of day; nothing for a mere date."""
    return edifact_instant(dtm, zone=zone) if len(part(dtm).get("01_2", "")) > len("YYYYMMDD") else None


def edifact_revision(tree: Any) -> int | None:
    """The number of a change of an order, larger for a later one: the version the message names, else its date and time, to the
    minute; a date without a time is completed by that of the interchange."""
    message = part(tree)
    named = part(message.get("BGM")).get("02_3", "") or part(message.get("BGM")).get("02_2", "")
    if named.isdecimal() and len(named) <= 9:
        return int(named)
    dtm = next((row for row in rows(message.get("DTM")) if row.get("01") == "137"), None)
    when = None if dtm is None else start_of(dtm)
    if when is None:
        return None
    clock = part(message.get("UNB")).get("04_2", "")
    if len(part(dtm).get("01_2", "")) <= len("YYYYMMDD") and len(clock) == len("HHMM") and clock.isdecimal():
        return int(f"{when:%Y%m%d}{clock}")
    return int(f"{when:%Y%m%d%H%M}")


def edifact_unit(code: str, aliases: Any = None) -> str:
    """The unit of UN/ECE Recommendation 20, packages of 21 with their X, behind a sender's code; the endpoint's `units` first."""
    own = part(aliases).get(code)
    if own is not None:
        return str(own)
    if code in FROM_EDIFACT:
        return FROM_EDIFACT[code]
    raise Unfit("E_UOM", "expected a unit of UN/ECE Recommendation 20, or an alias in the endpoint's `units`", code)


def edifact_unit_out(code: str, aliases: Any = None) -> str:
    """The code a partner knows a unit by: the endpoint's own, else that of code list 6411; other codes stay."""
    own = next((theirs for theirs, ours in part(aliases).items() if ours == code), None)
    return str(own) if own is not None else TO_EDIFACT.get(code, code)


def edifact_items(line: Any) -> dict[str, Any]:
    """How a line names its item: sku, gtin, mpn, buyer, others by their scheme, and any one of them as `item`."""
    return item_ids(part(line))


def edifact_substitutes(line: Any) -> str | None:
    """The number of the item that stands in for the one of the line (PIA with 3 or 4)."""
    return substitutes(part(line))


def edifact_gln(number: str) -> str | None:
    """The number where it is a GLN: 13 digits with a right check digit."""
    return number if len(number) == 13 and ean.is_valid(number) else None


def edifact_texts(segments: Any, element: str) -> str | None:
    """The free texts of segments, all components of an element: `03` of IMD from its fourth on, `04` of FTX."""
    first = 4 if element == "03" else 1
    names = [element if place == 1 else f"{element}_{place}" for place in range(first, 6)]
    found = [row[name].strip() for row in rows(segments) for name in names if row.get(name)]
    return " ".join(found) or None


def edifact_references(groups: list[Any], *kinds: str) -> list[str] | None:
    """The numbers of every RFF of these kinds, each once, in the order in which they stand."""
    found = [group["RFF"].get("01_2") for group in groups if group["RFF"].get("01") in kinds]
    return list(dict.fromkeys(number for number in found if number)) or None


def edifact_communication(segments: Any, kind: str) -> str | None:
    """The number or address of COM segments, by its kind (TE, EM)."""
    composites = [item for row in rows(segments) for item in row.get("items", ())]
    return next((item.get("1") for item in composites if item.get("2") == kind), None)


def edifact_price(line: Any, currency: str | None) -> Decimal | None:
    """The unit price of a line that its amount and its allowances go with."""
    row = part(line)
    return amounts.unit_price(row, known_currency(currency)) if amounts.is_priced(row) else None


def edifact_price_base(line: Any) -> Decimal | None:
    """How many units the price of a line is for; missing without a price."""
    price = amounts.price_of(part(line))
    return None if price is None else amounts.price_base(price)


def edifact_line_amount(line: Any, currency: str | None) -> Decimal | None:
    row = part(line)
    return amounts.line_amount(row, known_currency(currency)) if amounts.is_priced(row) else None


def edifact_lines_amount(lines: Any, currency: str | None) -> Decimal | None:
    return amounts.lines_amount(rows(lines), known_currency(currency))


def edifact_levies(line: Any, kind: str, currency: str | None) -> list[dict[str, Any]] | None:
    """The allowances (A) or charges (C) that a line's amount has beside quantity x price."""
    row = part(line)
    if "ALC" not in row:
        return None
    return [one for one in amounts.levies(row, known_currency(currency)) if one["kind"] == kind] or None


def edifact_document_levies(tree: Any, kind: str, currency: str | None) -> list[dict[str, Any]] | None:
    """The allowances (A) or charges (C) of the message as a whole."""
    return [one for one in amounts.document_levies(part(tree), known_currency(currency)) if one["kind"] == kind] or None


def edifact_tax_totals(tree: Any, currency: str | None) -> list[dict[str, Any]] | None:
    """Category, rate, base and amount of every tax of the message."""
    return amounts.tax_totals(part(tree), known_currency(currency)) or None


def edifact_tax(tree: Any, currency: str | None) -> Decimal:
    """All taxes of the message."""
    return amounts.tax_amount(part(tree), known_currency(currency))


def edifact_contrl(received: Mapping[str, Any]) -> dict[str, Any]:
    """The UCI of an `interchange.received` and what stands below it."""
    return control_message(InterchangeReceived.model_validate(received))


def edifact_wrapped(value: str, width: int | None) -> list[str]:
    """A text in components of at most `width` characters, parted between words; blanks put it together again."""
    return wrap(value, width or TEXT_LINE)


def edifact_free_texts(values: list[Any]) -> list[list[str]]:
    """Texts as FTX segments take them: each from a segment of its own on, five components of 70 characters to a segment."""
    found = [edifact_wrapped(str(value), TEXT_LINE) for value in values]
    return [lines[at : at + TEXT_LINES] for lines in found for at in range(0, len(lines), TEXT_LINES)]
