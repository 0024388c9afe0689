"""What an order tells outside as its facts change: each milestone once, when it is first reached."""

from decimal import Decimal

from canonical.amounts import ZERO
from canonical.documents.order_answers import Milestone, OrderProgressed
from canonical.documents.order_changes import LineQty, OrderReduced
from canonical.envelope import Message
from canonical.handling import Outcome
from canonical.lean import lean
from handlers.order.books import Order, Shipment

order_reduced, line_qty = lean(OrderReduced), lean(LineQty)

order_progressed = lean(OrderProgressed)
SHIPMENT_MILESTONES: dict[str, Milestone] = {
    "picked_up": "in_transit",
    "in_transit": "in_transit",
    "transferred": "in_transit",
    "customs": "in_transit",
    "out_for_delivery": "in_transit",
    "attempted": "exception",
    "exception": "exception",
    "refused": "exception",
    "lost": "exception",
    "delivered": "delivered",
    "returned": "returned",
}
"""What a shipment's state means to the order; the others mean nothing new."""


def tell(
    order: Order,
    milestone: Milestone,
    cause: Message,
    outcome: Outcome,
    *,
    shipment: Shipment | None = None,
    invoice_no: str | None = None,
    seq: int = 0,
    reasons: tuple[str, ...] = (),
) -> None:
    """Send order.progressed, unless the order has told this milestone (of this shipment, invoice or number) before."""
    about = shipment.shipment_no if shipment is not None else invoice_no or str(seq or "")
    key = f"{milestone} {about}".rstrip()
    if key in order.facts.told:
        return
    order.facts.told.append(key)
    state = order.state
    outcome.emit(
        order_progressed(
            order_no=order.order_no,
            origin=order.origin,
            channel=order.document.channel,
            source_order_id=order.document.source_order_id,
            milestone=milestone,
            state=state.state,
            fulfilment=state.fulfilment,
            billing=state.billing,
            payment=state.payment,
            shipment_no=shipment.shipment_no if shipment is not None else None,
            tracking_nos=tuple(shipment.facts["tracking_nos"]) if shipment is not None else (),
            invoice_no=invoice_no,
            seq=seq,
            reasons=reasons,
        ),
        cause,
    )


def tell_shipment(order: Order, shipment: Shipment, cause: Message, outcome: Outcome) -> None:
    """The milestone a shipment's new state stands for."""
    milestone = SHIPMENT_MILESTONES.get(shipment.state)
    if milestone is not None:
        tell(order, milestone, cause, outcome, shipment=shipment, reasons=(shipment.state,) if milestone == "exception" else ())


def tell_money(order: Order, cause: Message, outcome: Outcome) -> None:
    """How far the order is paid, and whether that ends it."""
    if order.state.payment == "part":
        tell(order, "part_paid", cause, outcome)
    elif order.state.payment == "paid":
        tell(order, "paid", cause, outcome)
    if order.state.state == "closed":
        tell(order, "closed", cause, outcome)


def tell_reduction(order: Order, reason_code: str, cause: Message, outcome: Outcome) -> None:
    """What cancellations have newly taken off the order: to stock as order.reduced, to the channel as a milestone."""
    newly: dict[str, Decimal] = {}
    for line_no, line in order.state.lines.items():
        more = line.cancelled - Decimal(order.facts.reduced.get(line_no, ZERO))
        if more > 0:
            newly[line_no] = more
            order.facts.reduced[line_no] = str(line.cancelled)
    if not newly:
        return
    order.facts.reductions += 1
    outcome.emit(
        order_reduced(
            order_no=order.order_no,
            origin=order.origin,
            seq=order.facts.reductions,
            reason_code=reason_code,
            lines=tuple(line_qty(line_no=line_no, qty=qty) for line_no, qty in newly.items()),
        ),
        cause,
    )
    if order.state.state == "cancelled":
        tell(order, "cancelled", cause, outcome, reasons=(reason_code,))
    else:
        tell(order, "reduced", cause, outcome, seq=order.facts.reductions, reasons=(reason_code,))
