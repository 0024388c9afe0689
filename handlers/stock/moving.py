"""Goods that come, go, are counted or recalled, applied to the books, and what is let go of a reservation."""

from collections.abc import Iterable, Sequence
from typing import Any, cast

from canonical.documents.master import RecallOpened
from canonical.documents.shipments import ShipmentDispatched, ShipmentLine
from canonical.documents.stock import StockItem, StockLevel
from canonical.envelope import Message
from handlers.stock.books import Bin, Books
from handlers.stock.demand import Demand, LotName, note
from handlers.stock.entries import enter
from store.database import to_micros
from store.exact import to_micro_units
from store.lots import Lot
from store.stock import Level, Line

NO_LOT: LotName = ("", "")


def dispatch(books: Books, message: Message) -> None:
    """shipment.dispatched: the goods are gone from the warehouse, and with them the reservation they were for.

    A count that is as new as the dispatch has seen the goods go. More than there is by the books leaves zero.
    """
    document = cast(ShipmentDispatched, message.document)
    moved_at = to_micros(document.dispatched_at)
    for position, sent in enumerate(document.lines):
        demand = books.demand(sent.order_no, message)
        line = demand.line(sent.line_no)
        line.item = line.item or sent.item
        line.shipped_from = document.warehouse
        books.moved_by[line.item] = message
        picks = _picked(books, demand, line, sent, document.warehouse)
        _ship(books, demand, line, picks, message)
        for number, (name, qty, stated) in enumerate(picks):
            move_id = f"{message.message_id}/{position}" + (f"/{number}" if name != NO_LOT else "")
            goods = _bin_of(books, line.item, document.warehouse, name)
            if demand.document is None:
                demand.early.append([sent.line_no, line.item, document.warehouse, *name, qty, moved_at, move_id])
            taken = move(books, goods, -qty, moved_at, move_id)
            enter(books, goods, "shipped", -qty, taken, moved_at, move_id, message, demand=demand, line=line,
                  document=document.shipment_no, stated=stated, name=name, lots=sent.lots)  # fmt: skip


def report(books: Books, message: Message) -> None:
    """stock.level: a count replaces what was known until then, a movement adds to it; news older than the count are in it.

    A count of an item is of all of it at the location: lots it does not name are not there any more.
    """
    document = cast(StockLevel, message.document)
    as_of = to_micros(document.as_of)
    holder = ""
    if document.owner == "consigned":
        holder = document.owner_party.party_id if document.owner_party else document.location
    rows: dict[str, list[tuple[int, StockItem]]] = {}
    for position, reported in enumerate(document.items):
        rows.setdefault(reported.item, []).append((position, reported))
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
        level.detailed = 1
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
    if told:
        note(demand.released, demand.dropped, line, dropped)
    if not line.reserved:
        line.location = ""


def release(line: Line, goods: Bin, qty: int) -> None:
    """Take a quantity of one bin off the line's reservation; reserving is releasing less than nothing."""
    goods.reserved -= qty
    line.reserved -= qty
    if isinstance(goods, Lot):
        name = (goods.lot, goods.serial)
        left = line.holds.get(name, 0) - qty
        if left:
            line.holds[name] = left
        else:
            line.holds.pop(name, None)


def move(books: Books, goods: Bin, qty: int, moved_at: int, move_id: str) -> int:
    """Move goods into or out of a bin, unless its count is as new; by how much the bin changed."""
    level = books.level(goods.item, goods.location)
    if moved_at <= level.as_of:
        return 0
    before = goods.on_hand
    goods.on_hand = max(0, before + qty)
    books.touch(goods)
    item, location, lot, serial, status = goods.key
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


