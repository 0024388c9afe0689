"""The order handler: keeps the facts of every order and tells what follows from them."""

from collections.abc import Callable, Sequence
from datetime import datetime

from canonical.envelope import Message
from canonical.handling import Outcome
from handlers.order import books, changes, placing, reserving
from store.database import Transaction

Apply = Callable[[books.Books, Message], str | None]
"""Applies one message to the books; gives the token it has to wait for, None when it is dealt with."""

APPLY: dict[str, Apply] = {
    "order.placed": placing.place,
    "order.cancelled": changes.cancel,
    "stock.reserved": reserving.reserve,
    "stock.released": reserving.release,
    "shipment.dispatched": changes.dispatch,
    "shipment.tracking": changes.track,
    "delivery.confirmed": changes.confirm_delivery,
    "invoice.issued": changes.invoice,
    "payment.allocated": changes.allocate,
}


class OrderHandler:
    """Handles everything an order waits for or is changed by."""

    def handle(self, batch: Sequence[Message], tx: Transaction, now: datetime) -> Outcome:
        """Apply a batch, in order. At most ten statements, whatever the batch holds. KeyError for a foreign message type."""
        outcome = Outcome()
        opened = books.opened(batch, tx, outcome, now)
        for message in batch:
            waits_for = APPLY[message.type](opened, message)
            if waits_for is not None:
                outcome.park(message, waits_for)
        books.save(opened, tx)
        return outcome
