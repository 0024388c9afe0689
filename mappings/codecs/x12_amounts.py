"""What the lines of an X12 order or invoice come to. A line is the PO1 or IT1 loop as `x12_loops` makes it; all is exact."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from canonical.amounts import ZERO, is_currency, rounded

Row = Mapping[str, Any]

PRICE_BASES = {"HP": Decimal(100), "TP": Decimal(1000)}
"""PO105 of prices that are for more than one unit: per hundred, per thousand."""
FREE_OF_CHARGE = "NC"
LARGEST = Decimal(10**12)
MOST_PLACES = 12
"""Beyond these nothing in an order is a number; they also bound the arithmetic."""
LONGEST_KNOWN = 24
DEFAULT_CURRENCY = "USD"
"""Whose minor unit counts where neither the document nor the endpoint names a known currency."""


def number(text: Any) -> Decimal | None:
    """The number, None for what is none: whoever needs it tells that with its own place."""
    return _known_number(text) if text.__class__ is str and len(text) <= LONGEST_KNOWN else _number(text)


@lru_cache(maxsize=8192)
def _known_number(text: str) -> Decimal | None:
    """The same for short texts, of which a document has many alike."""
    return _number(text)


def _number(text: Any) -> Decimal | None:
    try:
        found = Decimal(text)
    except (InvalidOperation, TypeError, ValueError):
        return None
    exponent = found.as_tuple().exponent
    fits = isinstance(exponent, int) and exponent >= -MOST_PLACES and abs(found) < LARGEST
    return found if fits else None


def known_currency(code: Any) -> str:
    return code if isinstance(code, str) and is_currency(code) else DEFAULT_CURRENCY


def goods_amount(line: Row) -> Decimal | None:
    """Quantity x price of a line, unrounded; None where it states no price."""
    ordered = line["PO1"] if "PO1" in line else line["IT1"]
    quantity, price, basis = number(ordered.get("02")), number(ordered.get("04")), str(ordered.get("05"))
    if price is None and basis == FREE_OF_CHARGE:
        price = ZERO
    if quantity is None or price is None:
        return None
    return quantity * price / PRICE_BASES[basis] if basis in PRICE_BASES else quantity * price


def line_amount(line: Row, currency: str) -> Decimal | None:
    """The amount of a line in the currency's minor unit: its goods, more its charges, less its allowances."""
    goods = goods_amount(line)
    if goods is None or "SAC" not in line:
        return None if goods is None else rounded(goods, currency)
    return rounded(goods, currency) + charges(line["SAC"]) - allowances(line["SAC"])


def lines_amount(lines: Sequence[Row], currency: str) -> Decimal | None:
    """The sum of the lines; None where one of them states no price."""
    found = [line_amount(line, currency) for line in lines]
    known = [amount for amount in found if amount is not None]
    return sum(known, ZERO) if known and len(known) == len(found) else None


def allowances(rows: Iterable[Row]) -> Decimal:
    return _sum(rows, "A")


def charges(rows: Iterable[Row]) -> Decimal:
    return _sum(rows, "C")


def _sum(rows: Iterable[Row], indicator: str) -> Decimal:
    """SAC05 of the rows with this SAC01; two decimals are implied."""
    cents = (number(row.get("05")) or ZERO for row in rows if row.get("01") == indicator)
    return sum(cents, ZERO).scaleb(-2)


def taxes(tree: Row) -> Decimal:
    """TXI02 of the set and of its lines; where both come to the same, the set only repeats what its lines say."""
    lines = [*tree.get("PO1", ()), *tree.get("IT1", ())]
    whole = sum((number(row.get("02")) or ZERO for row in tree.get("TXI", ())), ZERO)
    parts = sum((number(row.get("02")) or ZERO for line in lines for row in line.get("TXI", ())), ZERO)
    return whole if whole == parts else whole + parts
