"""The order handler: keeps the facts of every order, has it decided on, and tells what follows."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import cast

from canonical.documents.settlement import PaymentDeposited
from canonical.envelope import Message
from canonical.handling import Outcome
from handlers.order import billing, books, cancelling, changes, changing, placing, reserving, reviewing, verdicts
from handlers.order.policies.settings import Policies
from handlers.refusing import NotAllowed
from store.database import Transaction

Apply = Callable[[books.Books, Message], str | None]
"""Applies one message to the books; gives the token it has to wait for, None when it is dealt with."""

APPLY: dict[str, Apply] = {
    "order.placed": placing.place,
    "order.changed": changing.change,
    "order.cancelled": cancelling.cancel,
    "order.decided": verdicts.decide,
    "review.requested": reviewing.review,
    "stock.reserved": reserving.reserve,
    "stock.released": reserving.release,
    "shipment.dispatched": changes.dispatch,
    "shipment.tracking": changes.track,
    "delivery.confirmed": changes.confirm_delivery,
    "return.received": billing.take_back,
    "invoice.issued": billing.invoice,
    "invoice.voided": billing.void,
    "invoice.written_off": billing.write_off,
    "invoice.reminded": billing.remind,
    "payment.allocated": billing.allocate,
    "payment.deallocated": billing.take_off,
    "payment.deposited": billing.deposit,
    "payment.withdrawn": billing.withdraw,
}


class OrderHandler:
    """Handles everything an order waits for or is changed by."""

    def __init__(self, settings: Policies | None = None) -> None:
        self._standing = books.Standing(settings if settings is not None else Policies())

    def handle(self, batch: Sequence[Message], tx: Transaction, now: datetime) -> Outcome:
        """Apply a batch, in order. At most nineteen statements, whatever the batch holds; one more for each buyer whose credit
        account nobody could foresee. KeyError for a foreign message type.
        """
        opened = self._opened(batch, tx, now)
        for message in batch:
            try:
                waits_for = APPLY[message.type](opened, message)
            except NotAllowed as error:
                verdicts.refused(opened, message, error)
                continue
            if waits_for is not None:
                opened.outcome.park(message, waits_for)
        books.save(opened, tx)
        self._remember(opened)
        return opened.outcome

    def decide(self, decision: Message, tx: Transaction, now: datetime) -> Outcome:
        """Apply the decision of a person. NotAllowed, and nothing has changed."""
        opened = self._opened([decision], tx, now)
        verdicts.decide(opened, decision)
        books.save(opened, tx)
        return opened.outcome

    def _remember(self, opened: books.Books) -> None:
        """Stock will soon tell of the orders that were placed; once a warehouse was asked for the goods, it takes hours."""
        documents, checks = self._standing.documents, self._standing.checks
        for order in opened.orders.values():
            if order.placed_by is not None:
                which = order.document.body().decode() if order.replaced else order.placed_by.message_id
                documents.keep(which, order.terms)
            elif order.facts.requests:
                documents.forget(order.order_no)
                checks.forget(order.order_no)

    def _opened(self, batch: Sequence[Message], tx: Transaction, now: datetime) -> books.Books:
        self._standing.catalogue.refresh(tx, now)
        opened = books.opened(batch, tx, now, self._standing)
        placing.prepare(opened, batch)
        reserving.prepare(opened, batch)
        opened.accounts.lock_deposits(
            cast(PaymentDeposited, message.document).payment_ref for message in batch if message.type == "payment.deposited"
        )
        return opened
