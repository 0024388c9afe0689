"""The orders, invoices and payments one batch is about: loaded at once, changed in memory, saved at once. Minor units."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

import orjson

from canonical.documents.finance import InvoiceIssued, PaymentReceived
from canonical.documents.orders import OrderPlaced
from canonical.documents.shipments import ShipmentDispatched
from canonical.envelope import Message
from handlers.invoice.drafting import invoice_no
from handlers.invoice.matching import invoice_state, references, state_of
from store import finance, orders
from store.database import Transaction


@dataclass
class Account:
    """One order as finance sees it. invoices: oldest first."""

    stored: orders.StoredOrder
    invoices: list["Invoice"] = field(default_factory=list)

    @cached_property
    def order(self) -> OrderPlaced:
        return OrderPlaced.model_validate_json(self.stored.document)

    @property
    def names(self) -> set[str]:
        """The references that mean this order."""
        return {self.stored.order_no, *([self.stored.source_order_id] if self.stored.source_order_id else ())}


@dataclass
class Invoice:
    """One invoice in memory; body: its JSON."""

    invoice_no: str
    order_no: str
    shipment_no: str
    currency: str
    gross: int
    allocated: int
    issued_on: str
    body: str
    new: bool = False
    changed: bool = False

    @cached_property
    def document(self) -> InvoiceIssued:
        return InvoiceIssued.model_validate_json(self.body)

    @property
    def open(self) -> int:
        return self.gross - self.allocated


@dataclass(slots=True)
class Payment:
    """One payment in memory. reason: why it is in suspense; message: what brought it, where that is in this batch."""

    payment_ref: str
    currency: str
    amount: int
    allocated: int
    value_date: str
    references: set[str]
    suspended: bool = False
    reason: str | None = None
    message: Message | None = None
    changed: bool = False

    @property
    def left(self) -> int:
        return self.amount - self.allocated


@dataclass(slots=True)
class Books:
    """Everything a batch may touch. named: {reference: order number}; allocations: rows to keep."""

    accounts: dict[str, Account] = field(default_factory=dict)
    named: dict[str, str] = field(default_factory=dict)
    invoices: dict[str, Invoice] = field(default_factory=dict)
    payments: dict[str, Payment] = field(default_factory=dict)
    known_payments: set[str] = field(default_factory=set)
    allocations: list[dict[str, Any]] = field(default_factory=list)


def opened(batch: Sequence[Message], tx: Transaction) -> Books:
    """The books of a batch. Locked: the orders it is about, then the payments with money left for them."""
    books = Books()
    paid = [cast(PaymentReceived, m.document) for m in batch if m.type == "payment.received"]
    wanted = {reference for payment in paid for reference in references(payment)}
    sent = [cast(ShipmentDispatched, m.document) for m in batch if m.type == "shipment.dispatched"]
    shipped = {line.order_no for document in sent for line in document.lines}
    books.named = _meanings(tx, wanted)
    alone = bool(wanted - books.named.keys())
    if alone or shipped:
        finance.lock_issuing(tx, alone=alone)
    if alone:
        books.named = _meanings(tx, wanted)
    for stored in orders.lock(tx, shipped.union(books.named.values())):
        books.accounts[stored.order_no] = Account(stored)
    for kept in finance.invoices_of(tx, books.accounts):
        add_invoice(books, Invoice(*(getattr(kept, name) for name in finance.StoredInvoice.__slots__)))
    names = {name for account in books.accounts.values() for name in account.names} | books.invoices.keys()
    names |= {invoice_no(document, line.order_no) for document in sent for line in document.lines}
    for held in finance.lock_unspent(tx, names):
        books.payments[held.payment_ref] = Payment(
            held.payment_ref, held.currency, held.amount, held.allocated, held.value_date, held.references,
            suspended=held.state == "suspense",
        )  # fmt: skip
    books.known_payments = finance.known_payments(tx, {payment.payment_ref for payment in paid})
    return books


def add_invoice(books: Books, invoice: Invoice) -> None:
    """Enter an invoice among those of its order, which stay oldest first."""
    books.invoices[invoice.invoice_no] = invoice
    mine = books.accounts[invoice.order_no].invoices
    mine.append(invoice)
    mine.sort(key=lambda i: (i.issued_on, i.invoice_no))


def save(books: Books, tx: Transaction) -> None:
    """Keep what changed."""
    finance.insert_invoices(tx, [_invoice_row(i) for i in books.invoices.values() if i.new])
    finance.update_invoices(tx, [_invoice_row(i) for i in books.invoices.values() if i.changed and not i.new])
    new = [payment for payment in books.payments.values() if payment.message is not None]
    pairs = [(reference, payment.payment_ref) for payment in new for reference in sorted(payment.references)]
    finance.insert_payments(tx, [_payment_row(payment) for payment in new], pairs)
    kept = [p for p in books.payments.values() if p.changed and p.message is None]
    finance.update_payments(tx, [_payment_row(payment) for payment in kept])
    finance.insert_allocations(tx, books.allocations)


def _meanings(tx: Transaction, wanted: Iterable[str]) -> dict[str, str]:
    """{reference: order number} of the references that name an order or an invoice; our own numbers before a channel's."""
    wanted = set(wanted)
    found = orders.named_by(tx, wanted)
    meanings = {order.source_order_id: order.order_no for order in found if order.source_order_id in wanted}
    ours = {order.order_no: order.order_no for order in found if order.order_no in wanted}
    return {k: v for k, v in meanings.items() if k is not None} | ours | finance.orders_of_invoices(tx, wanted)


def _invoice_row(invoice: Invoice) -> dict[str, Any]:
    document = invoice.document
    return {
        "invoice_no": invoice.invoice_no, "order_no": invoice.order_no, "shipment_no": invoice.shipment_no,
        "kind": document.kind, "state": invoice_state(invoice.gross, invoice.allocated), "currency": invoice.currency,
        "gross": invoice.gross, "allocated": invoice.allocated, "issued_on": invoice.issued_on,
        "due_on": (document.due_on or document.issued_on).isoformat(), "document": orjson.Fragment(invoice.body),
    }  # fmt: skip


def _payment_row(payment: Payment) -> dict[str, Any]:
    return {
        "payment_ref": payment.payment_ref, "state": state_of(payment.amount, payment.allocated, payment.reason),
        "currency": payment.currency, "amount": payment.amount, "allocated": payment.allocated, "reason": payment.reason,
        "value_date": payment.value_date,
        "document": None if payment.message is None else orjson.Fragment(payment.message.body),
    }  # fmt: skip
