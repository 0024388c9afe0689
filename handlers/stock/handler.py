"""The stock handler: sets goods aside for orders, never more than there are, and knows where every lot went."""

from collections.abc import Callable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from canonical.envelope import Message
from canonical.failures import Transient
from canonical.handling import Outcome
from handlers.stock import allocation, books, diversion, facts, moving, returning, spoiling, telling
from handlers.stock.books import Books, Place
from handlers.stock.naming import Naming
from store import stock
from store.database import Transaction, to_micros

APPLY: dict[str, Callable[[Books, Message], str | None]] = {
    "order.confirmed": facts.confirm,
    "order.held": facts.hold,
    "order.reduced": facts.reduce,
    "shipment.dispatched": moving.dispatch,
    "stock.level": moving.report,
    "recall.opened": moving.recall,
    "return.received": returning.take_in,
    "reservation.expired": facts.expire,
    "reservation.spoiled": spoiling.spoil,
    "sales_out.reported": diversion.report_sales,
}
"""Each gives the token a message has to wait for, or None when it is dealt with."""


class StockHandler:
    """Handles demand of orders, goods leaving, and reports of what lies where. zone: where its calendar days are."""

    def __init__(self, zone: str = "Asia/Shanghai") -> None:
        self._zone = ZoneInfo(zone)
        self._naming = Naming()
        self._known_items: set[str] = set()

    def handle(self, batch: Sequence[Message], tx: Transaction, now: datetime) -> Outcome:
        """Apply a batch. Seven statements for new orders, at most 36 whatever the batch holds.

        KeyError for a foreign message type. Transient when the stock changed between looking and locking.
        """
        outcome = Outcome()
        self._naming.refresh(batch, tx, now)
        named = _heard_of(batch, tx)
        items = {item for message in batch for item in books.items_named(message, self._naming)}
        freed, overdrawn = _rehearsed(batch, tx, self._empty(now), items, named)
        beside = stock.orders_waiting(tx, freed) | stock.orders_holding(tx, overdrawn)
        beside |= stock.orders_softly_holding(tx, items | freed)
        opened = books.opened(batch, tx, self._empty(now), items=items, named=named, beside=beside, locked=True)
        _applied(batch, opened, outcome)
        _make_sure(opened, tx, overdrawn)
        allocation.take_back(opened, opened.overdrawn())
        allocation.give_out(opened)
        telling.tell(opened, outcome)
        diversion.look_into(opened, batch, tx, outcome)
        diversion.tell_cases(opened, tx, outcome)
        books.save(opened, tx)
        return outcome

    def _empty(self, now: datetime) -> Books:
        return Books(to_micros(now), now.astimezone(self._zone).date(), self._naming, self._known_items)


def _heard_of(batch: Sequence[Message], tx: Transaction) -> set[str]:
    """The orders that the batch names; none where it only confirms orders and stock has not heard of any of them."""
    named = {order_no for message in batch for order_no in books.orders_named(message)}
    return set() if _only_confirms(batch) and not stock.any_known(tx, named) else named


def _only_confirms(batch: Sequence[Message]) -> bool:
    return all(message.type == "order.confirmed" for message in batch)


def _rehearsed(
    batch: Sequence[Message], tx: Transaction, empty: Books, items: set[str], named: set[str]
) -> tuple[set[str], set[Place]]:
    """Which items the batch will free and which places it will overdraw, found without a lock.

    Orders are locked before levels, so who else is concerned must be known before a level is locked. Orders stock has not heard
    of can only take.
    """
    if not named and _only_confirms(batch):
        return set(), set()
    reading = books.opened(batch, tx, empty, items=items, named=named, locked=False)
    _applied(batch, reading, Outcome())
    return reading.freed(), reading.overdrawn()


def _applied(batch: Sequence[Message], opened: Books, outcome: Outcome) -> None:
    for message in batch:
        waits_for = APPLY[message.type](opened, message)
        if waits_for is not None:
            outcome.park(message, waits_for)
        elif message.type == "shipment.dispatched":
            outcome.arrived.update(f"shipped:{order_no}" for order_no in books.orders_named(message))


def _make_sure(opened: Books, tx: Transaction, foreseen: set[Place]) -> None:
    """Everybody who may now be served, or has to give back, is in the books."""
    unforeseen = opened.overdrawn() - foreseen
    missing = stock.orders_waiting(tx, opened.freed()) - set(opened.demands)
    missing |= stock.orders_holding(tx, opened.overdrawn()) - set(opened.demands)
    if missing or unforeseen:
        raise Transient("stock changed while it was being looked at")
