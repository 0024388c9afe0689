"""Finance documents: invoices out, payments in, which pays what (domain: message types 10 to 12)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from canonical.documents.base import Document
from canonical.documents.orders import SalesChannel
from canonical.values import Amount, Code, Currency, Instant, Money, Party, Percent, Price, Qty, Value


class InvoiceLine(Value):
    """One billed line: `net` is the amount without tax after its share of the order's allowances and charges."""

    order_no: Code
    line_no: Code
    item: Code
    description: str | None = None
    qty: Qty
    uom: Code = "EA"
    unit_price: Price
    net: Amount
    tax_rate_pct: Percent = Decimal(0)


class InvoiceTotals(Value):
    net: Amount
    tax: Amount
    gross: Amount


class InvoiceIssued(Document):
    """An invoice for what was shipped; goes to the ledger and to the channel."""

    message_type: ClassVar[str] = "invoice.issued"

    invoice_no: Code
    kind: Literal["normal", "credit", "debit", "proforma"] = "normal"
    order_no: Code
    origin: Code
    channel: SalesChannel
    shipment_no: Code
    issued_on: date
    due_on: date
    buyer: Party
    currency: Currency
    lines: Annotated[tuple[InvoiceLine, ...], Field(min_length=1)]
    totals: InvoiceTotals

    def subject(self) -> str:
        return self.order_no

    def identity(self) -> str:
        return self.invoice_no


class Payer(Value):
    name: str | None = None
    account: str | None = None


class PaymentReceived(Document):
    """Money arrived. `refs` are what the payer says it is for (order numbers, invoice numbers, RF references)."""

    message_type: ClassVar[str] = "payment.received"

    payment_ref: Code
    value_date: date
    amount: Money
    fee: Money | None = None
    payer: Payer = Payer()
    method: str | None = None
    remittance_text: str | None = None
    refs: tuple[Code, ...] = ()
    received_at: Instant | None = None

    def occurred_at(self) -> datetime | None:
        return self.received_at

    def subject(self) -> str:
        return self.payment_ref


class PaymentAllocated(Document):
    """Part of a payment settles an invoice; `invoice_open` is what the invoice still lacks afterwards."""

    message_type: ClassVar[str] = "payment.allocated"

    payment_ref: Code
    invoice_no: Code
    order_no: Code
    amount: Money
    invoice_open: Amount

    def subject(self) -> str:
        return self.order_no

    def identity(self) -> str:
        return f"{self.payment_ref} {self.invoice_no}"
