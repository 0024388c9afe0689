"""What follows from the document in force of an order alone: worked out once for as long as the document is remembered."""

from collections.abc import Mapping
from decimal import Decimal

import msgspec

from canonical.amounts import ZERO, rounded, to_minor
from canonical.documents.orders import OrderLine, OrderPlaced
from handlers.worth import Worth, billed, priced


class Terms(msgspec.Struct, frozen=True):
    """A document and what it says. lines: by number. priced: whether every line has a price, or needs none. payable: what all of it
    is worth, None without a price; in_minor: that in minor units."""

    document: OrderPlaced
    lines: Mapping[str, OrderLine]
    priced: bool
    payable: Decimal | None
    in_minor: int | None


def terms_of(document: OrderPlaced) -> Terms:
    """The terms of a document."""
    is_priced = priced(document)
    payable = _payable(document) if is_priced else None
    in_minor = None if payable is None else to_minor(payable, document.currency)
    return Terms(document, {line.line_no: line for line in document.lines}, is_priced, payable, in_minor)


def _payable(order: OrderPlaced) -> Decimal:
    if not billed(order):
        return ZERO
    if order.totals is not None:
        return rounded(order.totals.payable, order.currency)
    return Worth(order).between({}, {line.line_no: line.qty.value for line in order.lines}).gross
