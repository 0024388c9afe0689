"""What is told about invoices and payments in lists, and about one payment. Amounts are exact decimals."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pydantic import Field

from operations.views import View


class InvoiceHead(View):
    """An invoice or credit note in a list; open = gross - credited - written_off - allocated."""

    invoice_no: str
    kind: str = Field(description="normal or credit.")
    state: str = Field(description="draft, issued, part_paid, paid, credited, written_off or void.")
    overdue: int = Field(description="Days past due while it lacks money, else 0.")
    order_no: str
    shipment_no: str
    customer_no: str | None = None
    original_no: str | None = Field(default=None, description="Of a credit note: the invoice it corrects.")
    collected_in: str | None = Field(default=None, description="The collective invoice it went out with.")
    currency: str
    gross: Decimal
    allocated: Decimal
    credited: Decimal
    written_off: Decimal
    open: Decimal
    asked: Decimal | None = Field(default=None, description="What somebody asked to give up of it; waits for approval.")
    disputed: bool
    reminded: int | None = Field(default=None, description="Level of the last reminder.")
    issued_on: date
    due_on: date


class PaymentHead(View):
    """A payment in a list; left = amount - fee - returned - allocated."""

    payment_ref: str
    state: str = Field(description="suspense, deposit, part_allocated, allocated or returned.")
    reason: str | None = Field(default=None, description="Why it is in suspense.")
    currency: str
    amount: Decimal
    fee: Decimal
    returned: Decimal
    allocated: Decimal
    left: Decimal
    value_date: date
    payer: str | None = Field(default=None, description="The account it came from.")
    customer_no: str | None = None


class PaymentShare(View):
    """What a payment settles of one invoice. how: reference, or amount, sum, oldest_first, person for a decided match."""

    invoice_no: str
    order_no: str
    amount: Decimal
    how: str
    allocated_at: datetime


class MoneyBack(View):
    """A refund or reversal of a payment."""

    refund_ref: str
    kind: str = Field(description="reversed or refunded.")
    amount: Decimal
    value_date: date


class DecisionView(View):
    """What a person decided about it."""

    seq: int
    verdict: str
    actor: str
    reason: str
    decided_at: datetime


class PaymentDetails(PaymentHead):
    """A payment with what it names, what it settles, what went back and what people decided; `document` is the canonical
    payment.received."""

    names: list[str]
    settles: list[PaymentShare]
    went_back: list[MoneyBack]
    decided: list[DecisionView]
    document: dict[str, Any]
