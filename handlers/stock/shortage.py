"""Why a line waits: there is nothing, or what is there expires too soon or is recalled (S_SHORT, S_SHELF_LIFE, C_RECALL)."""

from dataclasses import replace

from handlers.stock.books import Bin, Books
from handlers.stock.demand import Demand
from handlers.stock.picking import may_serve, wish
from store.stock import Line

RECALL = "C_RECALL"
SHELF_LIFE = "S_SHELF_LIFE"


def code(books: Books, demand: Demand, line: Line) -> str:
    """S_SHELF_LIFE where goods that live too short a time would do for some of it, C_RECALL where recalled ones would, else
    S_SHORT."""
    if not any(level.detailed for level in books.levels.get(line.item, {}).values()):
        return "S_SHORT"
    wanted = wish(books, demand, line)
    anything = replace(wanted, keeps_until="")
    for level in books.levels[line.item].values():
        if may_serve(level, wanted):
            for lot in books.lots_at(line.item, level.location).values():
                if lot.available > 0 and anything.takes(lot) and not wanted.takes(lot):
                    return SHELF_LIFE
    places = [level for level in books.levels[line.item].values() if may_serve(level, wanted)]
    bins: list[Bin] = [*places, *(lot for level in places for lot in books.lots_at(line.item, level.location).values())]
    return RECALL if any(one.stopped and one.on_hand for one in bins) else "S_SHORT"
