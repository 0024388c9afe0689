"""What each message means to stock, applied to the books; giving out goods comes after (see `allocation`)."""

from collections.abc import Callable
from typing import cast

from canonical.documents.orders import OrderConfirmed, OrderReduced
from canonical.documents.shipments import ShipmentDispatched, ShipmentLine
from canonical.documents.stock import StockLevel
from canonical.envelope import Message
from handlers.stock.books import Books, Demand
from store.database import to_micros
from store.exact import to_micro_units
from store.stock import Level, Line


def confirm(books: Books, message: Message) -> None:
    """order.confirmed: what is not shipped or cancelled yet wants goods. A second one changes nothing."""
    document = cast(OrderConfirmed, message.document)
    demand = books.demand(document.order_no, message)
    if demand.document is not None:
        return
    demand.document, demand.confirmed_by, demand.confirmed_at = document, message, to_micros(message.recorded_at)
    demand.changed = True
    for wanted in document.lines:
        line = demand.line(wanted.line_no)
        line.item, line.demanded = wanted.item, to_micro_units(wanted.qty.value)
        line.backordered = _open(line)
        if line.backordered:
            demand.short[line.line_no] = line.backordered


def reduce(books: Books, message: Message) -> None:
    """order.reduced: waiting demand goes first, then reservations."""
    document = cast(OrderReduced, message.document)
    demand = books.demand(document.order_no, message)
    for reduced in document.lines:
        line = demand.line(reduced.line_no)
        line.cancelled += to_micro_units(reduced.qty)
        excess = max(0, line.reserved + line.backordered - _open(line))
        waiting = min(line.backordered, excess)
        line.backordered -= waiting
        if excess > waiting:
            _note(demand.released, line, excess - waiting)
            _let_go(books, line, excess - waiting, message)


def dispatch(books: Books, message: Message) -> None:
    """shipment.dispatched: the goods are gone from the warehouse, and with them the reservation they were for.

    A count that is as new as the dispatch has seen the goods go. More than there is by the books leaves zero.
    """
    document = cast(ShipmentDispatched, message.document)
    for position, sent in enumerate(document.lines):
        line = books.demand(sent.order_no, message).line(sent.line_no)
        line.item = line.item or sent.item
        books.moved_by[line.item] = message
        _ship(books, line, sent, message)
        _move(
            books,
            books.level(line.item, document.warehouse),
            -to_micro_units(sent.qty),
            to_micros(document.dispatched_at),
            f"{message.message_id}/{position}",
        )


def report(books: Books, message: Message) -> None:
    """stock.level: a count replaces what was known until then, a movement adds to it; news older than the count are in it."""
    document = cast(StockLevel, message.document)
    as_of = to_micros(document.as_of)
    for position, reported in enumerate(document.items):
        level = books.level(reported.item, document.location)
        qty = to_micro_units(reported.on_hand)
        books.moved_by[reported.item] = message
        if document.mode == "delta":
            _move(books, level, qty, as_of, f"{message.message_id}/{position}")
        elif as_of >= level.as_of:
            _count(books, level, qty, as_of)


APPLY: dict[str, Callable[[Books, Message], None]] = {
    "order.confirmed": confirm,
    "order.reduced": reduce,
    "shipment.dispatched": dispatch,
    "stock.level": report,
}


def _open(line: Line) -> int:
    return max(0, line.demanded - line.cancelled - line.shipped)


def _ship(books: Books, line: Line, sent: ShipmentLine, message: Message) -> None:
    line.shipped += to_micro_units(sent.qty)
    excess = max(0, line.reserved + line.backordered - _open(line))
    reserved = min(line.reserved, excess)
    line.backordered -= excess - reserved
    if reserved:
        _let_go(books, line, reserved, message)


def _let_go(books: Books, line: Line, qty: int, message: Message) -> None:
    """Take a quantity off the line's reservation."""
    books.level(line.item, line.location).reserved -= qty
    line.reserved -= qty
    books.moved_by[line.item] = message
    if not line.reserved:
        line.location = ""


def _move(books: Books, level: Level, qty: int, moved_at: int, move_id: str) -> None:
    if moved_at <= level.as_of:
        return
    level.on_hand = max(0, level.on_hand + qty)
    books.moves.append({"move_id": move_id, "item": level.item, "location": level.location, "moved_at": moved_at, "qty": qty})


def _count(books: Books, level: Level, qty: int, as_of: int) -> None:
    place = (level.item, level.location)
    since = sum(moved for moved_at, moved in books.earlier_moves.get(place, ()) if moved_at > as_of)
    since += sum(m["qty"] for m in books.moves if (m["item"], m["location"]) == place and m["moved_at"] > as_of)
    level.on_hand, level.as_of = max(0, qty + since), as_of
    books.counts[place] = as_of


def _note(told: dict[str, dict[str, int]], line: Line, qty: int) -> None:
    at = told.setdefault(line.location, {})
    at[line.line_no] = at.get(line.line_no, 0) + qty


def note_reserved(demand: Demand, line: Line, qty: int) -> None:
    """Remember a new reservation of this batch, to be told."""
    _note(demand.reserved, line, qty)
