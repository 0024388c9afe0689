"""Why a line waits: there is nothing, or what is there expires too soon (S_SHORT, S_SHELF_LIFE)."""

from dataclasses import replace

from handlers.stock.books import Books
from handlers.stock.demand import Demand
from handlers.stock.picking import may_serve, wish
from store.stock import Line


def code(books: Books, demand: Demand, line: Line) -> str:
    """S_SHELF_LIFE where goods that live too short a time would do for some of it, else S_SHORT."""
    if not any(level.detailed for level in books.levels.get(line.item, {}).values()):
        return "S_SHORT"
    wanted = wish(books, demand, line)
    anything = replace(wanted, keeps_until="")
    for level in books.levels[line.item].values():
        if may_serve(level, wanted):
            for lot in books.lots_at(line.item, level.location).values():
                if lot.available > 0 and anything.takes(lot) and not wanted.takes(lot):
                    return "S_SHELF_LIFE"
    return "S_SHORT"
