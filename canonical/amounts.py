"""Exact arithmetic on money: rounding, minor units, spreading an amount (domain invariants I10 to I13)."""

from collections.abc import Callable, Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from functools import cache

from moneyed import CURRENCIES

from canonical.known import remembered

ZERO = Decimal(0)
exact: Callable[[str], Decimal] = remembered(Decimal)
"""The number a text states. Quantities are few different ones, and to read one takes longer than to find it."""


@cache
def minor_digits(currency: str) -> int:
    """Decimal places of an ISO 4217 currency: 2 for EUR, 0 for JPY, 3 for KWD. KeyError for an unknown code."""
    return len(str(CURRENCIES[currency].sub_unit)) - 1


@cache
def minor_unit(currency: str) -> Decimal:
    """The smallest amount of a currency: 0.01 EUR, 1 JPY."""
    return Decimal(1).scaleb(-minor_digits(currency))


def is_currency(code: str) -> bool:
    return code in CURRENCIES


def rounded(amount: Decimal, currency: str) -> Decimal:
    """The amount at the currency's minor unit, half up (I10)."""
    return amount.quantize(minor_unit(currency), ROUND_HALF_UP)


def price_of(amount: Decimal, currency: str) -> Decimal:
    """The price as people write it: with the digits of its currency, with more only where they are needed.

    >>> [str(price_of(Decimal(text), "EUR")) for text in ("9984.000000", "12.345600", "7")]
    ['9984.00', '12.3456', '7.00']
    """
    least = rounded(amount, currency)
    return least if least == amount else amount.normalize()


def to_minor(amount: Decimal, currency: str) -> int:
    """The amount in minor units. ValueError when it has more places than the currency."""
    minor = amount.scaleb(minor_digits(currency))
    whole = int(minor)
    if minor != whole:
        raise ValueError(f"{amount} has more places than {currency} allows")
    return whole


def from_minor(minor: int, currency: str) -> Decimal:
    return Decimal(minor).scaleb(-minor_digits(currency))


def spread(amount: Decimal, weights: Sequence[Decimal], currency: str) -> list[Decimal]:
    """The amount in parts proportional to the weights, summing to it exactly; largest remainders get the rest (I13).

    >>> spread(Decimal("100.00"), [Decimal(1)] * 3, "EUR")
    [Decimal('33.34'), Decimal('33.33'), Decimal('33.33')]
    """
    total = sum(weights, ZERO)
    if not weights or total == 0:
        raise ValueError("an amount cannot be spread over nothing")
    unit = Decimal(1).scaleb(-minor_digits(currency))
    exact = [amount * weight / total for weight in weights]
    parts = [share.quantize(unit, ROUND_DOWN) for share in exact]
    missing = amount - sum(parts, ZERO)
    step = unit if missing >= 0 else -unit
    by_remainder = sorted(range(len(parts)), key=lambda i: (-abs(exact[i] - parts[i]), i))
    for i in by_remainder[: int(abs(missing) / unit)]:
        parts[i] += step
    return parts
