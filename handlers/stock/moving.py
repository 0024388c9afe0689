"""Goods that come, go, are counted or recalled, applied to the books, and what is let go of a reservation."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from canonical.documents.recalls import RecallOpened
from canonical.documents.shipments import ShipmentDispatched, ShipmentLine
from canonical.documents.stock import StockItem, StockLevel
from canonical.envelope import Message
from canonical.lean import lean
from canonical.values import LotRef
from handlers.stock import receiving, unfit
from handlers.stock.books import KEEPS_LOTS, STATUSES, Bin, Books, Moved, Place
from handlers.stock.demand import NO_LOT, Demand, LotName, note
from handlers.stock.entries import Movement, enter
from store.database import to_micros
from store.exact import to_micro_units
from store.lots import Lot
from store.stock import Level, Line

lot_ref = lean(LotRef)


def dispatch(books: Books, message: Message) -> None:
    """shipment.dispatched: the goods are gone from the warehouse, and with them the reservation they were for. What a supplier
    sent is expected.

    A count that is as new as the dispatch has seen the goods go. More than there is by the books leaves zero, and the rest owed.
    """
    document = cast(ShipmentDispatched, message.document)
    if document.supplier is not None:
        receiving.expect(books, document, message)
        return
    moved_at = to_micros(document.dispatched_at)
    for position, sent in enumerate(document.lines):
        demand = books.demand(sent.order_no, message)
        line = demand.line(sent.line_no)
        line.item = line.item or books.naming.item(sent)
        line.shipped_from = document.warehouse
        books.moved_by[line.item] = message
        picks = _picked(books, demand, line, sent, document.warehouse)
        _ship(books, demand, line, picks, message)
        for number, pick in enumerate(picks):
            move_id = f"{message.message_id}/{position}" + (f"/{number}" if pick.name != NO_LOT else "")
            goods = bin_of(books, line.item, document.warehouse, pick.name)
            if demand.document is None:
                early = (sent.line_no, line.item, document.warehouse, *pick.name, pick.qty, moved_at, move_id, document.shipment_no)
                demand.early.append(list(early))
            unfit.look(books, goods, pick.ref, pick.qty, document, line, message)
            taken = move(books, goods, -pick.qty, moved_at, move_id, pick.name)
            moved = Movement(
                "shipped", -pick.qty, moved_at, move_id, message, document.shipment_no, demand, line, pick.ref, pick.stated
            )
            enter(books, goods, moved, taken)


def report(books: Books, message: Message) -> None:
    """stock.level: a count replaces what was known until then, a movement adds to it; news older than the count are in it.

    A count of an item is of all of it at the location: lots it does not name are not there any more.
    """
    document = cast(StockLevel, message.document)
    as_of = to_micros(document.as_of)
    holder = books.naming.consigned_to(document.location) or ""
    if document.owner == "consigned" and not holder:
        holder = document.owner_party.party_id if document.owner_party else document.location
    receiving.arrive(books, document)
    rows: dict[str, list[tuple[int, StockItem]]] = {}
    for position, reported in enumerate(document.items):
        rows.setdefault(books.naming.item(reported), []).append((position, reported))
    for item, reports in rows.items():
        level = books.level(item, document.location)
        books.moved_by[item] = message
        if as_of >= level.as_of:
            level.holder = holder
        if document.mode == "delta":
            _add(books, level, reports, as_of, message)
        elif as_of >= level.as_of:
            _count(books, level, reports, as_of, message)


def recall(books: Books, message: Message) -> None:
    """recall.opened: what it names is not given out any more, and what was set aside of it goes back; a closed one ends that."""
    document = cast(RecallOpened, message.document)
    if not books.recalls.state(document, message):
        return
    books.moved_by[document.sku] = message
    for level in books.levels.get(document.sku, {}).values():
        level.detailed = max(level.detailed, 1)
        books.touch(level)
        books.recalls.mark(level)
        for lot in books.lots_at(level.item, level.location).values():
            before = lot.stopped
            books.recalls.mark(lot)
            if lot.stopped != before:
                books.touch(lot)


def let_go(
    books: Books, demand: Demand, line: Line, qty: int, message: Message, first: Iterable[LotName] = (), *, told: bool = True
) -> None:
    """Take a quantity off the line's reservation: of the lots named first, then what would have been picked last."""
    dropped: dict[LotName, int] = {}
    for goods, held in _held(books, line, first):
        part = min(held, qty)
        if part <= 0:
            continue
        name = (goods.lot, goods.serial) if isinstance(goods, Lot) else NO_LOT
        release(line, goods, part)
        books.touch(goods)
        dropped[name] = dropped.get(name, 0) + part
        qty -= part
    demand.changed = True
    books.moved_by[line.item] = message
    for name, part in dropped.items() if told else ():
        note(demand.released, demand.dropped, line, name, part)
    if not line.reserved:
        line.location = ""


