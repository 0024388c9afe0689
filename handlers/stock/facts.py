"""What news of an order mean to stock, applied to the books; giving out goods comes after (see `allocation`)."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import cast

from canonical.documents.order_changes import OrderReduced
from canonical.documents.reservations import ReservationExpired
from canonical.envelope import Message
from canonical.lean import lean
from canonical.values import LotRef
from handlers.stock import moving
from handlers.stock.books import Books
from handlers.stock.demand import NO_LOT, Demand, note
from handlers.stock.entries import Movement, enter
from handlers.stock.wanted import Wanted, WantedLine
from store.database import to_micros
from store.exact import to_micro_units
from store.stock import Line

lot_ref = lean(LotRef)

SOFT_FOR = timedelta(days=3)
"""How long goods are set aside for a held order whose hold does not say."""


def confirm(books: Books, message: Message) -> None:
    """order.confirmed: what is not shipped or cancelled yet wants goods, and what was set aside softly stays for good.

    A higher revision, or one that is restated, states the whole demand anew; what is not higher changes nothing.
    """
    document = message.seen_as(Wanted)
    demand = books.demand(document.order_no, message)
    known = demand.document
    if known is not None and demand.confirmed and (document.revision, document.restated) <= (known.revision, known.restated):
        return
    soft = demand.soft_until is not None
    if known is None or soft:
        demand.confirmed_at = to_micros(message.recorded_at)
    if soft:
        demand.soft_until = None
    _state(books, demand, document, message)
    if soft:
        demand.released, demand.dropped = {}, {}  # it was promised to nobody
        _harden(demand)


def hold(books: Books, message: Message) -> None:
    """order.held: goods are set aside for a while. The newest hold counts; of a confirmed order it changes nothing."""
    document = message.seen_as(Wanted)
    demand = books.demand(document.order_no, message)
    known = demand.document
    if demand.confirmed or (known is not None and _age(known) >= _age(document)):
        return
    if known is None:
        demand.confirmed_at = to_micros(message.recorded_at)
    demand.soft_until = to_micros(document.until or message.recorded_at + SOFT_FOR)
    _state(books, demand, document, message)


def reduce(books: Books, message: Message) -> None:
    """order.reduced: waiting demand goes first, then reservations."""
    document = cast(OrderReduced, message.document)
    demand = books.demand(document.order_no, message)
    for reduced in document.lines:
        line = demand.line(reduced.line_no)
        line.cancelled += demand.to_base(line.line_no, to_micro_units(reduced.qty))
        _settle(books, demand, (line,), message)


def expire(books: Books, message: Message) -> None:
    """reservation.expired: a held order lets go of everything, unless it was confirmed or held anew meanwhile."""
    document = cast(ReservationExpired, message.document)
    demand = books.demand(document.order_no, message)
    if demand.soft_until is None or demand.soft_until > to_micros(document.until):
        return
    for line in demand.lines.values():
        if line.reserved:
            line.backordered += line.reserved
            moving.let_go(books, demand, line, line.reserved, message)


def _age(held: Wanted) -> tuple[int, int]:
    return (held.revision, held.seq)


def _state(books: Books, demand: Demand, document: Wanted, message: Message) -> None:
    """Take over what is wanted; lines the document no longer has want nothing."""
    first = demand.document is None
    demand.state(document)
    demand.stated_by, demand.changed = message, True
    if first and (demand.lines or demand.early):
        _in_base_units(books, demand, message)
    soft = 0 if demand.soft_until is None else document.priority
    new: Sequence[WantedLine] = document.lines
    if demand.lines:
        new = _restate(books, demand, document, message, soft)
        _settle(books, demand, demand.lines.values(), message)
    for wanted in new:
        line_no, qty = wanted.line_no, wanted.base
        demand.lines[line_no] = Line(demand.order_no, line_no, wanted.item, demanded=qty, backordered=qty, soft=soft)
        demand.short[line_no] = qty


def _restate(books: Books, demand: Demand, document: Wanted, message: Message, soft: int) -> Sequence[WantedLine]:
    """Lines that are known want what the document says now, or nothing; what it wants by lines that are new."""
    new = []
    for line in demand.lines.values():
        line.demanded, line.soft = 0, soft
    for wanted in document.lines:
        known = demand.lines.get(wanted.line_no)
        if known is None:
            new.append(wanted)
            continue
        if known.reserved and known.item != wanted.item:
            moving.let_go(books, demand, known, known.reserved, message)
        known.item, known.demanded = wanted.item, wanted.base
    return new


def _in_base_units(books: Books, demand: Demand, message: Message) -> None:
    """What came before the order's units were known was taken in the line's: mend it."""
    for line in demand.lines.values():
        line.cancelled, line.shipped = demand.to_base(line.line_no, line.cancelled), demand.to_base(line.line_no, line.shipped)
    for line_no, item, location, lot, serial, qty, moved_at, move_id, shipment_no in demand.early:
        if lot or serial:
            books.late.setdefault(demand.order_no, set()).add((item, lot, serial))
        more = demand.to_base(line_no, qty) - qty
        if more and item in books.levels:
            goods, line = moving.bin_of(books, item, location, (lot, serial)), demand.lines[line_no]
            ref = lot_ref(lot=lot or None, serial=serial or None)
            moved = Movement("shipped", -more, moved_at, f"{move_id}/units", message, shipment_no, demand, line, ref)
            enter(books, goods, moved, moving.move(books, goods, -more, moved_at, moved.entry_id, (lot, serial)))
    demand.early = []


def _settle(books: Books, demand: Demand, lines: Iterable[Line], message: Message) -> None:
    """Let go of what is too much, waiting demand first; wait for what is missing."""
    for line in lines:
        missing = line.open - line.reserved - line.backordered
        if missing > 0:
            line.backordered += missing
            demand.short[line.line_no] = demand.short.get(line.line_no, 0) + missing
        elif missing < 0:
            waiting = min(line.backordered, -missing)
            line.backordered -= waiting
            if -missing > waiting:
                moving.let_go(books, demand, line, -missing - waiting, message)


def _harden(demand: Demand) -> None:
    """What was held softly is now held for good, and told again as that."""
    for line in demand.lines.values():
        if line.reserved:
            unknown = line.reserved - sum(line.holds.values())
            for name, qty in (*line.holds.items(), *(((NO_LOT, unknown),) if unknown else ())):
                note(demand.reserved, demand.picked, line, name, qty)
