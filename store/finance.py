"""Invoices, payments, and which pays what. Whoever writes here has locked the orders concerned (`orders.lock`) before."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from store.database import Columns, Transaction

REFERENCE: Columns = (("reference", "text"),)
INVOICE: Columns = (
    ("invoice_no", "text"), ("order_no", "text"), ("shipment_no", "text"), ("kind", "text"), ("state", "text"),
    ("currency", "text"), ("gross", "bigint"), ("allocated", "bigint"), ("issued_on", "text"), ("due_on", "text"),
    ("document", "json"),
)  # fmt: skip
PAYMENT: Columns = (
    ("payment_ref", "text"), ("state", "text"), ("currency", "text"), ("amount", "bigint"), ("allocated", "bigint"),
    ("reason", "text"), ("value_date", "text"), ("document", "json"),
)  # fmt: skip
ALLOCATION: Columns = (("payment_ref", "text"), ("invoice_no", "text"), ("amount", "bigint"))

ISSUING = 7_301_001
"""The advisory lock between issuing an invoice and keeping a payment whose reference means nothing yet."""


@dataclass(slots=True)
class StoredInvoice:
    """An invoice in minor units. document: the JSON of `invoice.issued`."""

    invoice_no: str
    order_no: str
    shipment_no: str
    currency: str
    gross: int
    allocated: int
    issued_on: str
    document: str


@dataclass(slots=True)
class StoredPayment:
    """A payment in minor units with the references it names."""

    payment_ref: str
    state: str
    currency: str
    amount: int
    allocated: int
    value_date: str
    references: set[str] = field(default_factory=set)


def lock_issuing(tx: Transaction, *, alone: bool) -> None:
    """Let nobody keep a payment with an unknown reference meanwhile; alone: let nobody issue an invoice either.

    A payment and the invoice it names may be handled at the same moment; one of them has to see the other. SQLite has
    one writer, so nothing is needed there.
    """
    if tx.dialect == "postgresql":
        tx.rows(f"SELECT pg_advisory_xact_lock{'' if alone else '_shared'}(:key)", key=ISSUING)


def orders_of_invoices(tx: Transaction, references: Iterable[str]) -> dict[str, str]:
    """{invoice number: order number} of those references that are invoice numbers."""
    rows = tx.rows_of_set(
        "SELECT i.invoice_no, i.order_no FROM {rows} JOIN invoices i ON i.invoice_no = r.reference", REFERENCE, _set(references)
    )
    return {row.invoice_no: row.order_no for row in rows}


def invoices_of(tx: Transaction, order_nos: Iterable[str]) -> list[StoredInvoice]:
    """All invoices of these orders, oldest first."""
    rows = tx.rows_of_set(
        "SELECT i.invoice_no, i.order_no, i.shipment_no, i.currency, i.gross, i.allocated, i.issued_on,"
        " CAST(i.document AS text) AS document FROM {rows} JOIN invoices i ON i.order_no = r.reference"
        " ORDER BY i.issued_on, i.invoice_no",
        REFERENCE,
        _set(order_nos),
    )
    return [StoredInvoice(*list(row)) for row in rows]


def lock_unspent(tx: Transaction, references: Iterable[str]) -> list[StoredPayment]:
    """Payments with money left that name one of the references, locked in the order of their numbers."""
    rows = tx.rows_of_set(
        "SELECT payment_ref, state, currency, amount, allocated, value_date FROM payments WHERE allocated < amount"
        " AND payment_ref IN (SELECT f.payment_ref FROM {rows} JOIN payment_refs f ON f.reference = r.reference)"
        " ORDER BY payment_ref {for_update}",
        REFERENCE,
        _set(references),
    )
    payments = {row.payment_ref: StoredPayment(*list(row)) for row in rows}
    named = tx.rows_of_set(
        "SELECT f.payment_ref, f.reference FROM {rows} JOIN payment_refs f ON f.payment_ref = r.reference",
        REFERENCE,
        _set(payments),
    )
    for row in named:
        payments[row.payment_ref].references.add(row.reference)
    return list(payments.values())


def insert_invoices(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep new invoices (columns of INVOICE). IntegrityError for a second one of the same shipment and order."""
    names = ", ".join(name for name, _ in INVOICE)
    tx.run_set(f"INSERT INTO invoices ({names}) SELECT {names} FROM {{rows}} WHERE true ORDER BY invoice_no", INVOICE, rows)


def update_invoices(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep state and allocated amount (columns of INVOICE)."""
    tx.run_set(
        "UPDATE invoices SET state = r.state, allocated = r.allocated FROM {rows} WHERE invoices.invoice_no = r.invoice_no",
        INVOICE,
        rows,
    )


def insert_payments(tx: Transaction, rows: Sequence[Mapping[str, Any]], references: Sequence[tuple[str, str]]) -> None:
    """Keep new payments (columns of PAYMENT) with their (reference, payment_ref) pairs."""
    names = ", ".join(name for name, _ in PAYMENT)
    tx.run_set(f"INSERT INTO payments ({names}) SELECT {names} FROM {{rows}} WHERE true ORDER BY payment_ref", PAYMENT, rows)
    tx.run_set(
        "INSERT INTO payment_refs (reference, payment_ref) SELECT reference, payment_ref FROM {rows} WHERE true"
        " ON CONFLICT (reference, payment_ref) DO NOTHING",
        (("reference", "text"), ("payment_ref", "text")),
        [{"reference": reference, "payment_ref": payment_ref} for reference, payment_ref in references],
    )


def update_payments(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep state and allocated amount (columns of PAYMENT) of payments locked before."""
    tx.run_set(
        "UPDATE payments SET state = r.state, allocated = r.allocated, reason = NULL FROM {rows}"
        " WHERE payments.payment_ref = r.payment_ref",
        PAYMENT,
        rows,
    )


def insert_allocations(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep which payment settles how much of which invoice (columns of ALLOCATION)."""
    tx.run_set(
        "INSERT INTO allocations (payment_ref, invoice_no, amount, allocated_at)"
        " SELECT payment_ref, invoice_no, amount, {now} FROM {rows} WHERE true",
        ALLOCATION,
        rows,
    )


def known_payments(tx: Transaction, payment_refs: Iterable[str]) -> set[str]:
    """Those of the payments that are kept already."""
    rows = tx.rows_of_set(
        "SELECT p.payment_ref FROM {rows} JOIN payments p ON p.payment_ref = r.reference", REFERENCE, _set(payment_refs)
    )
    return {row.payment_ref for row in rows}


def _set(references: Iterable[str]) -> list[dict[str, str]]:
    return [{"reference": reference} for reference in sorted(references)]
