"""The demand and the levels one batch is about: loaded at once, changed in memory, saved at once. Quantities in millionths."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from canonical.documents.orders import OrderConfirmed, OrderReduced
from canonical.documents.shipments import ShipmentDispatched
from canonical.documents.stock import StockLevel
from canonical.envelope import Message
from canonical.failures import Transient
from store import stock
from store.database import Transaction, to_micros
from store.stock import Level, Line

Place = tuple[str, str]
"""(item, location)"""
LINE_NAMES = tuple(name for name, _ in stock.LINE)
LEVEL_NAMES = tuple(name for name, _ in stock.LEVEL)


@dataclass(slots=True)
class Demand:
    """One order as stock sees it.

    document: None before order.confirmed came. rank: who is served first. cause: the last message of the batch about it.
    short: {line_no: qty} newly without goods. reserved, released: {location: {line_no: qty}} of this batch, to be told.
    """

    order_no: str
    document: OrderConfirmed | None = None
    confirmed_at: int | None = None
    told: int = 0
    shipments: int = 0
    lines: dict[str, Line] = field(default_factory=dict)
    cause: Message | None = None
    confirmed_by: Message | None = None
    new: bool = True
    changed: bool = False
    short: dict[str, int] = field(default_factory=dict)
    reserved: dict[str, dict[str, int]] = field(default_factory=dict)
    released: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def rank(self) -> tuple[int, int]:
        """(priority, when confirmed): lower is served first; equal ones in the order they came."""
        return (self.document.priority if self.document else 9, self.confirmed_at or 0)

    def line(self, line_no: str) -> Line:
        """The line, made when it is not known yet."""
        self.changed = True
        known = self.lines.get(line_no)
        if known is None:
            known = self.lines[line_no] = Line(self.order_no, line_no)
        return known


@dataclass(slots=True)
class Books:
    """Everything a batch may touch. moved_by: {item: the last message that changed its levels}. counts: snapshots taken over.

    before: {place: what was available when the books were opened}.
    """

    demands: dict[str, Demand] = field(default_factory=dict)
    levels: dict[str, dict[str, Level]] = field(default_factory=dict)
    earlier_moves: dict[Place, list[tuple[int, int]]] = field(default_factory=dict)
    moves: list[dict[str, Any]] = field(default_factory=list)
    counts: dict[Place, int] = field(default_factory=dict)
    before: dict[Place, int] = field(default_factory=dict)
    changed: set[Place] = field(default_factory=set)
    moved_by: dict[str, Message] = field(default_factory=dict)

    def level(self, item: str, location: str) -> Level:
        """The level at a place, about to change; made when nobody has reported the place yet."""
        self.changed.add((item, location))
        at = self.levels.setdefault(item, {})
        if location not in at:
            at[location] = Level(item, location)
        return at[location]

    def demand(self, order_no: str, cause: Message) -> Demand:
        """The demand of an order, made when stock has not heard of the order yet."""
        known = self.demands.get(order_no)
        if known is None:
            known = self.demands[order_no] = Demand(order_no)
        known.cause = cause
        return known

    def freed(self) -> set[str]:
        """Items of which more is available now, somewhere, than when the books were opened."""
        return {i for i, at in self.changed if self.levels[i][at].available > self.before.get((i, at), 0)}

    def overdrawn(self) -> set[Place]:
        """Places where more is reserved than there is."""
        return {(i, at) for i, at in self.changed if self.levels[i][at].available < 0}


def opened(batch: Sequence[Message], tx: Transaction, *, beside: Iterable[str] = (), locked: bool) -> Books:
    """The books of a batch and of the orders beside it; with locks, orders first, then levels. Without, a reading."""
    books = Books()
    order_nos = set(beside).union(*(_orders_named(message) for message in batch))
    if locked:
        for kept in stock.lock_orders(tx, order_nos):
            books.demands[kept.order_no] = _restored(kept)
        order_nos = set(books.demands)
    for line in stock.lines_of(tx, order_nos):
        demand = books.demands.setdefault(line.order_no, Demand(line.order_no))
        demand.lines[line.line_no] = line
    items = {line.item for demand in books.demands.values() for line in demand.lines.values() if line.item}
    items.update(item for message in batch for item in _items_named(message))
    for level in stock.lock_levels(tx, items) if locked else stock.levels(tx, items):
        books.levels.setdefault(level.item, {})[level.location] = level
        books.before[level.item, level.location] = level.available
    books.earlier_moves = stock.moved_since(tx, _counts_named(batch))
    return books


def save(books: Books, tx: Transaction) -> None:
    """Keep what changed. Transient when somebody else kept the same new order meanwhile."""
    new = [demand for demand in books.demands.values() if demand.new and demand.changed]
    if stock.insert_orders(tx, [_order_row(demand) for demand in new]) != len(new):
        raise Transient("stock heard of an order elsewhere meanwhile")
    known = [demand for demand in books.demands.values() if demand.changed and not demand.new]
    stock.update_orders(tx, [_order_row(demand) for demand in known])
    changed = (line for demand in (*new, *known) for line in demand.lines.values())
    stock.save_lines(tx, [{name: getattr(line, name) for name in LINE_NAMES} for line in changed])
    levels = [books.levels[item][location] for item, location in sorted(books.changed)]
    stock.save_levels(tx, [{name: getattr(level, name) for name in LEVEL_NAMES} for level in levels])
    counts = [(item, location, as_of) for (item, location), as_of in books.counts.items()]
    stock.insert_moves(tx, books.moves)
    stock.forget_moves(tx, counts)


def _orders_named(message: Message) -> set[str]:
    document = message.document
    if isinstance(document, ShipmentDispatched):
        return {line.order_no for line in document.lines}
    return {document.order_no} if isinstance(document, (OrderConfirmed, OrderReduced)) else set()


def _items_named(message: Message) -> Iterator[str]:
    document = message.document
    if isinstance(document, (OrderConfirmed, ShipmentDispatched)):
        yield from (line.item for line in document.lines)
    elif isinstance(document, StockLevel):
        yield from (item.item for item in document.items)


def _counts_named(batch: Iterable[Message]) -> list[tuple[str, str, int]]:
    """The places that snapshots of the batch count, each with its earliest count."""
    counts: dict[Place, int] = {}
    for message in batch:
        document = message.document
        if isinstance(document, StockLevel) and document.mode == "snapshot":
            as_of = to_micros(document.as_of)
            for item in document.items:
                place = (item.item, document.location)
                counts[place] = min(as_of, counts.get(place, as_of))
    return [(item, location, as_of) for (item, location), as_of in counts.items()]


def _restored(kept: stock.StoredDemand) -> Demand:
    document = None if kept.demand is None else OrderConfirmed.model_validate_json(kept.demand)
    return Demand(kept.order_no, document, kept.confirmed_at, kept.told, kept.shipments, new=False)


def _order_row(demand: Demand) -> dict[str, Any]:
    row: dict[str, Any] = {
        "order_no": demand.order_no, "confirmed_at": demand.confirmed_at, "told": demand.told, "shipments": demand.shipments,
    }  # fmt: skip
    if demand.confirmed_by is not None:
        row["demand"] = orjson.Fragment(demand.confirmed_by.body)
    return row
