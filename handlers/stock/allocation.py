"""Who gets what lies there: a pure decision over the books, never more than there is (domain R7)."""

from collections.abc import Iterable

from handlers.stock.books import Books, Demand, Place
from handlers.stock.facts import note_reserved
from store.stock import Level, Line


def take_back(books: Books, places: Iterable[Place]) -> None:
    """Where a place holds less than is reserved there, the last in rank go back to waiting until it adds up.

    All orders that hold goods at these places must be in the books.
    """
    for item, location in sorted(places):
        level = books.levels[item][location]
        holders = [
            (demand, line)
            for demand in sorted(books.demands.values(), key=lambda d: (d.rank, d.order_no), reverse=True)
            for line in demand.lines.values()
            if line.item == item and line.location == location and line.reserved
        ]
        for demand, line in holders:
            if level.available >= 0:
                break
            qty = min(line.reserved, -level.available)
            level.reserved -= qty
            line.reserved -= qty
            line.backordered += qty
            line.location = location if line.reserved else ""
            demand.short[line.line_no] = demand.short.get(line.line_no, 0) + qty
            demand.changed = True


def give_out(books: Books) -> None:
    """Reserve for everybody who waits, by rank; an order that wants all or nothing gets all or nothing."""
    waiting = [
        demand
        for demand in books.demands.values()
        if demand.document is not None and any(line.backordered for line in demand.lines.values())
    ]
    for demand in sorted(waiting, key=lambda d: d.rank):
        _serve(books, demand)


def _serve(books: Books, demand: Demand) -> None:
    assert demand.document is not None
    taken: list[tuple[Line, Level, int]] = []
    for line in demand.lines.values():
        level = _place_for(books, line) if line.backordered else None
        if level is not None:
            qty = min(line.backordered, level.available)
            _reserve(line, level, qty)
            taken.append((line, level, qty))
    if not demand.document.allow_partial and any(line.backordered for line in demand.lines.values()):
        for line, level, qty in taken:
            _reserve(line, level, -qty)
        return
    for line, level, qty in taken:
        books.changed.add((level.item, level.location))
        note_reserved(demand, line, qty)
        demand.changed = True


def _place_for(books: Books, line: Line) -> Level | None:
    """Where most is available, the first by name among equals; a line that has a reservation stays where that is."""
    places = books.levels.get(line.item, {})
    if line.reserved:
        level = places[line.location]
        return level if level.available > 0 else None
    free = [level for level in places.values() if level.available > 0]
    return min(free, key=lambda level: (-level.available, level.location)) if free else None


def _reserve(line: Line, level: Level, qty: int) -> None:
    level.reserved += qty
    line.reserved += qty
    line.backordered -= qty
    line.location = level.location if line.reserved else ""
