"""The demand and the stock one batch is about: loaded at once, changed in memory, saved at once. Quantities in millionths."""

from collections.abc import Collection, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from operator import attrgetter
from typing import Any, cast

import orjson

from canonical.documents.base import D, is_a
from canonical.documents.cases import CaseChanged
from canonical.documents.order_changes import OrderReduced
from canonical.documents.recalls import RecallOpened
from canonical.documents.reservations import ReservationExpired, ReservationSpoiled
from canonical.documents.returns import ReturnReceived
from canonical.documents.sales_out import SalesOutReported
from canonical.documents.shipments import ShipmentDispatched
from canonical.documents.stock import StockLevel
from canonical.envelope import Message
from canonical.failures import Transient
from canonical.reading import part
from handlers.stock.demand import Demand
from handlers.stock.naming import Naming
from handlers.stock.recalls import Recalls
from handlers.stock.wanted import WANTING, Wanted
from store import lots, stock
from store.database import Transaction, to_micros
from store.lots import Lot
from store.stock import BinKey, Level

Place = tuple[str, str]
"""(item, location)"""
Bin = Level | Lot
STATUSES = ("released", "quarantine", "blocked", "expired")
KEEPS_LOTS = 2
"""`detailed` of a level where goods are kept apart by lot or serial number."""
Moved = stock.Moved
ITEM = attrgetter("item")


@dataclass(slots=True)
class Books:
    """Everything a batch may touch. moved_by: {item: the last message that changed its stock}. counts: snapshots taken over.

    now: microseconds. today: the local day. entries: what the lot
    ledger gains. lots: {place: {(lot, serial, status): bin}}. days: {(item, lot, serial): (expiry, made)} of what comes back
    or is reported without.
    late: {order_no: (item, lot, serial) of goods} that left before the order was known. known_items: see `store.stock.lock_levels`.
    to_tell: cases that follow from one message alone.
    """

    now: int = 0
    today: date = date.min
    naming: Naming = field(default_factory=Naming)
    known_items: set[str] = field(default_factory=set)
    demands: dict[str, Demand] = field(default_factory=dict)
    levels: dict[str, dict[str, Level]] = field(default_factory=dict)
    lots: dict[Place, dict[tuple[str, str, str], Lot]] = field(default_factory=dict)
    recalls: Recalls = field(default_factory=Recalls)
    late: dict[str, set[tuple[str, str, str]]] = field(default_factory=dict)
    to_tell: list[tuple[CaseChanged, Message]] = field(default_factory=list)
    days: dict[tuple[str, str, str], tuple[str | None, str | None]] = field(default_factory=dict)
    earlier_moves: dict[Place, list[Moved]] = field(default_factory=dict)
    moves: list[dict[str, Any]] = field(default_factory=list)
    entries: list[dict[str, Any]] = field(default_factory=list)
    receipts: list[dict[str, Any]] = field(default_factory=list)
    arrivals: list[dict[str, Any]] = field(default_factory=list)
    counts: dict[Place, int] = field(default_factory=dict)
    changed: list[Level] = field(default_factory=list)
    changed_lots: set[BinKey] = field(default_factory=set)
    moved_by: dict[str, Message] = field(default_factory=dict)

    def level(self, item: str, location: str) -> Level:
        """The level at a place, about to change; made when nobody has reported the place yet."""
        at = self.levels.setdefault(item, {})
        level = at.get(location)
        if level is None:
            level = at[location] = Level(item, location, new=True)
            self.recalls.mark(level)
        self.touch(level)
        return level

    def lots_at(self, item: str, location: str) -> dict[tuple[str, str, str], Lot]:
        """The bins of known lots at a place."""
        return self.lots.get((item, location), {})

    def bins_of(self, item: str, location: str, lot: str, serial: str) -> list[Lot]:
        """The bins of one lot at a place, of whatever status."""
        at = self.lots_at(item, location)
        return [at[lot, serial, status] for status in STATUSES if (lot, serial, status) in at]

    def bin(self, item: str, location: str, lot: str, serial: str, status: str = "released") -> Bin:
        """The bin of a lot at a place, about to change; made when it is not known yet. Without lot and status, the level."""
        level = self.level(item, location)
        if not lot and not serial and status == "released":
            return level
        level.detailed = KEEPS_LOTS if lot or serial else max(level.detailed, 1)
        at = self.lots.setdefault((item, location), {})
        if (lot, serial, status) not in at:
            at[lot, serial, status] = made = Lot(item, location, lot, serial, status)
            self.recalls.mark(made)
        self.changed_lots.add((item, location, lot, serial, status))
        return at[lot, serial, status]

    def touch(self, changed: Bin) -> None:
        """Note that a bin has changed; of a lot, its place too."""
        level = changed if isinstance(changed, Level) else self.levels[changed.item][changed.location]
        if not level.changed:
            level.changed = True
            self.changed.append(level)
        if not isinstance(changed, Level):
            self.changed_lots.add(changed.key)

    def demand(self, order_no: str, cause: Message) -> Demand:
        """The demand of an order, made when stock has not heard of the order yet."""
        known = self.demands.get(order_no)
        if known is None:
            known = self.demands[order_no] = Demand(order_no, cause=cause)
        else:
            known.cause = cause
        return known

    def changed_bins(self) -> Iterator[Bin]:
        yield from self.changed
        for item, location, *name in self.changed_lots:
            yield self.lots[item, location][name[0], name[1], name[2]]

    def freed(self) -> set[str]:
        """Items of which more is available now, somewhere, than when the books were opened."""
        return {one.item for one in self.changed_bins() if one.available > max(0, one.before)}

    def overdrawn(self) -> set[Place]:
        """Places where more is reserved than may be given out."""
        return {(one.item, one.location) for one in self.changed_bins() if one.available < 0}


