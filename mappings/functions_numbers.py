"""Mapping functions on numbers: exact Decimal arithmetic only."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from math import prod
from typing import Any

from canonical.amounts import ZERO, is_currency, minor_digits
from mappings.coercing import as_decimal
from mappings.failing import Unfit
from mappings.reading import part


def decimal(value: Decimal) -> Decimal:
    return value


def whole(value: int) -> int:
    return value


def truth(value: bool) -> bool:
    return value


def positive(value: Decimal) -> bool:
    return value > ZERO


def negative(value: Decimal) -> bool:
    return value < ZERO


def plus(*values: Decimal | None) -> Decimal | None:
    """The sum of the filled values; nothing when none is filled."""
    filled = [value for value in values if value is not None]
    return sum(filled, ZERO) if filled else None


def minus(value: Decimal, *others: Decimal | None) -> Decimal:
    """The value less the others; a missing one takes nothing away."""
    for other in others:
        if other is not None:
            value -= other
    return value


def times(value: Decimal, factor: Decimal | None) -> Decimal | None:
    return None if factor is None else value * factor


def divided_by(value: Decimal, divisor: Decimal | None) -> Decimal | None:
    """The quotient; nothing for a missing divisor, Unfit for zero."""
    if divisor is None:
        return None
    if not divisor:
        raise Unfit("E_SCHEMA", "expected a divisor other than zero", divisor)
    return value / divisor


def absolute(value: Decimal) -> Decimal:
    return abs(value)


def negate(value: Decimal) -> Decimal:
    return -value


def total(values: list[Any]) -> Decimal:
    """The sum of the filled rows; zero for an empty list."""
    result = ZERO
    for value in values:
        number = value if value.__class__ is Decimal else as_decimal(value)
        if number is not None:
            result += number
    return result


def round_half_up(value: Decimal, digits: int | None) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-(digits or 0)), ROUND_HALF_UP)


def most_places(value: Decimal, digits: int | None) -> Decimal:
    """The value as it is, rounded only where it has more decimal places."""
    return round_half_up(value, digits) if places(value) > (digits or 0) else value


def places(value: Decimal) -> int:
    """How many decimal places the number is written with."""
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def implied_decimals(value: str, digits: int | None) -> Decimal | None:
    """A number written without its decimal point: "12345" with 2 is 123.45 (X12 type N2). A written point counts."""
    number = as_decimal(value)
    return number if number is None or "." in value else number.scaleb(-(digits or 0))


def to_implied_decimals(value: Decimal, digits: int | None) -> str:
    """The number without its decimal point; Unfit where digits would be lost."""
    scaled = value.scaleb(digits or 0)
    if scaled != scaled.to_integral_value():
        raise Unfit("E_SCHEMA", f"expected at most {digits} decimal places", value)
    return str(int(scaled))


def minor_units(
    value: int, currency: str | None, table: str | None = None, *, tables: Mapping[str, Mapping[str, Any]]
) -> Decimal | None:
    """An amount in the currency's minor units as a number. `table` names the currencies that this partner counts otherwise."""
    if currency is None:
        return None
    code = currency.upper()
    digits = tables[table].get(code) if table is not None else None
    return Decimal(value).scaleb(-(_digits(code, currency) if digits is None else int(digits)))


def to_minor_units(value: Decimal, currency: str | None) -> int | None:
    if currency is None:
        return None
    return int(to_implied_decimals(value, _digits(currency.upper(), currency)))


def _digits(code: str, written: str) -> int:
    if not is_currency(code):
        raise Unfit("E_CURRENCY", "expected an ISO 4217 currency code", written)
    return minor_digits(code)


def percent_of(value: Decimal, base: Decimal | None) -> Decimal | None:
    """The value in percent of a base, with four decimals at most; nothing of a base of zero."""
    if not base:
        return None
    return (value / base * 100).quantize(Decimal("0.0001"), ROUND_HALF_UP).normalize() + ZERO


def positives(values: list[Any]) -> list[Decimal]:
    """The numbers above zero of a list."""
    return [number for value in values if (number := as_decimal(value)) is not None and number > 0]


def negatives(values: list[Any]) -> list[Decimal]:
    """The numbers below zero of a list."""
    return [number for value in values if (number := as_decimal(value)) is not None and number < 0]


def sum_products(values: list[Any], *paths: str | None) -> Decimal:
    """The sum over the rows of a list of the product of what stands at dotted paths; a row without one of them adds nothing."""
    result = ZERO
    for value in values:
        factors = [as_decimal(_at(value, path)) for path in paths if path is not None]
        if None not in factors:
            result += prod(factor for factor in factors if factor is not None)
    return result


def _at(value: Any, path: str) -> Any:
    for name in path.split("."):
        value = part(value).get(name)
    return value
