"""The stock handler: sets goods aside for orders, never more than there are."""

from collections.abc import Sequence
from datetime import datetime

from canonical.envelope import Message
from canonical.failures import Transient
from canonical.handling import Outcome
from handlers.stock import allocation, books, facts, telling
from handlers.stock.books import Books, Place
from store import stock
from store.database import Transaction


class StockHandler:
    """Handles demand of orders, goods leaving, and reports of what lies where."""

    def handle(self, batch: Sequence[Message], tx: Transaction, now: datetime) -> Outcome:
        """Apply a batch. A bounded number of statements, whatever the batch holds.

        KeyError for a foreign message type. Transient when the stock changed between looking and locking.
        """
        outcome = Outcome()
        freed, overdrawn = _rehearsed(batch, tx)
        beside = stock.orders_waiting(tx, freed) | stock.orders_holding(tx, overdrawn)
        opened = _applied(batch, books.opened(batch, tx, beside=beside, locked=True))
        _make_sure(opened, tx, overdrawn)
        allocation.take_back(opened, opened.overdrawn())
        allocation.give_out(opened)
        telling.tell(opened, outcome)
        books.save(opened, tx)
        return outcome


def _rehearsed(batch: Sequence[Message], tx: Transaction) -> tuple[set[str], set[Place]]:
    """Which items the batch will free and which places it will overdraw, found without a lock.

    Orders are locked before levels, so who else is concerned must be known before a level is locked.
    """
    if all(message.type == "order.confirmed" for message in batch):
        return set(), set()
    reading = _applied(batch, books.opened(batch, tx, locked=False))
    return reading.freed(), reading.overdrawn()


def _applied(batch: Sequence[Message], opened: Books) -> Books:
    for message in batch:
        facts.APPLY[message.type](opened, message)
    return opened


def _make_sure(opened: Books, tx: Transaction, foreseen: set[Place]) -> None:
    """Everybody who may now be served, or has to give back, is in the books."""
    unforeseen = opened.overdrawn() - foreseen
    missing = stock.orders_waiting(tx, opened.freed()) - set(opened.demands)
    missing |= stock.orders_holding(tx, opened.overdrawn()) - set(opened.demands)
    if missing or unforeseen:
        raise Transient("stock changed while it was being looked at")