def _picked(books: Books, demand: Demand, line: Line, sent: ShipmentLine, warehouse: str) -> list[tuple[LotName, int, bool]]:
    """Which lots went: as the sender states; the rest as we had asked for it, else of no known lot. (lot, quantity, stated)."""
    left = demand.to_base(sent.line_no, to_micro_units(sent.qty))
    picks: list[tuple[LotName, int, bool]] = []
    for ref in sent.lots:
        qty = min(left, demand.to_base(sent.line_no, to_micro_units(ref.qty)))
        if (ref.lot or ref.serial) and qty > 0:
            picks.append(((ref.lot or "", ref.serial or ""), qty, True))
            left -= qty
    if left and not sent.lots and line.location == warehouse:
        for goods, held in reversed(_held(books, line, ())):
            if isinstance(goods, Lot) and left:
                picks.append(((goods.lot, goods.serial), min(held, left), False))
                left -= min(held, left)
    return [*picks, (NO_LOT, left, True)] if left or not picks else picks


def _ship(books: Books, demand: Demand, line: Line, picks: Sequence[tuple[LotName, int, bool]], message: Message) -> None:
    line.shipped += sum(qty for _, qty, _ in picks)
    still_open = max(0, line.demanded - line.cancelled - line.shipped)
    excess = max(0, line.reserved + line.backordered - still_open)
    reserved = min(line.reserved, excess)
    line.backordered -= excess - reserved
    if reserved:
        let_go(books, demand, line, reserved, message, [name for name, _, _ in picks if name != NO_LOT], told=False)


def _bin_of(books: Books, item: str, location: str, name: LotName) -> Bin:
    """The bin goods of a lot lie in: by lot and serial, else by either alone, whichever the location keeps; else a new one."""
    if name == NO_LOT:
        return books.level(item, location)
    lot, serial = name
    at = books.lots_at(item, location)
    for key in ((lot, serial), (lot, ""), ("", serial)):
        for status in ("released", "quarantine", "blocked", "expired"):
            if key != NO_LOT and (*key, status) in at:
                books.touch(at[*key, status])
                return at[*key, status]
    return books.bin(item, location, lot, serial)


def _add(books: Books, level: Level, reports: Sequence[tuple[int, StockItem]], as_of: int, message: Message) -> None:
    for position, reported in reports:
        goods = _reported(books, level, reported)
        move_id = f"{message.message_id}/{position}"
        qty = to_micro_units(reported.on_hand)
        taken = move(books, goods, qty, as_of, move_id)
        enter(books, goods, "received", qty, taken, as_of, move_id, message)


def _count(books: Books, level: Level, reports: Sequence[tuple[int, StockItem]], as_of: int, message: Message) -> None:
    """Set every bin of the place to what was counted and has moved since."""
    counted: dict[Any, tuple[Bin, int, int]] = {}
    for position, reported in reports:
        goods = _reported(books, level, reported)
        before = counted[goods.key][1] if isinstance(goods, Lot) and goods.key in counted else 0
        counted[goods.key] = (goods, before + to_micro_units(reported.on_hand), position)
    if as_of > level.as_of:
        others: list[Bin] = [level, *books.lots_at(level.item, level.location).values()]
        for number, goods in enumerate(others):
            counted.setdefault(goods.key, (goods, 0, -1 - number))
    for goods, qty, position in counted.values():
        before = goods.on_hand
        goods.on_hand = max(0, qty + _moved_since(books, goods, as_of))
        books.touch(goods)
        found = goods.on_hand - before
        enter(books, goods, "counted", found, found, as_of, f"{message.message_id}/{position}", message)
    level.as_of = as_of
    books.counts[level.item, level.location] = as_of


def _moved_since(books: Books, goods: Bin, as_of: int) -> int:
    since = sum(qty for moved_at, qty in books.earlier_moves.get(goods.key, ()) if moved_at > as_of)
    here = (m for m in books.moves if (m["item"], m["location"], m["lot"], m["serial"], m["status"]) == goods.key)
    return since + sum(int(m["qty"]) for m in here if m["moved_at"] > as_of)


def _reported(books: Books, level: Level, reported: StockItem) -> Bin:
    """The bin a report is about, with what the report says of its days."""
    goods = books.bin(level.item, level.location, reported.lot or "", reported.serial or "", reported.status)
    if isinstance(goods, Lot):
        goods.expiry = reported.expiry.isoformat() if reported.expiry else goods.expiry
        goods.mfg_date = reported.mfg_date.isoformat() if reported.mfg_date else goods.mfg_date
        books.recalls.mark(goods)
    return goods
