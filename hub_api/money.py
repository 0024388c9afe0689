"""Invoices and payments: lists, and what people decide about them. Every decision names who made it and why."""

from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from hub_api.access import Hub, require_operator, require_plain_text
from hub_api.decisions import Decision, LinePart, Number, Words
from hub_api.pages import WantedPage
from hub_api.problems import described
from operations import money
from operations.choices import InvoiceVerdict
from operations.money_views import InvoiceHead, PaymentDetails, PaymentHead
from operations.settling import By, Settled, decide_invoice, decide_payment
from operations.views import Page
from store.money_lists import InvoiceFilter, PaymentFilter

router = APIRouter(
    dependencies=[Depends(require_operator), Depends(require_plain_text)],
    responses=described(401, 403, 422, 503),
    tags=["stock and money"],
)
Filter = Annotated[str | None, Query(max_length=400)]
Day = Annotated[str | None, Query(pattern=r"^\d{4}-\d{2}-\d{2}$", description="Lacking money and due before this day.")]
Asked = Annotated[bool | None, Query(description="Whether giving up something of it waits for approval.")]
DECIDED: dict[str, Any] = {"responses": described(404, 409), "tags": ["decisions"]}


class Allocation(Decision):
    """amount: all that fits, where absent."""

    invoice_no: Words
    amount: Number | None = None
    currency: str | None = Field(default=None, description="Has to be the payment's, where named.", examples=["CNY"])


class Release(Decision):
    invoice_no: Words


class Link(Decision):
    customer_no: Words


class Part(Decision):
    """amount: all of it, where absent."""

    amount: Number | None = None


class Credit(Decision):
    """Lines with quantities for goods, or an amount without tax for a price correction."""

    amount: Number | None = None
    lines: tuple[LinePart, ...] = ()


@router.get("/invoices", responses=described(400))
def invoices(
    hub: Hub, page: WantedPage, state: Filter = None, kind: Filter = None, customer: Filter = None, order: Filter = None,
    overdue_on: Day = None, asked: Asked = None,
) -> Page[InvoiceHead]:  # fmt: skip
    """Invoices and credit notes, newest first; every filter given must match."""
    wanted = InvoiceFilter(state, kind, customer, order, overdue_on, asked)
    return money.invoices(hub.database, wanted, cursor=page.cursor, limit=page.limit)


@router.get("/payments", responses=described(400))
def payments(hub: Hub, page: WantedPage, state: Filter = None, reason: Filter = None, customer: Filter = None) -> Page[PaymentHead]:
    """Payments, newest first; `state=suspense` lists what waits for a person."""
    return money.payments(hub.database, PaymentFilter(state, reason, customer), cursor=page.cursor, limit=page.limit)


@router.post("/payments/{payment_ref:path}/allocate", **DECIDED)
def allocate(hub: Hub, payment_ref: str, decision: Allocation) -> Settled:
    """Let so much of the payment settle the invoice; refused in another currency, or for more than is left or open."""
    amount, currency = _exact(decision.amount), decision.currency
    return decide_payment(
        hub, payment_ref, "allocate", _by(decision), invoice_no=decision.invoice_no, amount=amount, currency=currency
    )


@router.post("/payments/{payment_ref:path}/release", **DECIDED)
def release(hub: Hub, payment_ref: str, decision: Release) -> Settled:
    """Take off what the payment settles of the invoice; it does not go there again by itself."""
    return decide_payment(hub, payment_ref, "release", _by(decision), invoice_no=decision.invoice_no)


@router.post("/payments/{payment_ref:path}/link", **DECIDED)
def link(hub: Hub, payment_ref: str, decision: Link) -> Settled:
    """The payer pays for this customer, now and from now on."""
    return decide_payment(hub, payment_ref, "link", _by(decision), customer_no=decision.customer_no)


@router.get("/payments/{payment_ref:path}", responses=described(404))
def payment(hub: Hub, payment_ref: str) -> PaymentDetails:
    """One payment with what it settles, what went back of it and what people decided."""
    return money.payment(hub.database, payment_ref)


@router.post("/invoices/{invoice_no:path}/credit", **DECIDED)
def credit(hub: Hub, invoice_no: str, decision: Credit) -> Settled:
    """Issue a credit note for goods or for a price that was too high."""
    lines = tuple(line.read() for line in decision.lines)
    return decide_invoice(hub, invoice_no, "credit", _by(decision), amount=_exact(decision.amount), lines=lines)


@router.post("/invoices/{invoice_no:path}/write-off", **DECIDED)
def write_off(hub: Hub, invoice_no: str, decision: Part) -> Settled:
    """Ask to give up what the invoice lacks; somebody else has to approve."""
    return decide_invoice(hub, invoice_no, "write_off", _by(decision), amount=_exact(decision.amount))


@router.post("/invoices/{invoice_no:path}/{verdict}", **DECIDED)
def decide(hub: Hub, invoice_no: str, verdict: InvoiceVerdict, decision: Decision) -> Settled:
    """void: nobody has paid it and nobody was sent it. approve, reject: what was asked to be written off. dispute: no reminders
    until settle."""
    return decide_invoice(hub, invoice_no, verdict, _by(decision))


def _exact(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _by(decision: Decision) -> By:
    return By(decision.actor, decision.reason)
