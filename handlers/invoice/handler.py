"""The invoice handler: bills what was shipped, credits what came back, and applies money to what is open."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from canonical.envelope import Message
from canonical.handling import Outcome
from handlers.catalogue import Catalogue
from handlers.invoice import billing, collecting, money, verdicts
from handlers.invoice.books import opened, save
from handlers.invoice.desk import Desk, settle
from handlers.invoice.proposing import propose
from store.database import Transaction

Apply = Callable[[Desk, Message], str | None]
"""Applies one message; gives the token it has to wait for, None when it is dealt with."""

APPLY: dict[str, Apply] = {
    "shipment.dispatched": billing.bill,
    "return.received": billing.take_back,
    "order.confirmed": billing.look_again,
    "order.reduced": billing.look_again,
    "order.held": billing.look_again,
    "payment.received": money.receive,
    "payment.reversed": money.give_back,
    "payment.refunded": money.give_back,
    "billing.closed": collecting.close,
    "payment.decided": verdicts.decide_payment,
    "invoice.decided": verdicts.decide_invoice,
}


class InvoiceHandler:
    """Handles goods that have left or come back, and money that has arrived or gone back."""

    def __init__(self, tolerance: Mapping[str, Decimal] | None = None) -> None:
        """tolerance: what an invoice may lack, by currency, to be put up for being given up; 0 where none is named."""
        self._catalogue = Catalogue()
        self._tolerance = tolerance or {}

    def handle(self, batch: Sequence[Message], tx: Transaction, now: datetime) -> Outcome:
        """Apply a batch, in order, then settle all of it at once. At most forty statements, whatever the batch holds.

        NotAllowed for a decision that is not; KeyError for a foreign message type.
        """
        self._catalogue.refresh(tx, now)
        desk = Desk(opened(batch, tx, self._catalogue), self._catalogue, Outcome(), now)
        for message in batch:
            waits_for = APPLY[message.type](desk, message)
            if waits_for is not None:
                desk.outcome.park(message, waits_for)
        if batch:
            settle(desk, batch[-1])
        if self._tolerance:
            propose(desk, tx, self._tolerance)
        save(desk.books, tx)
        return desk.outcome
