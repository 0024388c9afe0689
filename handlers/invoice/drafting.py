"""An invoice for what one shipment carries of one order (domain R9): a pure function of the order and what was billed."""

from calendar import monthrange
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal

from canonical.amounts import ZERO
from canonical.documents.finance import InvoiceIssued, InvoiceLine, InvoiceTotals
from canonical.documents.orders import OrderPlaced
from canonical.documents.shipments import ShipmentDispatched
from handlers.worth import Worth, rate_of

NET_DAYS = 30
"""Days to pay where the order names no terms."""


def invoice_no(dispatched: ShipmentDispatched, order_no: str) -> str:
    """`INV-<shipment>`, with the order's number where a shipment carries several orders."""
    several = any(line.order_no != order_no for line in dispatched.lines)
    return f"{invoice_name(dispatched.shipment_no)}-{order_no}" if several else invoice_name(dispatched.shipment_no)


def invoice_name(shipment_no: str) -> str:
    """The number of a shipment's only invoice."""
    return f"INV-{shipment_no}"


def draft(
    order: OrderPlaced, worth: Worth, origin: str, dispatched: ShipmentDispatched, billed: Mapping[str, Decimal]
) -> InvoiceIssued | None:
    """The invoice for what the shipment adds to what was billed ({line_no: qty}); None when it adds nothing.

    More than was ordered is never billed.
    """
    ordered = {line.line_no: line.qty.value for line in order.lines}
    after = dict(billed)
    for sent in dispatched.lines:
        if sent.order_no == order.order_no and sent.line_no in ordered:
            after[sent.line_no] = min(after.get(sent.line_no, ZERO) + sent.qty, ordered[sent.line_no])
    part = worth.between(billed, after)
    if not part.nets:
        return None
    lines = tuple(
        InvoiceLine(
            order_no=order.order_no,
            line_no=line.line_no,
            item=line.item,
            description=line.description,
            qty=after[line.line_no] - billed.get(line.line_no, ZERO),
            uom=line.qty.uom,
            unit_price=line.unit_price or ZERO,
            net=part.nets[line.line_no],
            tax_rate_pct=rate_of(line),
        )
        for line in order.lines
        if line.line_no in part.nets
    )
    issued_on = dispatched.dispatched_at.date()
    return InvoiceIssued(
        invoice_no=invoice_no(dispatched, order.order_no),
        order_no=order.order_no,
        origin=origin,
        channel=order.channel,
        shipment_no=dispatched.shipment_no,
        issued_on=issued_on,
        due_on=due_on(order, issued_on),
        buyer=order.bill_to or order.sold_to,
        currency=order.currency,
        lines=lines,
        totals=InvoiceTotals(net=part.net, tax=part.tax, gross=part.gross),
    )


def due_on(order: OrderPlaced, issued_on: date) -> date:
    """The day the invoice is to be paid by the order's terms; 30 days net without any."""
    terms = order.payment_terms
    days = NET_DAYS if terms is None or terms.net_days is None else terms.net_days
    if terms is not None and terms.due_basis == "month_end":
        issued_on = issued_on.replace(day=monthrange(issued_on.year, issued_on.month)[1])
    return issued_on + timedelta(days=days)


def billed_quantities(invoices: Iterable[InvoiceIssued]) -> dict[str, Decimal]:
    """{line_no: quantity} that these invoices bill."""
    billed: dict[str, Decimal] = {}
    for invoice in invoices:
        for line in invoice.lines:
            billed[line.line_no] = billed.get(line.line_no, ZERO) + line.qty
    return billed
