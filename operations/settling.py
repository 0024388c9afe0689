"""Deciding about money: each decision is carried out, recorded and told in one transaction, or changes nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from pydantic import Field

from canonical.documents.base import Document
from canonical.documents.order_changes import LineQty
from canonical.documents.settlement import InvoiceDecided, PaymentDecided
from canonical.envelope import first_message
from handlers.invoice.handler import InvoiceHandler
from operations.access import Operations
from operations.choices import InvoiceVerdict, PaymentVerdict
from operations.failing import NotFound, NotPossible
from operations.views import View
from store import archive, money_lists

SOURCE = "orderlane/operators"


class Settled(View):
    """A decision that was carried out."""

    message_id: str = Field(description="Id of the message that records it.")
    seq: int = Field(description="Which decision about this thing it was.")
    led_to: list[str] = Field(description="Types of the messages that follow from it, in order.")


@dataclass(frozen=True, slots=True)
class By:
    """Who decides, and why."""

    actor: str
    reason: str


def decide_payment(
    hub: Operations,
    payment_ref: str,
    verdict: PaymentVerdict,
    by: By,
    *,
    invoice_no: str | None = None,
    customer_no: str | None = None,
    amount: Decimal | None = None,
    currency: str | None = None,
) -> Settled:
    """allocate: so much of the payment (all that fits, where no amount is named) settles the invoice. release: what of it settles
    the invoice is taken off. link: its payer pays for the customer. NotFound, NotAllowed with its code, NotPossible."""
    return _decide(
        hub, "payments", payment_ref,
        lambda seq, now: PaymentDecided(
            payment_ref=payment_ref, verdict=verdict, invoice_no=invoice_no, customer_no=customer_no, amount=amount,
            currency=currency, seq=seq, actor=by.actor, reason=by.reason, decided_at=now,
        ),
    )  # fmt: skip


def decide_invoice(
    hub: Operations,
    invoice_no: str,
    verdict: InvoiceVerdict,
    by: By,
    *,
    amount: Decimal | None = None,
    lines: tuple[LineQty, ...] = (),
) -> Settled:
    """As `canonical/documents/settlement.py:InvoiceDecided` says. NotFound, NotAllowed with its code, NotPossible."""
    return _decide(
        hub, "invoices", invoice_no,
        lambda seq, now: InvoiceDecided(
            invoice_no=invoice_no, verdict=verdict, amount=amount, lines=lines, seq=seq, actor=by.actor, reason=by.reason,
            decided_at=now,
        ),
    )  # fmt: skip


def _decide(hub: Operations, table: str, number: str, document: Callable[[int, datetime], Document]) -> Settled:
    now = datetime.now(UTC)
    with hub.database.transaction() as tx:
        decisions = money_lists.decisions_about(tx, table, number)
        if decisions is None:
            raise NotFound(table.removesuffix("s"), number)
        message = first_message(document(decisions + 1, now), source=SOURCE, raw_id=None, now=now)
        outcome = InvoiceHandler().handle([message], tx, now)
        told = outcome.messages(source="orderlane/invoice", now=now)
        recorded = archive.record_messages(tx, hub.intake.router.routed([message, *told]))
        if message.message_id not in recorded.new:
            raise NotPossible(f"somebody has decided about {number} meanwhile: look again")
    return Settled(message_id=message.message_id, seq=decisions + 1, led_to=[one.type for one in told])
