"""Mapping functions for tables: numbers and dates of cells, and what the lines of an order come to."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from canonical.amounts import ZERO, is_currency, rounded
from mappings.coercing import as_date, as_instant
from mappings.failing import Unfit
from mappings.functions_time import start_of_day
from mappings.reading import part, rows

HUNDRED = Decimal(100)
DEFAULT_CURRENCY = "USD"
"""Whose minor unit counts where no known currency is named; the document is refused for that anyway."""


def table_number(value: Any) -> Decimal | None:
    """A number that the codec has read; a text is one that it could not."""
    if isinstance(value, Decimal):
        return value
    message = "expected a number; where 1,234 may mean two numbers, `decimal` set for the endpoint"
    raise Unfit("E_TABLE_NUMBER", message, value)


def table_date(value: Any) -> date | None:
    """A date that the codec has read; a text is one that it could not."""
    if isinstance(value, date):
        return as_date(value)
    message = "expected a date; where 03/04/2026 may mean two days, `day_first` or `date_format` set for the endpoint"
    raise Unfit("E_TABLE_DATE", message, value)


def table_instant(value: Any, *, zone: str | None) -> datetime | None:
    """A date, midnight in the endpoint's zone, or a date and time."""
    return start_of_day(value, zone=zone) if value.__class__ is date else as_instant(value, zone)


def table_discount(row: Any, currency: str | None) -> Decimal | None:
    """The money off a line: as stated, or the percentage of its goods."""
    line = part(row)
    return _discount(line, _goods(line), currency)


def _discount(line: Mapping[str, Any], goods: Decimal | None, currency: str | None) -> Decimal | None:
    stated, percent = _number(line, "discount"), _number(line, "discount_pct")
    if stated is not None or percent is None or goods is None:
        return stated
    return rounded(goods * percent / HUNDRED, _known(currency))


def table_amount(row: Any, currency: str | None) -> Decimal | None:
    """What a line comes to: as stated, else quantity x price less its discount; nothing without a price."""
    line = part(row)
    stated = _number(line, "line_amount_gross") if _is_gross(line) else _number(line, "line_amount")
    if stated is not None:
        return stated
    goods = _goods(line)
    return None if goods is None else rounded(goods, _known(currency)) - (_discount(line, goods, currency) or ZERO)


def table_is_gross(row: Any) -> bool:
    """Whether a line's price contains its tax."""
    return _is_gross(part(row))


def table_sums(tree: Any, currency: str | None) -> dict[str, Decimal] | None:
    """The totals of an order, made of its lines; nothing where one of them has no amount."""
    lines = [part(row) for row in rows(part(tree).get("rows"))]
    amounts = [table_amount(line, currency) for line in lines]
    known = [amount for amount in amounts if amount is not None]
    if not known or len(known) < len(amounts):
        return None
    freight = _number(part(tree), "freight") or ZERO
    goods, tax = sum(known, ZERO), sum((_tax(line, amount, currency) for line, amount in zip(lines, known, strict=True)), ZERO)
    inclusive = goods + freight if any(_is_gross(line) for line in lines) else goods + freight + tax
    return {"lines": goods, "charges": freight, "tax": tax, "tax_inclusive": inclusive, "tax_exclusive": inclusive - tax}


def _tax(line: Mapping[str, Any], amount: Decimal, currency: str | None) -> Decimal:
    rate = (table_tax_rate(line["tax_pct"]) if isinstance(line.get("tax_pct"), Decimal) else None) or ZERO
    if not rate:
        return ZERO
    base = HUNDRED + rate if _is_gross(line) else HUNDRED
    return rounded(amount * rate / base, _known(currency)) if base > 0 else ZERO


def table_tax_rate(value: Any) -> Decimal | None:
    """A tax rate in percent; one below 1 is a share, 0.13 for 13 %: no tax is that low."""
    found = table_number(value)
    return found * HUNDRED if found is not None and 0 < found < 1 else found


def _goods(line: Mapping[str, Any]) -> Decimal | None:
    price, quantity = _number(line, "unit_price_gross" if _is_gross(line) else "unit_price"), _number(line, "qty")
    if price is None or quantity is None or "price_base" not in line:
        return None if price is None or quantity is None else quantity * price
    base = _number(line, "price_base") or Decimal(1)
    return None if base <= 0 else quantity * price / base


def _is_gross(line: Mapping[str, Any]) -> bool:
    """A line that has only a price with tax; one that has both is read by its net price."""
    net = "unit_price" in line or "line_amount" in line
    return not net and ("unit_price_gross" in line or "line_amount_gross" in line)


def _number(line: Mapping[str, Any], name: str) -> Decimal | None:
    value = line.get(name)
    return value if isinstance(value, Decimal) else None


def _known(currency: str | None) -> str:
    return currency if currency is not None and is_currency(currency) else DEFAULT_CURRENCY
