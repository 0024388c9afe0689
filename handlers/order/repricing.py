"""A change of what was billed already: no invoice is altered, further documents correct it, and that is told (domain 2.3)."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from canonical.amounts import ZERO
from canonical.documents.orders import OrderLine, OrderPlaced
from handlers.order.ledger import Ledger
from handlers.order.policies.base import Decision
from handlers.order.policies.quoting import plain

PRICE_BILLED = "O_PRICE_BILLED"
TEXT = "billed already: no invoice is altered, a credit note takes off what is too much, a supplementary one bills what lacks"


def billed_otherwise(before: OrderPlaced, now: OrderPlaced, lines: Mapping[str, Ledger]) -> Iterator[Decision]:
    """The lines that were billed, in part or whole, at another price, discount or tax than they have now."""
    known = {line.line_no: line for line in before.lines}
    spread = _of_all(before) != _of_all(now)
    for line in now.lines:
        old, billed = known.get(line.line_no), lines[line.line_no].invoiced
        if old is not None and billed and (spread or _worth(old) != _worth(line)):
            inputs = {"billed": plain(billed), "before": _price(old), "now": _price(line)}
            yield Decision("change", "pass", PRICE_BILLED, line.line_no, TEXT, inputs)


def _worth(line: OrderLine) -> tuple[Any, ...]:
    price = None if line.unit_price is None else line.unit_price / line.price_base_qty
    each = [sum((one.amount for one in some), ZERO) / line.qty.value for some in (line.allowances, line.charges)]
    return (price, line.tax.rate_pct if line.tax else ZERO, *each, line.free_of_charge)


def _of_all(document: OrderPlaced) -> tuple[Decimal, Decimal]:
    """What is taken off and put on the order as a whole, and so on every line."""
    return sum((one.amount for one in document.doc_allowances), ZERO), sum((one.amount for one in document.doc_charges), ZERO)


def _price(line: OrderLine) -> str | None:
    return None if line.unit_price is None else plain(line.unit_price / line.price_base_qty)
