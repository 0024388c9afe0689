"""Orders, invoices and payments as finance sees them, in memory. Amounts in minor units."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from itertools import chain
from typing import Any, cast

import orjson

from canonical.documents.finance import InvoiceIssued
from canonical.documents.orders import OrderPlaced
from canonical.documents.settlement import Undone
from canonical.envelope import Message
from canonical.reading import read
from handlers.invoice.drafting import billed_quantities
from handlers.worth import Worth
from store.exact import to_minor
from store.finance import StoredInvoice, StoredPayment
from store.orders import StoredOrder

Pair = tuple[str, str]
"""(payment reference, invoice number)"""


@dataclass
class Account:
    """One order as finance sees it. invoices: its normal ones, oldest first; supplements: those that bill what others lack;
    credits: its credit notes; cause: the message of this batch that is about it."""

    stored: StoredOrder
    invoices: list["Invoice"] = field(default_factory=list)
    supplements: list["Invoice"] = field(default_factory=list)
    credits: list["Invoice"] = field(default_factory=list)
    cause: Message | None = None

    @cached_property
    def facts(self) -> dict[str, Any]:
        """What the order handler knows of it."""
        return cast(dict[str, Any], orjson.loads(self.stored.facts))

    @cached_property
    def order(self) -> OrderPlaced:
        """The document in force; while a change of it waits for people, the one confirmed before."""
        before = self.facts.get("before")
        return read(OrderPlaced, orjson.dumps(before["document"]) if before else self.stored.document)

    @property
    def changed(self) -> bool:
        """Whether the order was ever changed, so that what was billed may be worth something else by now."""
        return bool(self.facts.get("revisions"))

    @property
    def bills(self) -> list["Invoice"]:
        """Everything that money can settle."""
        return [*self.invoices, *self.supplements]

    @property
    def as_issued(self) -> list["Invoice"]:
        """Its invoices in the order they were issued in: each bills what lay beyond those before it."""
        return sorted(self.invoices, key=lambda invoice: invoice.kept.seq)

    def supplements_of(self, invoice: "Invoice") -> list["Invoice"]:
        """The invoices that bill what this one lacks, as they were issued."""
        mine = [one for one in self.supplements if one.kept.original_no == invoice.invoice_no]
        return sorted(mine, key=lambda one: one.kept.seq)

    def notes_of(self, invoice: "Invoice") -> list[InvoiceIssued]:
        """The credit notes of one document, as they were issued."""
        mine = [note for note in self.credits if note.kept.original_no == invoice.invoice_no]
        return [note.document for note in sorted(mine, key=lambda note: note.kept.seq)]

    @cached_property
    def worth(self) -> Worth:
        return Worth(self.order)

    @property
    def names(self) -> set[str]:
        """The references that mean this order."""
        return {self.stored.order_no, *([self.stored.source_order_id] if self.stored.source_order_id else ())}

    def accepted(self, code: str) -> dict[str, Decimal]:
        """{line_no: quantity} beyond the order that somebody has accepted as it is."""
        return {line_no: Decimal(qty) for line_no, qty in self.facts.get("accepted", {}).get(code, {}).items()}

    @property
    def lacks(self) -> int | None:
        """What the order is worth beyond what was billed, and what its invoices lack; None where it has no price."""
        if self.stored.payable is None:
            return None
        billed = [invoice for invoice in self.invoices if not (invoice.void or invoice.draft)]
        worth = sum(invoice.gross for invoice in billed)
        if self.changed and billed:
            quantities = billed_quantities(invoice.document for invoice in billed)
            worth = to_minor(self.worth.between({}, quantities).gross, self.stored.currency)
        return self.stored.payable - worth + sum(bill.open for bill in self.bills)


@dataclass
class Invoice:
    """One invoice or credit note. cause: the message of this batch that changed it; redrafted: it bills something else than it did,
    which only a draft may."""

    kept: StoredInvoice
    new: bool = False
    changed: bool = False
    cause: Message | None = None
    why: Undone | None = None
    redrafted: bool = False

    def __post_init__(self) -> None:
        kept = self.kept
        self.invoice_no, self.order_no, self.currency = kept.invoice_no, kept.order_no, kept.currency
        self.gross, self.allocated = kept.gross, kept.allocated
        self.credited, self.written_off = kept.credited, kept.written_off
        self.void = kept.state == "void"

    @cached_property
    def document(self) -> InvoiceIssued:
        return read(InvoiceIssued, self.kept.document)

    @property
    def number(self) -> str:
        """The number it went out under: of the collective invoice, where it is a part of one."""
        return self.kept.collected_in or self.invoice_no

    @property
    def draft(self) -> bool:
        return self.kept.state == "draft"

    @property
    def due(self) -> int:
        """What money has to settle of it altogether."""
        return 0 if self.void or self.draft or self.kept.kind == "credit" else self.gross - self.credited - self.written_off

    @property
    def open(self) -> int:
        return self.due - self.allocated

    @property
    def state(self) -> str:
        if self.void or self.draft:
            return self.kept.state
        if self.allocated:
            return "paid" if self.open == 0 else "part_paid"
        if self.kept.kind != "credit" and self.due == 0 and self.gross:
            return "credited" if self.credited else "written_off"
        return "paid" if not self.gross else "issued"


@dataclass
class Payment:
    """One payment. names: the references it gives; orders: those it may settle; matches: {invoice: (kind, amount)} as decided,
    new_matches: those of this batch; message: what brought it, where that is in this batch."""

    kept: StoredPayment
    names: set[str] = field(default_factory=set)
    orders: set[str] = field(default_factory=set)
    matches: dict[str, tuple[str, int]] = field(default_factory=dict)
    new_matches: set[str] = field(default_factory=set)
    message: Message | None = None
    changed: bool = False
    cause: Message | None = None
    why: Undone | None = None

    def __post_init__(self) -> None:
        self.ref, self.currency, self.date = self.kept.payment_ref, self.kept.currency, self.kept.value_date
        self.allocated, self.returned = self.kept.allocated, self.kept.returned

    @property
    def usable(self) -> int:
        """What of it may settle anything: without its fee and what went back."""
        return max(0, self.kept.amount - self.kept.fee - self.returned)

    @property
    def left(self) -> int:
        return self.usable - self.allocated

    def decide(self, invoice_no: str, kind: str, amount: int) -> None:
        """So much of it settles the invoice from now on, because somebody or a rule said so."""
        self.matches[invoice_no] = (kind, amount)
        self.new_matches.add(invoice_no)

    @property
    def barred(self) -> set[str]:
        """Invoices a person took it off."""
        return {invoice_no for invoice_no, (kind, _) in self.matches.items() if kind == "barred"}


@dataclass
class Books:
    """Everything a batch may touch.

    named: {reference: order numbers}. settled: {pair: (amount, changes)} as kept. payer_customers: {payer: customers it pays for}.
    To be kept: links (payment, order), new_returns, new_allocations (rows), learned and stated (payer, customer). unreported:
    invoices asked about that nobody has been sent; withdrawn: those that shall not be sent any more.
    """

    accounts: dict[str, Account] = field(default_factory=dict)
    named: dict[str, set[str]] = field(default_factory=dict)
    invoices: dict[str, Invoice] = field(default_factory=dict)
    payments: dict[str, Payment] = field(default_factory=dict)
    known_returns: set[str] = field(default_factory=set)
    settled: dict[Pair, tuple[int, int]] = field(default_factory=dict)
    links: set[Pair] = field(default_factory=set)
    payer_customers: dict[str, set[str]] = field(default_factory=dict)
    write_offs: dict[tuple[str, int], "WriteOff"] = field(default_factory=dict)
    new_returns: list[dict[str, Any]] = field(default_factory=list)
    new_allocations: list[dict[str, Any]] = field(default_factory=list)
    learned: set[Pair] = field(default_factory=set)
    unreported: set[str] = field(default_factory=set)
    withdrawn: set[str] = field(default_factory=set)
    stated: set[Pair] = field(default_factory=set)

    def add_invoice(self, invoice: Invoice) -> None:
        """Enter an invoice among those of its order, which stay oldest first."""
        self.invoices[invoice.invoice_no] = invoice
        account = self.accounts[invoice.order_no]
        mine = {"normal": account.invoices, "debit": account.supplements, "credit": account.credits}[invoice.kept.kind]
        mine.append(invoice)
        mine.sort(key=lambda i: (i.kept.issued_on, i.invoice_no))

    def link(self, payment: Payment, order_no: str) -> None:
        """The payment may settle invoices of the order from now on."""
        if order_no not in payment.orders:
            payment.orders.add(order_no)
            self.links.add((payment.ref, order_no))

    def billable(self) -> Iterator[Invoice]:
        """Invoices that money can settle, oldest first."""
        found = (i for i in self.invoices.values() if i.due)
        return iter(sorted(found, key=lambda i: (i.kept.issued_on, i.invoice_no)))

    def cause_of(self, payment: "Payment", invoice: "Invoice | None" = None) -> Message | None:
        """The message of this batch because of which a payment stands otherwise: its own, the invoice's, or a neighbour's."""
        near = [self.accounts[no] for no in sorted(payment.orders) if no in self.accounts]
        billed = (one for account in near for one in account.bills)
        around = (one for one in self.payments.values() if one.orders & payment.orders)
        own: tuple[Payment | Invoice, ...] = (payment, invoice) if invoice is not None else (payment,)
        known: Iterable[Payment | Invoice | Account] = chain(own, near, billed, around)
        return next((one.cause for one in known if one.cause is not None), None)

    def by_date(self) -> list[Payment]:
        return sorted(self.payments.values(), key=lambda p: (p.date, p.ref))


@dataclass(slots=True)
class WriteOff:
    """What somebody asked to give up of an invoice. state: asked, approved, rejected."""

    invoice_no: str
    seq: int
    amount: int
    state: str
    requested_by: str
    decided_by: str | None
    changed: bool = False
