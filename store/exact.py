"""Exact numbers as the database keeps them: quantities in millionths, money in minor units."""

from decimal import Decimal

from canonical.amounts import from_minor, to_minor
from canonical.known import remembered

__all__ = ["from_micro_units", "from_minor", "micro_units", "to_micro_units", "to_minor"]

MILLIONTH = Decimal("0.000001")


def to_micro_units(quantity: Decimal) -> int:
    """Millionths of a quantity. ValueError for more than six decimal places."""
    micro = quantity / MILLIONTH
    if micro != micro.to_integral_value():
        raise ValueError(f"{quantity} has more than six decimal places")
    return int(micro)


@remembered
def micro_units(written: str) -> int:
    """Millionths of a quantity as documents write it; few are written again and again. ValueError as above."""
    return to_micro_units(Decimal(written))


@remembered
def from_micro_units(micro: int) -> Decimal:
    """The quantity, without trailing zeros: 10, 2.5."""
    whole, rest = divmod(micro, 1_000_000)
    return Decimal(whole) if rest == 0 else (Decimal(micro) * MILLIONTH).normalize()
