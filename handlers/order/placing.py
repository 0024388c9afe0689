"""A placed order: taken on and answered, or held until a person or a price list has decided."""

from typing import cast

from canonical.documents.orders import ConfirmedLine, OrderConfirmed, OrderPlaced, OrderResponse, ResponseLine
from canonical.envelope import Message
from canonical.handling import Outcome
from handlers.order import chain, recording
from handlers.order.books import Books, Order
from handlers.order.facts import Facts
from handlers.order.policies.base import Case


def place(books: Books, message: Message) -> str | None:
    """order.placed. An order number that is known already keeps its first document."""
    document = cast(OrderPlaced, message.document)
    if document.order_no in books.orders:
        return None
    order = Order(document.order_no, message.source, document, Facts(), placed_by=message)
    books.orders[order.order_no] = order
    books.outcome.arrived.add(f"order:{order.order_no}")
    case = Case(document, message.source, books.now, ship_date=books.now.date())
    chain.decide([case])
    recording.record(books, order, "confirm", message, case.decisions)
    if not order.state.holds:
        _confirm(order, message, books.outcome)
    return None


def _confirm(order: Order, cause: Message, outcome: Outcome) -> None:
    document = order.document
    outcome.emit(
        OrderConfirmed(
            order_no=order.order_no,
            origin=order.origin,
            channel=document.channel,
            priority=document.priority,
            allow_partial=document.allow_partial,
            requested_delivery_date=document.requested_delivery_date,
            ship_to=document.ship_to,
            lines=tuple(ConfirmedLine(line_no=line.line_no, item=line.item, qty=line.qty) for line in document.lines),
        ),
        cause,
    )
    if document.channel == "ecommerce":
        return  # a web shop knows no order response; it hears order.confirmed
    outcome.emit(
        OrderResponse(
            order_no=order.order_no,
            origin=order.origin,
            channel=document.channel,
            code="AP",
            price_date=document.price_date,
            sold_to=document.sold_to,
            currency=document.currency,
            lines=tuple(
                ResponseLine(line_no=line.line_no, code="accepted", qty=line.qty, item=line.item, unit_price=line.unit_price)
                for line in document.lines
            ),
        ),
        cause,
    )