def release(line: Line, goods: Bin, qty: int) -> None:
    """Take a quantity of one bin off the line's reservation; reserving is releasing less than nothing."""
    goods.reserved -= qty
    line.reserved -= qty
    if not isinstance(goods, Level):
        name = (goods.lot, goods.serial)
        left = line.holds.get(name, 0) - qty
        if left:
            line.holds[name] = left
        else:
            line.holds.pop(name, None)


def move(books: Books, goods: Bin, qty: int, moved_at: int, move_id: str, name: LotName = NO_LOT) -> int:
    """Move goods into or out of a bin, unless its count is as new; by how much the bin changed. name: of the lot, where goods of a
    known one leave a place that does not keep them apart."""
    level = books.level(goods.item, goods.location)
    if moved_at <= level.as_of:
        return 0
    before = goods.on_hand
    _set(goods, before - goods.owed + qty)
    books.touch(goods)
    item, location, lot, serial, status = goods.key
    lot, serial = (lot, serial) if isinstance(goods, Lot) else name
    books.moves.append({
        "move_id": move_id, "item": item, "location": location, "moved_at": moved_at, "qty": qty, "lot": lot, "serial": serial,
        "status": status,
    })  # fmt: skip
    return goods.on_hand - before


def _held(books: Books, line: Line, first: Iterable[LotName]) -> list[tuple[Bin, int]]:
    """The bins a reservation is in, the first to be let go at the front: lots named, goods of no known lot, then the freshest."""
    if not line.reserved:
        return []
    unknown = line.reserved - sum(line.holds.values())
    bins: list[tuple[Bin, int]] = [(books.level(line.item, line.location), unknown)] if unknown else []
    if line.holds:
        at = books.lots_at(line.item, line.location)
        held = [(at[lot, serial, "released"], qty) for (lot, serial), qty in line.holds.items()]
        held.sort(key=lambda one: (one[0].expiry or "9999", one[0].lot, one[0].serial), reverse=True)
        bins += held
        named = set(first)
        bins.sort(key=lambda one: not (isinstance(one[0], Lot) and (one[0].lot, one[0].serial) in named))
    return bins


@dataclass(frozen=True, slots=True)
class _Pick:
    """Goods of one lot that left. stated: the sender named it; else it is what we had asked for."""

    ref: LotRef
    qty: int
    stated: bool = True

    @property
    def name(self) -> LotName:
        return (self.ref.lot or "", self.ref.serial or "")


def _picked(books: Books, demand: Demand, line: Line, sent: ShipmentLine, warehouse: str) -> list[_Pick]:
    """Which lots went: as the sender states; where no lot is named, as we had asked for it; the rest is of no known lot."""
    left = demand.to_base(sent.line_no, to_micro_units(sent.qty))
    picks: list[_Pick] = []
    for ref in sent.lots:
        qty = min(left, demand.to_base(sent.line_no, to_micro_units(ref.qty)))
        if (ref.lot or ref.serial) and qty > 0:
            picks.append(_Pick(ref, qty))
            left -= qty
    if left and not sent.lots and line.location == warehouse:
        for goods, held in reversed(_held(books, line, ())):
            qty = min(held, left)
            if isinstance(goods, Lot) and qty:
                picks.append(_Pick(lot_ref(lot=goods.lot or None, serial=goods.serial or None), qty, stated=False))
                left -= qty
    return [*picks, _Pick(lot_ref(), left)] if left or not picks else picks


def _ship(books: Books, demand: Demand, line: Line, picks: Sequence[_Pick], message: Message) -> None:
    line.shipped += sum(pick.qty for pick in picks)
    excess = max(0, line.reserved + line.backordered - line.open)
    reserved = min(line.reserved, excess)
    line.backordered -= excess - reserved
    if reserved:
        let_go(books, demand, line, reserved, message, [pick.name for pick in picks if pick.name != NO_LOT], told=False)


def bin_of(books: Books, item: str, location: str, name: LotName) -> Bin:
    """The bin goods of a lot lie in: by lot and serial, else by either alone, whichever the location keeps; else a new one.

    Where the location does not keep lots apart, or has goods of no known lot, they are of those.
    """
    if name == NO_LOT:
        return books.level(item, location)
    lot, serial = name
    at = books.lots_at(item, location)
    for key in ((lot, serial), (lot, ""), ("", serial)):
        for status in STATUSES:
            if key != NO_LOT and (*key, status) in at:
                books.touch(at[*key, status])
                return at[*key, status]
    level = books.level(item, location)
    return books.bin(item, location, lot, serial) if level.detailed == KEEPS_LOTS and not level.on_hand else level


