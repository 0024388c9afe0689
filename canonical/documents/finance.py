"""Finance documents: invoices out, payments in, which pays what (domain: message types 10 to 13)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from canonical.documents.base import Document
from canonical.documents.orders import PaymentTerms, SalesChannel
from canonical.values import (
    Allowance,
    Amount,
    Charge,
    Code,
    Currency,
    Instant,
    ItemIds,
    LotRef,
    Money,
    Party,
    Percent,
    Price,
    Qty,
    TaxTotal,
    Value,
)


class InvoiceLine(ItemIds):
    """One billed line: `net` is the amount without tax after its share of the order's allowances and charges. A price below zero
    takes back: a supplier's credit among its other lines."""

    order_no: Code | None = None
    line_no: Code
    item: Code
    qty: Qty
    uom: Code = "EA"
    unit_price: Amount
    net: Amount
    tax_rate_pct: Percent = Decimal(0)
    price_base_qty: Qty = Decimal(1)
    allowances: tuple[Allowance, ...] = ()
    charges: tuple[Charge, ...] = ()
    lots: tuple[LotRef, ...] = ()
    references: dict[str, str] = Field(default_factory=dict)


class InvoiceTotals(Value):
    """The sums of an invoice: gross = net + tax; `payable` is what is left of it after what was `prepaid`, where stated."""

    net: Amount
    tax: Amount
    gross: Amount
    prepaid: Price | None = None
    payable: Amount | None = None


class InvoiceIssued(Document):
    """An invoice for what was shipped, or its credit note (amounts positive, `kind` tells).

    The hub's own has `order_no`, `origin`, `channel`, `shipment_no` and `buyer`, and goes to the ledger and to the channel.
    A customer may get one collective invoice for a period instead: that has no `order_no` but on its lines, and each part of it is
    told to its order with `collected_in`. A supplier who bills us is the `seller`; its totals stand as it states them.
    """

    message_type: ClassVar[str] = "invoice.issued"

    invoice_no: Code
    tax_invoice_no: str | None = None
    original_invoice_no: str | None = None
    collected_in: Code | None = None
    kind: Literal["normal", "credit", "debit", "proforma"] = "normal"
    order_no: Code | None = None
    origin: Code | None = None
    channel: SalesChannel | None = None
    shipment_no: Code | None = None
    issued_on: date
    due_on: date | None = None
    seller: Party | None = None
    buyer: Party | None = None
    payee: Party | None = None
    ship_to: Party | None = None
    currency: Currency
    payment_terms: PaymentTerms | None = None
    references: dict[str, str] = Field(default_factory=dict)
    lines: Annotated[tuple[InvoiceLine, ...], Field(min_length=1)]
    doc_allowances: tuple[Allowance, ...] = ()
    doc_charges: tuple[Charge, ...] = ()
    taxes: tuple[TaxTotal, ...] = ()
    totals: InvoiceTotals

    def subject(self) -> str:
        return self.order_no or self.invoice_no

    def identity(self) -> str:
        return self.invoice_no if self.seller is None else f"{self.seller.party_id} {self.invoice_no}"


class Payer(Value):
    name: str | None = None
    account: str | None = None


class PaymentReceived(Document):
    """Money arrived. `refs` are what the payer says it is for (order numbers, invoice numbers, RF references).

    `fee_from` tells who bears the fee: the payer, then so much of the amount settles nothing and is still owed; or the payee, then
    the payment counts in full.
    """

    message_type: ClassVar[str] = "payment.received"

    payment_ref: Code
    value_date: date
    amount: Money
    fee: Money | None = None
    fee_from: Literal["payer", "payee"] = "payer"
    payer: Payer = Payer()
    method: str | None = None
    remittance_text: str | None = None
    refs: tuple[Code, ...] = ()
    order_no: Code | None = None
    bank_reference: str | None = None
    references: dict[str, str] = Field(default_factory=dict)
    received_at: Instant | None = None

    def occurred_at(self) -> datetime | None:
        return self.received_at

    def subject(self) -> str:
        return self.payment_ref


class PaymentReturned(Document):
    """What a refund and a reversal have in common: `amount` of the payment `original_ref` went back to the payer.

    refund_ref is the reference of this movement itself; the amount is positive. `cumulative`: the amount is all that went back of
    the payment so far, this movement counted in; what is new is what the hub did not know of.
    """

    refund_ref: Code
    original_ref: Code
    value_date: date
    amount: Money
    cumulative: bool = False
    reason: Code
    payer: Payer = Payer()
    method: str | None = None
    refs: tuple[Code, ...] = ()
    order_no: Code | None = None
    references: dict[str, str] = Field(default_factory=dict)
    returned_at: Instant | None = None

    def occurred_at(self) -> datetime | None:
        return self.returned_at

    def subject(self) -> str:
        return self.original_ref

    def identity(self) -> str:
        return self.refund_ref


class PaymentRefunded(PaymentReturned):
    """We, or the platform for us, gave money back to the payer."""

    message_type: ClassVar[str] = "payment.refunded"


class PaymentReversed(PaymentReturned):
    """The bank or the platform took a payment back: it bounced, was disputed or was booked wrongly."""

    message_type: ClassVar[str] = "payment.reversed"


class PaymentAllocated(Document):
    """Part of a payment settles an invoice; `invoice_open` is what the invoice still lacks afterwards. The `salesperson` of the
    customer hears of it. `seq` counts the changes of this pair, 0 the first; `collective_no` is the collective
    invoice that the order's `invoice_no` is a part of."""

    message_type: ClassVar[str] = "payment.allocated"

    payment_ref: Code
    invoice_no: Code
    collective_no: Code | None = None
    order_no: Code
    customer_no: Code | None = None
    salesperson: Code | None = None
    amount: Money
    invoice_open: Amount
    seq: int = 0

    def subject(self) -> str:
        return self.order_no

    def identity(self) -> str:
        pair = f"{self.payment_ref} {self.invoice_no}"
        return f"{pair} {self.seq}" if self.seq else pair
