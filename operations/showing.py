"""Numbers as people read them: no needless zeros, money with the digits of its currency. What is kept stays as it was stated."""

from decimal import Decimal
from typing import Any

import orjson

from canonical.amounts import price_of

OF_LINES = ("unit_price", "line_amount", "net")
"""What a line of an order or invoice states in money."""


def quantity(value: Decimal) -> Decimal:
    """10, 2.5: without trailing zeros."""
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


def document(text: str, currency: str) -> dict[str, Any]:
    """An order or invoice with the prices of its lines as people write them."""
    body: dict[str, Any] = orjson.loads(text)
    for line in body.get("lines", ()):
        for name in OF_LINES:
            if line.get(name) is not None:
                line[name] = f"{price_of(Decimal(line[name]), currency):f}"
    return body