def opened(
    batch: Sequence[Message],
    tx: Transaction,
    books: Books,
    *,
    items: Set[str],
    named: Set[str],
    beside: Set[str] = frozenset(),
    locked: bool,
) -> Books:
    """Empty books filled for a batch: the items and the known orders it names, and the orders beside it; with locks: orders, then
    levels, then lots. Without, a reading."""
    order_nos = named | beside
    for kept in stock.lock_orders(tx, order_nos) if locked else stock.orders(tx, order_nos):
        books.demands[kept.order_no] = _restored(kept)
    order_nos = set(books.demands)
    for line in stock.lines_of(tx, order_nos):
        demand = books.demands.setdefault(line.order_no, Demand(line.order_no))
        demand.lines[line.line_no] = line
    theirs = {line.item for demand in books.demands.values() for line in demand.lines.values() if line.item}
    _load_stock(books, tx, items | theirs, locked)
    books.days = lots.days_of(tx, _coming_back(batch, books) | _undated(batch, books))
    books.earlier_moves = stock.moved_since(tx, _counts_named(batch, books.naming))
    return books


def _load_stock(books: Books, tx: Transaction, items: Set[str], locked: bool) -> None:
    """Levels of all items; lots, holds and recalls only where the levels say that there are any."""
    detailed = set()
    for level in stock.lock_levels(tx, items, books.known_items) if locked else stock.levels(tx, items):
        books.levels.setdefault(level.item, {})[level.location] = level
        if level.detailed:
            detailed.add(level.item)
    if detailed:
        for lot in lots.lots(tx, detailed, locked=locked):
            lot.before = lot.available
            books.lots.setdefault((lot.item, lot.location), {})[lot.lot, lot.serial, lot.status] = lot
        _stop(books, Recalls.restored(lots.recalls(tx, detailed)))
    if any(line.lotted for demand in books.demands.values() for line in demand.lines.values()):
        for row in lots.holds(tx, books.demands):
            books.demands[row.order_no].lines[row.line_no].holds[row.lot, row.serial] = row.qty


def _stop(books: Books, recalls: Recalls) -> None:
    """Mark what recalls stop, as it was when the books were opened."""
    books.recalls = recalls
    everywhere: list[dict[Any, Any]] = [*books.levels.values(), *books.lots.values()]
    for goods in (goods for at in everywhere for goods in at.values() if goods.item in recalls.of):
        recalls.mark(goods)
        goods.before = goods.available


def save(books: Books, tx: Transaction) -> None:
    """Keep what changed. Transient when somebody else kept the same new order or place meanwhile."""
    new = [demand for demand in books.demands.values() if demand.new and demand.changed]
    if stock.insert_orders(tx, [_order_row(demand) for demand in new]) != len(new):
        raise Transient("stock heard of an order elsewhere meanwhile")
    known = [demand for demand in books.demands.values() if demand.changed and not demand.new]
    stock.update_orders(tx, [_order_row(demand) for demand in known])
    _save_lines(new, known, tx)
    _save_levels(books.changed, tx)
    counts = [(item, location, as_of) for (item, location), as_of in books.counts.items()]
    stock.insert_moves(tx, books.moves)
    stock.forget_moves(tx, counts)
    if books.changed_lots:
        changed = sorted(books.changed_lots)
        lots.save_lots(tx, (books.lots[key[0], key[1]][key[2], key[3], key[4]] for key in changed))
    lots.insert_entries(tx, books.entries)
    lots.insert_receipts(tx, books.receipts)
    lots.receipts_arrived(tx, books.arrivals)
    lots.save_recalls(tx, books.recalls.changed_rows())


