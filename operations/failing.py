"""What can be wrong with a question or a decision."""

from collections.abc import Iterable

from canonical.failures import Failure
from canonical.nearest import did_you_mean
from store.database import Transaction
from store.nearest import names_near


class NotFound(Failure):
    """There is no such thing. near: names that it may have been mistyped for."""

    def __init__(self, kind: str, key: str, near: Iterable[str] = ()) -> None:
        super().__init__(f"there is no {kind} {key!r}{did_you_mean(key, near).replace(' Did', '. Did')}")
        self.kind = kind
        self.key = key


def not_found(tx: Transaction, kind: str, key: str) -> NotFound:
    """That there is no such order, shipment, invoice, payment or item, and which was meant, as far as names beside it tell."""
    return NotFound(kind, key, names_near(tx, kind, key))


class BadCursor(Failure):
    """A cursor that no page of this list gave out."""


class NotPossible(Failure):
    """The thing is there, but it does not stand so that this could be done to it."""
