"""An invoice for what one shipment carries of one order (domain R9): a pure function of the order and what was billed."""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal

from canonical.amounts import ZERO
from canonical.documents.finance import InvoiceIssued, InvoiceLine, InvoiceTotals
from canonical.documents.orders import OrderLine, OrderPlaced
from canonical.documents.shipments import ShipmentDispatched
from canonical.lean import lean
from handlers.worth import Worth, rate_of

invoice_issued, invoice_totals, invoice_line = lean(InvoiceIssued), lean(InvoiceTotals), lean(InvoiceLine)

NET_DAYS = 30
"""Days to pay where the order names no terms."""


def invoice_no(dispatched: ShipmentDispatched, order_no: str) -> str:
    """`INV-<shipment>`, with the order's number where a shipment carries several orders."""
    several = any(line.order_no != order_no for line in dispatched.lines)
    return f"{invoice_name(dispatched.shipment_no)}-{order_no}" if several else invoice_name(dispatched.shipment_no)


def invoice_name(shipment_no: str) -> str:
    """The number of a shipment's only invoice."""
    return f"INV-{shipment_no}"


def part_no(first: str, part: int) -> str:
    """The number of one invoice of a shipment: further ones bill what the order covered only after the goods had left."""
    return f"{first}-A{part}" if part else first


def unbilled(dispatched: ShipmentDispatched, order_no: str, billed: Iterable[InvoiceIssued]) -> dict[str, Decimal]:
    """{line_no: quantity} that the shipment carries of the order beyond what its own invoices bill."""
    left: dict[str, Decimal] = {}
    for sent in dispatched.lines:
        if sent.order_no == order_no:
            left[sent.line_no] = left.get(sent.line_no, ZERO) + sent.qty
    done = billed_quantities(billed)
    left = {line_no: qty - done.get(line_no, ZERO) for line_no, qty in left.items()}
    return {line_no: qty for line_no, qty in left.items() if qty > 0}


def draft(
    order: OrderPlaced,
    worth: Worth,
    origin: str,
    dispatched: ShipmentDispatched,
    before: Sequence[InvoiceIssued],
    mine: Sequence[InvoiceIssued] = (),
) -> InvoiceIssued | None:
    """The invoice for what the shipment adds to what was billed before; None when it adds nothing. More than was ordered is never
    billed. mine: those of the shipment itself; what they bill is not billed again.
    """
    ordered = {line.line_no: line.qty.value for line in order.lines}
    billed = billed_quantities(before)
    after = dict(billed)
    for line_no, qty in unbilled(dispatched, order.order_no, mine).items():
        if line_no in ordered:
            done = after.get(line_no, ZERO)
            after[line_no] = max(done, min(done + qty, ordered[line_no]))
    part = worth.between(billed, after)
    if not part.nets:
        return None
    issued_on = dispatched.dispatched_at.date()
    return invoice_issued(
        invoice_no=part_no(invoice_no(dispatched, order.order_no), len(mine)),
        order_no=order.order_no,
        origin=origin,
        channel=order.channel,
        shipment_no=dispatched.shipment_no,
        issued_on=issued_on,
        due_on=due_on(order, issued_on),
        buyer=order.bill_to or order.sold_to,
        currency=order.currency,
        lines=tuple(
            _line(order, line, after[line.line_no] - billed.get(line.line_no, ZERO), part.nets[line.line_no], dispatched)
            for line in order.lines
            if line.line_no in part.nets
        ),
        totals=invoice_totals(net=part.net, tax=part.tax, gross=part.gross),
    )


def _line(order: OrderPlaced, line: OrderLine, qty: Decimal, net: Decimal, dispatched: ShipmentDispatched) -> InvoiceLine:
    sent = [one for one in dispatched.lines if (one.order_no, one.line_no) == (order.order_no, line.line_no)]
    return invoice_line(
        order_no=order.order_no,
        line_no=line.line_no,
        item=line.item,
        sku=line.sku,
        gtin=line.gtin,
        mpn=line.mpn,
        buyer_item_id=line.buyer_item_id,
        description=line.description,
        qty=qty,
        uom=line.qty.uom,
        unit_price=line.unit_price or ZERO,
        price_base_qty=line.price_base_qty,
        net=net,
        tax_rate_pct=rate_of(line),
        lots=tuple(lot for one in sent for lot in one.lots),
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
