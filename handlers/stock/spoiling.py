"""Goods that have grown too old while they were set aside: they go back, and others are given out instead (domain R7, I16)."""

from typing import cast

from canonical.documents.reservations import ReservationSpoiled
from canonical.envelope import Message
from handlers.stock import moving
from handlers.stock.books import Books
from handlers.stock.demand import Demand
from handlers.stock.picking import wish
from handlers.stock.shortage import SHELF_LIFE
from store.stock import Line


def spoil(books: Books, message: Message) -> None:
    """reservation.spoiled: an order lets go of lots that expire or live too short a time for it by now, and waits for others."""
    document = cast(ReservationSpoiled, message.document)
    demand = books.demand(document.order_no, message)
    for line in demand.lines.values():
        if line.holds:
            _let_go_of_old(books, demand, line, message)


def _let_go_of_old(books: Books, demand: Demand, line: Line, message: Message) -> None:
    wanted, at, location = wish(books, demand, line), books.lots_at(line.item, line.location), line.location
    old = {name: qty for name, qty in line.holds.items() if not wanted.lives(at[*name, "released"])}
    for name, qty in old.items():
        moving.let_go(books, demand, line, qty, message, [name])
    gone = sum(old.values())
    if gone:
        line.backordered += gone
        demand.short[line.line_no] = demand.short.get(line.line_no, 0) + gone
        demand.unfit[location, line.line_no] = SHELF_LIFE
