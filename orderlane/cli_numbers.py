"""Numbers as people type them."""

from decimal import Decimal, InvalidOperation

import typer

LARGEST = Decimal(10**12)
PLACES = 6


def number(text: str, what: str, *, hint: str | None = None) -> Decimal:
    """A number that the hub can keep: at most 10^12, at most six decimals. typer.BadParameter otherwise."""
    try:
        read = Decimal(text)
        if read.is_finite() and abs(read) <= LARGEST and read == round(read, PLACES):
            return read
    except InvalidOperation:
        pass
    raise typer.BadParameter(f"expected {what} of at most six decimals, found {text!r}", param_hint=hint)
