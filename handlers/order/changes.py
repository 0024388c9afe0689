"""What happens to a placed order: each message becomes a fact, then the order says what is new.

Every function gives the token the message has to wait for, or None when it is dealt with.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, cast

from canonical.amounts import ZERO
from canonical.documents.order_answers import Milestone
from canonical.documents.shipments import DeliveryConfirmed, ShipmentDispatched, ShipmentTracking
from canonical.envelope import Message
from handlers.order import cancelling, changing, exceeding, whereabouts
from handlers.order.books import Books, Order, Shipment
from handlers.order.progress import tell, tell_money, tell_shipment
from handlers.order.shipment import delivered_quantities, shipment_state
from store.database import to_micros


def dispatch(books: Books, message: Message) -> str | None:
    """shipment.dispatched: counts as shipped on every order it names; all of them must be known."""
    document = cast(ShipmentDispatched, message.document)
    for line in document.lines:
        if line.order_no not in books.orders:
            return f"order:{line.order_no}"
    if document.shipment_no not in books.shipments:
        shipment = _shipment_of(document)
        books.shipments[shipment.shipment_no] = shipment
        for tracking_no in document.tracking_nos:
            books.by_tracking.setdefault(tracking_no, []).append(shipment.shipment_no)
        books.outcome.arrived.update({f"shipment:{shipment.shipment_no}", *(f"tracking:{no}" for no in document.tracking_nos)})
        for order in _enter_shipment(books, shipment):
            changing.weigh(books, order, message)
            milestone: Milestone = "part_shipped" if any(line.open for line in order.state.lines.values()) else "shipped"
            tell(order, milestone, message, books.outcome, shipment=shipment)
            cancelling.ask_back(order, message, books.outcome)
            tell_money(order, message, books.outcome)
            exceeding.look(books, order, "dispatch", message)
    return None


def track(books: Books, message: Message) -> str | None:
    """shipment.tracking: news of a carrier about every shipment under that number."""
    document = cast(ShipmentTracking, message.document)
    shipment_nos = books.by_tracking.get(document.tracking_no)
    if not shipment_nos:
        return f"tracking:{document.tracking_no}"
    event = {
        "tracking_no": document.tracking_no, "at": to_micros(document.event_at), "seq": document.seq or 0,
        "state": document.event_code, "raw_code": document.raw_code, "text": document.text, "location": document.location,
    }  # fmt: skip
    region = whereabouts.region_told(document) if document.event_code == "delivered" else None
    if region is not None:
        event["region"] = region
    for shipment_no in shipment_nos:
        _hear(books, books.shipments[shipment_no], "events", message, event)
    return None


def confirm_delivery(books: Books, message: Message) -> str | None:
    """delivery.confirmed: the receiver has a shipment, or the package with that tracking number."""
    document = cast(DeliveryConfirmed, message.document)
    if document.shipment_no is not None:
        shipment_nos: Sequence[str] = [document.shipment_no] if document.shipment_no in books.shipments else []
        waits_for = f"shipment:{document.shipment_no}"
    else:
        shipment_nos = books.by_tracking.get(document.tracking_no or "", [])
        waits_for = f"tracking:{document.tracking_no}"
    lines: dict[str, dict[str, str]] = {}
    for line in document.lines:
        lines.setdefault(line.order_no, {})[line.line_no] = str(line.qty_ok + line.qty_damaged)
    receipt = {
        "tracking_no": None if document.shipment_no is not None else document.tracking_no,
        "at": to_micros(document.delivered_at), "receiver": document.receiver, "lines": lines,
    }  # fmt: skip
    for shipment_no in shipment_nos:
        _hear(books, books.shipments[shipment_no], "receipts", message, receipt)
    return None if shipment_nos else waits_for


def _shipment_of(document: ShipmentDispatched) -> Shipment:
    lines: dict[str, dict[str, Decimal]] = {}
    for line in document.lines:
        mine = lines.setdefault(line.order_no, {})
        mine[line.line_no] = mine.get(line.line_no, ZERO) + line.qty
    facts = {
        "carrier": document.carrier, "warehouse": document.warehouse, "dispatched_at": to_micros(document.dispatched_at),
        "tracking_nos": sorted(set(document.tracking_nos)), "events": {}, "receipts": {},
        "lines": {order_no: {line_no: str(qty) for line_no, qty in mine.items()} for order_no, mine in lines.items()},
    }  # fmt: skip
    return Shipment(document.shipment_no, "dispatched", facts, new=True)


def _hear(books: Books, shipment: Shipment, kind: str, message: Message, news: dict[str, Any]) -> None:
    """Add one piece of news to a shipment, and to its orders when it changes what they see."""
    if message.identity in shipment.facts[kind]:
        return
    shipment.facts[kind][message.identity] = news
    shipment.state = shipment_state(shipment.facts)
    shipment.changed = True
    whereabouts.look(books, shipment, message)
    for order in _enter_shipment(books, shipment):
        tell_shipment(order, shipment, message, books.outcome)
        tell_money(order, message, books.outcome)


def _enter_shipment(books: Books, shipment: Shipment) -> list[Order]:
    """Write the shipment as it stands into its orders; those that see a change."""
    changed = []
    for order_no, lines in shipment.facts["lines"].items():
        order = books.orders[order_no]
        fact = {"lines": lines, "tracking_nos": shipment.facts["tracking_nos"], "state": shipment.state}
        stated = delivered_quantities(shipment.facts, order_no)
        if stated is not None:
            fact["delivered"] = stated
        if order.facts.shipments.get(shipment.shipment_no) != fact:
            order.facts.shipments[shipment.shipment_no] = fact
            order.change()
            changed.append(order)
    return changed
