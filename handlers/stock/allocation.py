"""Who gets what lies there: a pure decision over the books, never more than there is (domain R7)."""

from collections.abc import Iterable, Iterator, Mapping
from operator import attrgetter

import msgspec

from handlers.stock.books import Bin, Books, Place
from handlers.stock.demand import NO_LOT, Demand, note
from handlers.stock.moving import release
from handlers.stock.picking import Wish, bins, may_serve, wish
from handlers.stock.shortage import RECALL
from store.lots import Lot
from store.stock import Level, Line

RANK = attrgetter("rank")
NOWHERE: Mapping[str, Level] = {}


class Taken(msgspec.Struct, gc=False):
    """A quantity of a bin that a line has just got; from a line that held it softly, where there is a victim."""

    line: Line
    goods: Bin
    qty: int
    victim: tuple[Demand, Line] | None = None


def take_back(books: Books, places: Iterable[Place]) -> None:
    """Where a bin holds less than is reserved of it, the last in rank go back to waiting until it adds up.

    All orders that hold goods at these places must be in the books.
    """
    for item, location in sorted(places):
        level = books.levels[item][location]
        here: list[Bin] = [level, *books.lots_at(item, location).values()]
        short = [one for one in here if one.available < 0]
        holders = [
            (demand, line)
            for demand in sorted(books.demands.values(), key=lambda d: d.rank, reverse=True)
            for line in demand.lines.values()
            if line.item == item and line.location == location and line.reserved
        ]
        for goods in short:
            for demand, line in holders:
                if goods.available < 0:
                    _give_back(books, demand, line, goods, _whole_packs(demand, line, -goods.available))


def give_out(books: Books) -> None:
    """Reserve for everybody who waits, by rank; an order that wants all or nothing gets all or nothing.

    What a held order has set aside goes to a more urgent one, and to anybody when its time is over; it then waits itself.
    """
    everybody, now = books.demands.values(), books.now
    waiting = sorted([demand for demand in everybody if demand.waits(now)], key=RANK)
    held = [demand for demand in everybody if demand.soft_until is not None]
    soft = [demand for demand in held if any(line.reserved for line in demand.lines.values())]
    if soft:
        others = [demand for demand in soft if demand not in waiting and (demand.soft_until or 0) > now]
        waiting = sorted([*waiting, *others], key=RANK)
    for demand in waiting:
        _serve(books, demand, soft)


def _serve(books: Books, demand: Demand, soft: list[Demand]) -> None:
    taken: list[Taken] = []
    for line in demand.lines.values():
        if line.backordered:
            _from_the_shelf(books, demand, line, taken)
            if soft and line.backordered:
                taken += _from_others(books, demand, line, soft)
    assert demand.document is not None
    if not demand.document.allow_partial and demand.short_of_goods:
        for one in reversed(taken):
            _undo(one)
        return
    demand.changed = demand.changed or bool(taken)
    for one in taken:
        goods = one.goods
        books.touch(goods)
        name = NO_LOT if isinstance(goods, Level) else (goods.lot, goods.serial)
        note(demand.reserved, demand.picked, one.line, name, one.qty)
        if one.victim is not None:
            loser, line = one.victim
            note(loser.released, loser.dropped, line, name, one.qty)
            loser.changed = True
    for one in taken if soft else ():  # only now: the line may have lost goods of several lots, all told at their place
        if one.victim is not None and not one.victim[1].reserved:
            one.victim[1].location = ""


def _from_the_shelf(books: Books, demand: Demand, line: Line, taken: list[Taken]) -> None:
    """Where most is available, the first place by name among equals; a line that has a reservation stays where that is."""
    places, at = books.levels.get(line.item, NOWHERE), line.location if line.reserved else None
    chosen, most = None, 0
    for level in places.values():
        if level.detailed or level.holder or line.line_no in demand.packs:  # it makes a difference which bins the line takes from
            _from_bins(books, demand, line, places, taken)
            return
        if level.stopped or (at is not None and level.location != at):
            continue
        available = level.on_hand - level.reserved
        if available > most or (chosen is not None and available == most and level.location < chosen.location):
            chosen, most = level, available
    if chosen is not None:
        taken.append(_take(line, chosen, most if most < line.backordered else line.backordered))


