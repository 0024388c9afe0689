"""What becomes of invoices and money after they are there: set aside, given back, reminded, written off, decided by people."""

from datetime import date, datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from canonical.documents.base import Document
from canonical.documents.order_changes import LineQty
from canonical.values import Amount, Code, Currency, Instant, Money, Party, Price

Undone = Literal["reversed", "refunded", "credited", "written_off", "voided", "released", "rearranged"]
"""Why money no longer settles an invoice: the payment went back (reversed, refunded); the invoice is worth less (credited,
written_off, voided); a person took it off (released); other money settles it now (rearranged)."""


class PaymentDeallocated(Document):
    """Part of a payment no longer settles an invoice; `invoice_open` is what the invoice lacks afterwards. `seq` counts the changes
    of this pair, together with those of `payment.allocated`."""

    message_type: ClassVar[str] = "payment.deallocated"

    payment_ref: Code
    invoice_no: Code
    collective_no: Code | None = None
    order_no: Code
    customer_no: Code | None = None
    salesperson: Code | None = None
    amount: Money
    invoice_open: Amount
    reason: Undone
    seq: Annotated[int, Field(ge=1)]

    def subject(self) -> str:
        return self.order_no

    def identity(self) -> str:
        return f"{self.payment_ref} {self.invoice_no} {self.seq}"


class PaymentDeposited(Document):
    """So much of a payment lies ready for what its customer still gets billed: the whole sum as it stands now, 0 when all is used.
    `seq` counts these messages of one payment; the largest one holds. `order_no` is the order it was paid for, where it is one."""

    message_type: ClassVar[str] = "payment.deposited"

    payment_ref: Code
    order_no: Code | None = None
    customer_no: Code | None = None
    salesperson: Code | None = None
    amount: Money
    seq: Annotated[int, Field(ge=1)]

    def subject(self) -> str:
        return self.order_no or self.payment_ref

    def identity(self) -> str:
        return f"{self.payment_ref} {self.seq}"


class PaymentWithdrawn(Document):
    """So much of a payment has gone back to its payer altogether; it may settle invoices of the order, or might have. The largest
    sum holds, so these messages may come in any order."""

    message_type: ClassVar[str] = "payment.withdrawn"

    payment_ref: Code
    order_no: Code
    amount: Money

    def subject(self) -> str:
        return self.order_no

    def identity(self) -> str:
        return f"{self.payment_ref} {self.order_no} {self.amount.amount}"


class InvoiceReminded(Document):
    """An invoice is due or overdue and lacks money. `level` counts the steps: 0 before it is due, then 1 to 4; with `hold` the
    customer's credit is held until it is paid. `days` past due, below zero before. `collective_no`: the customer knows it as a part
    of that collective invoice."""

    message_type: ClassVar[str] = "invoice.reminded"

    invoice_no: Code
    collective_no: Code | None = None
    order_no: Code
    origin: Code | None = None
    customer_no: Code | None = None
    salesperson: Code | None = None
    buyer: Party | None = None
    level: Annotated[int, Field(ge=0)]
    days: int
    due_on: date
    reminded_on: date
    open: Money
    hold: bool = False

    def subject(self) -> str:
        return self.order_no

    def identity(self) -> str:
        return f"{self.invoice_no} {self.level}"


class InvoiceVoided(Document):
    """An invoice that nobody had paid and no ledger had posted counts no more."""

    message_type: ClassVar[str] = "invoice.voided"

    invoice_no: Code
    order_no: Code
    customer_no: Code | None = None
    gross: Money
    actor: Code
    reason: Code

    def subject(self) -> str:
        return self.order_no

    def identity(self) -> str:
        return self.invoice_no


class InvoiceWrittenOff(Document):
    """What an invoice lacks, or part of it, is given up; two people have said so. `seq` counts those of one invoice."""

    message_type: ClassVar[str] = "invoice.written_off"

    invoice_no: Code
    collective_no: Code | None = None
    order_no: Code
    customer_no: Code | None = None
    salesperson: Code | None = None
    amount: Money
    invoice_open: Amount
    requested_by: Code
    approved_by: Code
    reason: Code
    seq: Annotated[int, Field(ge=1)]

    def subject(self) -> str:
        return self.order_no

    def identity(self) -> str:
        return f"{self.invoice_no} {self.seq}"


class BillingClosed(Document):
    """What was delivered to a customer up to a day (`through`), and is to be billed at once, goes out as one invoice."""

    message_type: ClassVar[str] = "billing.closed"

    customer_no: Code
    currency: Currency
    through: date
    closed_on: date

    def subject(self) -> str:
        return self.customer_no

    def identity(self) -> str:
        return f"{self.customer_no} {self.currency} {self.through} {self.closed_on}"


class Decided(Document):
    """What a person decided about money: who, why, when. `seq` counts the decisions about one thing."""

    seq: Annotated[int, Field(ge=1)]
    actor: Code
    reason: Code
    decided_at: Instant

    def occurred_at(self) -> datetime | None:
        return self.decided_at

    def identity(self) -> str:
        return f"{self.subject()} {self.seq}"


class PaymentDecided(Decided):
    """allocate: `amount` of the payment settles the invoice. release: what of it settles the invoice is taken off, and the payment
    does not go there again by itself. link: the payer pays for the customer from now on."""

    message_type: ClassVar[str] = "payment.decided"

    payment_ref: Code
    verdict: Literal["allocate", "release", "link"]
    invoice_no: Code | None = None
    customer_no: Code | None = None
    amount: Price | None = None
    currency: Currency | None = None

    def subject(self) -> str:
        return self.payment_ref


class InvoiceDecided(Decided):
    """void: the invoice counts no more. credit: a credit note for the lines, or for an `amount` without tax (a price correction).
    write_off: asks to give up an `amount`, approve and reject answer that. dispute: no reminders until settle."""

    message_type: ClassVar[str] = "invoice.decided"

    invoice_no: Code
    verdict: Literal["void", "credit", "write_off", "approve", "reject", "dispute", "settle"]
    amount: Price | None = None
    lines: tuple[LineQty, ...] = ()

    def subject(self) -> str:
        return self.invoice_no