def _add(books: Books, level: Level, reports: Sequence[tuple[int, StockItem]], as_of: int, message: Message) -> None:
    for position, reported in reports:
        goods = _reported(books, level, reported)
        move_id = f"{message.message_id}/{position}"
        qty = to_micro_units(reported.on_hand)
        taken = move(books, goods, qty, as_of, move_id)
        if isinstance(goods, Lot) and level.owed:  # it left before we knew of the lot
            settled = min(level.owed, goods.on_hand)
            goods.on_hand, level.owed, taken = goods.on_hand - settled, level.owed - settled, taken - settled
        enter(books, goods, Movement("received", qty, as_of, move_id, message), taken)


def _count(books: Books, level: Level, reports: Sequence[tuple[int, StockItem]], as_of: int, message: Message) -> None:
    """Set every bin of the place to what was counted and has moved since."""
    counted: dict[Any, tuple[Bin, int, int]] = {}
    for position, reported in reports:
        goods = _reported(books, level, reported)
        before = counted[goods.key][1] if isinstance(goods, Lot) and goods.key in counted else 0
        counted[goods.key] = (goods, before + to_micro_units(reported.on_hand), position)
    if level.detailed == KEEPS_LOTS and not counted.get(level.key, (level, 0, 0))[1]:
        _find_lots_that_left(books, level, as_of)
    if as_of > level.as_of:
        others: list[Bin] = [level, *books.lots_at(level.item, level.location).values()]
        for number, goods in enumerate(others):
            counted.setdefault(goods.key, (goods, 0, -1 - number))
    for goods, qty, position in counted.values():
        before = goods.on_hand
        _set(goods, qty + _moved_since(books, goods, as_of))
        books.touch(goods)
        found = goods.on_hand - before
        enter(books, goods, Movement("counted", found, as_of, f"{message.message_id}/{position}", message), found)
    level.as_of = as_of
    books.counts[level.item, level.location] = as_of


def _find_lots_that_left(books: Books, level: Level, as_of: int) -> None:
    """Make the bins of lots that the place does not have any more, and that left after the count."""
    place = (level.item, level.location)
    for (lot, serial, status), moved_at, _ in (*books.earlier_moves.get(place, ()), *_moves_of(books, place)):
        if moved_at > as_of and (lot or serial):
            books.bin(level.item, level.location, lot, serial, status)


def _set(goods: Bin, qty: int) -> None:
    """So much is there by the books; what they lack is owed, so that news may come in any order."""
    goods.on_hand, goods.owed = max(0, qty), max(0, -qty)


def _moved_since(books: Books, goods: Bin, as_of: int) -> int:
    """What moved since a count: of a lot its own, of goods of no known lot also that of lots the place does not keep."""
    place = (goods.item, goods.location)
    kept = books.lots_at(*place)
    since = 0
    for name, moved_at, qty in (*books.earlier_moves.get(place, ()), *_moves_of(books, place)):
        mine = name == goods.key[2:] if isinstance(goods, Lot) else name not in kept
        since += qty if mine and moved_at > as_of else 0
    return since


def _moves_of(books: Books, place: Place) -> Iterable[Moved]:
    for m in books.moves:
        if (m["item"], m["location"]) == place:
            yield (m["lot"], m["serial"], m["status"]), m["moved_at"], m["qty"]


def _reported(books: Books, level: Level, reported: StockItem) -> Bin:
    """The bin a report is about, with what the report says of its days; what it does not say is known from the lot's other bins at
    the place, else from the lot ledger."""
    goods = books.bin(level.item, level.location, reported.lot or "", reported.serial or "", reported.status)
    if isinstance(goods, Lot):
        known = books.bins_of(goods.item, goods.location, goods.lot, goods.serial)
        ledger = books.days.get((goods.item, goods.lot, goods.serial), (None, None))
        goods.expiry = _day(reported.expiry) or goods.expiry or _first(one.expiry for one in known) or ledger[0]
        goods.mfg_date = _day(reported.mfg_date) or goods.mfg_date or _first(one.mfg_date for one in known) or ledger[1]
        for other in known:
            if (other.expiry is None and goods.expiry) or (other.mfg_date is None and goods.mfg_date):
                other.expiry, other.mfg_date = other.expiry or goods.expiry, other.mfg_date or goods.mfg_date
                books.touch(other)
                books.recalls.mark(other)
        books.recalls.mark(goods)
    return goods


def _day(told: date | None) -> str | None:
    return told.isoformat() if told else None


def _first(days: Iterable[str | None]) -> str | None:
    return next((day for day in days if day), None)