def _from_bins(books: Books, demand: Demand, line: Line, places: Mapping[str, Level], taken: list[Taken]) -> None:
    """What the line takes of the bins that serve it, in whole portions."""
    wanted = wish(books, demand, line)
    level = _place_for(books, line, places, wanted)
    for goods in bins(books, wanted, level) if level is not None else ():
        qty = wanted.whole(min(line.backordered, goods.available))
        if qty:
            taken.append(_take(line, goods, qty))


def _place_for(books: Books, line: Line, places: Mapping[str, Level], wanted: Wish) -> Level | None:
    """The place as above, counting what the bins there have for the wish."""
    if line.reserved:
        level = places[line.location]
        return level if _available(books, level, wanted) > 0 else None
    free = [(_available(books, level, wanted), level) for level in places.values() if may_serve(level, wanted)]
    return min((one for one in free if one[0] > 0), key=lambda one: (-one[0], one[1].location), default=(0, None))[1]


def _available(books: Books, level: Level, wanted: Wish) -> int:
    return sum(wanted.whole(goods.available) for goods in bins(books, wanted, level))


def _from_others(books: Books, demand: Demand, line: Line, soft: list[Demand]) -> Iterator[Taken]:
    """Goods that others hold only softly and have to give up, the last in rank first."""
    wanted = wish(books, demand, line)
    for loser in sorted(soft, key=lambda d: d.rank, reverse=True):
        if loser is demand or not loser.yields_to(demand, books.now):
            continue
        for theirs in loser.lines.values():
            if theirs.item != line.item or not theirs.reserved or (line.reserved and line.location != theirs.location):
                continue
            if not may_serve(books.levels[line.item][theirs.location], wanted):
                continue
            for goods, held in _held_softly(books, theirs, wanted):
                qty = wanted.whole(min(line.backordered, held))
                if qty:
                    release(theirs, goods, qty)
                    theirs.backordered += qty
                    yield _take(line, goods, qty, (loser, theirs))


def _held_softly(books: Books, line: Line, wanted: Wish) -> list[tuple[Bin, int]]:
    at = books.lots_at(line.item, line.location)
    held: list[tuple[Bin, int]] = [
        (lot, line.holds[lot.lot, lot.serial])
        for lot in sorted(at.values(), key=lambda lot: (lot.expiry or "9999", lot.lot, lot.serial))
        if (lot.lot, lot.serial) in line.holds and lot.status == "released" and not lot.stopped and wanted.takes(lot)
    ]
    unknown = line.reserved - sum(line.holds.values())
    level = books.levels[line.item][line.location]
    return [*held, (level, unknown)] if unknown and not level.stopped else held


def _take(line: Line, goods: Bin, qty: int, victim: tuple[Demand, Line] | None = None) -> Taken:
    release(line, goods, -qty)
    line.backordered -= qty
    line.location = goods.location
    return Taken(line, goods, qty, victim)


def _undo(taken: Taken) -> None:
    release(taken.line, taken.goods, taken.qty)
    taken.line.backordered += taken.qty
    if not taken.line.reserved:
        taken.line.location = ""
    if taken.victim is not None:
        release(taken.victim[1], taken.goods, -taken.qty)
        taken.victim[1].backordered -= taken.qty


def _give_back(books: Books, demand: Demand, line: Line, goods: Bin, qty: int) -> None:
    name = (goods.lot, goods.serial) if isinstance(goods, Lot) else NO_LOT
    held = line.holds.get(name, 0) if isinstance(goods, Lot) else line.reserved - sum(line.holds.values())
    qty = min(qty, held)
    if qty <= 0:
        return
    release(line, goods, qty)
    books.touch(goods)
    note(demand.released, demand.dropped, line, name, qty)
    if goods.stopped:
        demand.unfit[line.location, line.line_no] = RECALL
    line.backordered += qty
    line.location = line.location if line.reserved else ""
    demand.short[line.line_no] = demand.short.get(line.line_no, 0) + qty
    demand.changed = True


def _whole_packs(demand: Demand, line: Line, qty: int) -> int:
    """So much that whole packs go back."""
    pack = demand.pack(line.line_no)
    return -(-qty // pack) * pack