def _save_lines(new: Sequence[Demand], known: Sequence[Demand], tx: Transaction) -> None:
    lotted = [line for demand in (*new, *known) for line in demand.lines.values() if line.lotted or line.holds]
    for line in lotted:
        line.lotted = sum(line.holds.values())
    stock.insert_lines(tx, [line for demand in new for line in demand.lines.values()])
    stock.save_lines(tx, [line for demand in known for line in demand.lines.values()])
    if lotted:
        lots.save_holds(
            tx,
            [(line.order_no, line.line_no) for line in lotted],
            [(line.order_no, line.line_no, *lot, qty) for line in lotted for lot, qty in line.holds.items()],
        )


def _save_levels(levels: Sequence[Level], tx: Transaction) -> None:
    new = [level for level in levels if level.new]
    if stock.insert_levels(tx, new) != len(new):
        raise Transient("stock heard of a place elsewhere meanwhile")
    stock.update_levels(tx, [level for level in levels if not level.new])


def orders_named(message: Message) -> Collection[str]:
    if message.type in WANTING:
        return (message.subject,)
    document = message.document
    if is_a(document, ShipmentDispatched):
        return {line.order_no for line in document.lines} if document.supplier is None else set()
    if is_a(document, ReturnReceived):
        return {document.order_no} if document.order_no else set()
    if is_a(document, OrderReduced) or is_a(document, ReservationExpired) or is_a(document, ReservationSpoiled):
        return {document.order_no}
    return set()


def items_named(message: Message, naming: Naming) -> Iterable[str]:
    if message.type in WANTING:
        return map(ITEM, message.seen_as(Wanted).lines)
    document = message.document
    if is_a(document, ReturnReceived):
        return [line.item for line in document.lines]
    if is_a(document, ShipmentDispatched):
        return [naming.item(line) for line in document.lines if document.supplier is None]
    if is_a(document, StockLevel):
        return [naming.item(item) for item in document.items]
    if is_a(document, RecallOpened):
        return [document.sku]
    return [naming.item(line) for line in document.lines if line.lots] if is_a(document, SalesOutReported) else []


def _documents(batch: Iterable[Message], kind: type[D]) -> Iterator[D]:
    """The documents of one kind in a batch."""
    wanted = kind.message_type
    for message in batch:
        if message.type == wanted:
            yield cast(D, message.document)


def _coming_back(batch: Iterable[Message], books: Books) -> set[tuple[str, str, str]]:
    """The (item, lot, serial) of goods that the batch takes back, by the order's name of the item and the sender's."""
    goods: set[tuple[str, str, str]] = set()
    for document in _documents(batch, ReturnReceived):
        demand = books.demands.get(document.order_no or "")
        for line in document.lines:
            known = demand.lines.get(line.line_no) if demand else None
            items = {line.item, known.item if known else line.item}
            goods |= {(item, ref.lot or "", ref.serial or "") for item in items for ref in line.lots}
    return goods


def _undated(batch: Iterable[Message], books: Books) -> set[tuple[str, str, str]]:
    """The (item, lot, serial) of goods that are reported without their last day, at a place that does not know it."""
    goods: set[tuple[str, str, str]] = set()
    for document in _documents(batch, StockLevel):
        for reported in document.items:
            name = (reported.lot or "", reported.serial or "")
            if reported.expiry is None and any(name):
                item = books.naming.item(reported)
                if not any(bin.expiry for bin in books.bins_of(item, document.location, *name)):
                    goods.add((item, *name))
    return goods


def _counts_named(batch: Iterable[Message], naming: Naming) -> list[tuple[str, str, int]]:
    """The places that snapshots of the batch count, each with its earliest count."""
    counts: dict[Place, int] = {}
    for document in _documents(batch, StockLevel):
        if document.mode == "snapshot":
            as_of = to_micros(document.as_of)
            for item in document.items:
                place = (naming.item(item), document.location)
                counts[place] = min(as_of, counts.get(place, as_of))
    return [(item, location, as_of) for (item, location), as_of in counts.items()]


def _restored(kept: stock.StoredDemand) -> Demand:
    demand = Demand(kept.order_no, None, kept.confirmed_at, kept.told, kept.shipments, kept.soft_until, new=False)
    if kept.demand is not None:
        demand.state(part(Wanted, kept.demand))
    demand.early = orjson.loads(kept.early) if kept.early else []
    return demand


def _order_row(demand: Demand) -> tuple[Any, ...]:
    """A row of ORDER."""
    stated = None if demand.stated_by is None else demand.stated_by.message_id
    return (
        demand.order_no, stated, demand.confirmed_at, demand.told, demand.shipments, demand.soft_until, demand.early or None,
    )  # fmt: skip
