"""What has to be done about money as time passes: reminders, collective invoices of periods that are over, another look at money
that came too early. Safe to repeat."""

from collections.abc import Sequence
from datetime import UTC, datetime

from canonical.documents.base import Document
from canonical.documents.settlement import BillingClosed
from canonical.envelope import first_message
from handlers.catalogue import Catalogue
from handlers.invoice.collecting import period_before
from handlers.invoice.dunning import remind
from handlers.invoice.handler import InvoiceHandler
from operations.access import Operations
from store import archive, finance
from store.database import Transaction

SOURCE = "orderlane/clock"
AT_ONCE = 500


def send_reminders(hub: Operations, now: datetime, steps: Sequence[int], *, hold_level: int) -> int:
    """Remind of every invoice that has reached its next step; how many there were."""
    sent = 0
    while True:
        with hub.database.transaction() as tx:
            catalogue = Catalogue()
            catalogue.refresh(tx, now)
            found = remind(tx, catalogue, now.astimezone(UTC).date(), steps, hold_level=hold_level, limit=AT_ONCE)
            _record(hub, tx, found, now)
        sent += len(found)
        if len(found) < AT_ONCE:
            return sent


def look_again(hub: Operations, now: datetime) -> int:
    """Have money looked at again that came before the order it names; how many payments there were."""
    with hub.database.transaction() as tx:
        messages = archive.messages_stating(tx, "payment.received", finance.found_by_now(tx, AT_ONCE))
        if messages:
            outcome = InvoiceHandler().handle(messages, tx, now)
            told = outcome.messages(source="orderlane/invoice", now=now)
            archive.record_messages(tx, hub.intake.router.routed(told))
    return len(messages)


def close_periods(hub: Operations, now: datetime) -> int:
    """Have the drafts of months that are over go out; for how many customers and currencies."""
    today = now.astimezone(UTC).date()
    through = period_before(today)
    with hub.database.transaction() as tx:
        closed = [
            BillingClosed(customer_no=row.customer_no, currency=row.currency, through=through, closed_on=today)
            for row in finance.customers_with_drafts(tx, through.isoformat())
        ]
        _record(hub, tx, closed, now)
    return len(closed)


def _record(hub: Operations, tx: Transaction, documents: Sequence[Document], now: datetime) -> None:
    messages = [first_message(document, source=SOURCE, raw_id=None, now=now) for document in documents]
    archive.record_messages(tx, hub.intake.router.routed(messages))
