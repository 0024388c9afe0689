"""What stock tells about an order: goods set aside become a request to the warehouse to ship them (domain R9)."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import cast

from canonical.amounts import ZERO
from canonical.documents.shipments import ShipmentLine, ShipmentRequested
from canonical.documents.stock import StockBackordered, StockReleased, StockReserved
from canonical.envelope import Message
from canonical.handling import Outcome
from handlers.order.books import Books, Order

BILL_ONLY = ("trunk_stock_bill_only", "implant_bill_only")
"""Kinds of orders whose goods lie with the buyer already: nothing is shipped."""
Reported = StockReserved | StockReleased | StockBackordered


def reserve(books: Books, message: Message) -> str | None:
    """stock.reserved: the warehouse is asked to ship the goods. A soft reservation is stock's own affair."""
    document = cast(StockReserved, message.document)
    order = books.orders.get(document.order_no)
    if order is None:
        return f"order:{document.order_no}"
    seq = str(document.seq)
    if document.soft or seq in order.facts.reserved:
        return None
    order.facts.reserved[seq] = {"at": document.location, "lines": _quantities(document)}
    order.change()
    ask_for_shipments(order, message, books.outcome)
    return None


def release(books: Books, message: Message) -> str | None:
    """stock.released: so much is no longer set aside."""
    document = cast(StockReleased, message.document)
    order = books.orders.get(document.order_no)
    if order is None:
        return f"order:{document.order_no}"
    if not document.soft and str(document.seq) not in order.facts.released:
        order.facts.released[str(document.seq)] = _quantities(document)
        order.change()
    return None


def ask_for_shipments(order: Order, cause: Message, outcome: Outcome) -> None:
    """Ask for what is set aside, still open, and was not asked for yet: one shipment per warehouse and reservation."""
    for seq, reservation in order.facts.reserved.items():
        if seq in order.facts.asked:
            continue
        order.facts.asked.append(seq)
        order.change()
        lines = () if order.document.kind in BILL_ONLY else tuple(_shipment_lines(order, reservation["lines"]))
        if lines:
            order.facts.requests += 1
            outcome.emit(_request(order, reservation["at"], lines), cause)


def _request(order: Order, location: str, lines: tuple[ShipmentLine, ...]) -> ShipmentRequested:
    document = order.document
    return ShipmentRequested(
        shipment_no=f"{order.order_no}-S{order.facts.requests}",
        order_no=order.order_no,
        origin=order.origin,
        warehouse=location,
        requested_delivery_date=document.requested_delivery_date,
        ship_to=document.ship_to,
        lines=lines,
    )


def _shipment_lines(order: Order, reserved: Mapping[str, str]) -> Iterable[ShipmentLine]:
    items = {line.line_no: line.item for line in order.document.lines}
    for line_no, qty in reserved.items():
        ledger = order.state.lines.get(line_no)
        if ledger is None or not ledger.open:
            continue
        asked = min(Decimal(qty), ledger.open)
        unserved = ledger.ordered - ledger.cancelled - set_aside(order, line_no)
        yield ShipmentLine(
            order_no=order.order_no,
            line_no=line_no,
            item=items[line_no],
            qty=asked,
            outstanding_qty=max(ZERO, min(ledger.open - asked, unserved)),
        )


def set_aside(order: Order, line_no: str) -> Decimal:
    """What stock ever set aside for a line, less what it let go."""
    given = sum((Decimal(r["lines"].get(line_no, ZERO)) for r in order.facts.reserved.values()), ZERO)
    return given - sum((Decimal(lines.get(line_no, ZERO)) for lines in order.facts.released.values()), ZERO)


def _quantities(document: Reported) -> dict[str, str]:
    return {line.line_no: str(line.qty) for line in document.lines}
