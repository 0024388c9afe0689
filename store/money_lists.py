"""Lists of invoices and payments as people ask for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from store.database import Row, Transaction

INVOICE = (
    "invoice_no, order_no, shipment_no, kind, state, currency, gross, allocated, credited, written_off, disputed, reminded,"
    " issued_on, due_on, customer_no, original_no, collected_in,"
    " (SELECT w.amount FROM write_offs w WHERE w.invoice_no = invoices.invoice_no AND w.state = 'asked') AS asked"
)
PAYMENT = (
    "payment_ref, state, reason, currency, amount, fee, returned, allocated, value_date, payer, customer_no, decisions, document"
)


@dataclass(frozen=True, slots=True)
class InvoiceFilter:
    """Which invoices; None: whatever. overdue_on: due before this day and lacking money. asked: whether somebody has asked to give
    up something of it and nobody has answered."""

    state: str | None = None
    kind: str | None = None
    customer_no: str | None = None
    order_no: str | None = None
    overdue_on: str | None = None
    asked: bool | None = None


@dataclass(frozen=True, slots=True)
class PaymentFilter:
    """Which payments; None: whatever."""

    state: str | None = None
    reason: str | None = None
    customer_no: str | None = None


INVOICE_CONDITIONS = {
    "state": "state = :state",
    "kind": "kind = :kind",
    "customer_no": "customer_no = :customer_no",
    "order_no": "order_no = :order_no",
    "overdue_on": "state IN ('issued', 'part_paid') AND kind <> 'credit' AND due_on < :overdue_on",
    "asked": "EXISTS (SELECT 1 FROM write_offs w WHERE w.invoice_no = invoices.invoice_no AND w.state = 'asked') = :asked",
}
PAYMENT_CONDITIONS = {"state": "state = :state", "reason": "reason = :reason", "customer_no": "customer_no = :customer_no"}


def invoices(tx: Transaction, wanted: InvoiceFilter, *, before: tuple[str, str] | None, limit: int) -> Sequence[Row]:
    """Invoices and credit notes, newest first by (issued_on, invoice_no), from just before `before` on."""
    return _listed(
        tx, f"SELECT {INVOICE} FROM invoices", wanted, INVOICE_CONDITIONS, ("issued_on", "invoice_no"), before=before, limit=limit
    )


def payments(tx: Transaction, wanted: PaymentFilter, *, before: tuple[str, str] | None, limit: int) -> Sequence[Row]:
    """Payments, newest first by (value_date, payment_ref), from just before `before` on."""
    return _listed(
        tx, f"SELECT {PAYMENT} FROM payments", wanted, PAYMENT_CONDITIONS, ("value_date", "payment_ref"), before=before, limit=limit
    )


def _listed(
    tx: Transaction,
    select: str,
    wanted: InvoiceFilter | PaymentFilter,
    conditions: dict[str, str],
    key: tuple[str, str],
    *,
    before: tuple[str, str] | None,
    limit: int,
) -> Sequence[Row]:
    given: dict[str, Any] = {name: getattr(wanted, name) for name in conditions if getattr(wanted, name) is not None}
    clauses = [conditions[name] for name in given]
    if before is not None:
        clauses.append(f"({key[0]}, {key[1]}) < (:day, :number)")
        given["day"], given["number"] = before
    where = f" WHERE {' AND '.join(clauses)}" if clauses else ""
    return tx.rows(f"{select}{where} ORDER BY {key[0]} DESC, {key[1]} DESC LIMIT :limit", limit=limit, **given)


def payment(tx: Transaction, payment_ref: str) -> Row | None:
    rows = tx.rows(f"SELECT {PAYMENT} FROM payments WHERE payment_ref = :ref", ref=payment_ref)
    return rows[0] if rows else None


def allocations_of(tx: Transaction, payment_ref: str) -> Sequence[Row]:
    """What the payment settles: invoice_no, order_no, amount, allocated_at, how (the kind of a decided match, or null)."""
    return tx.rows(
        "SELECT a.invoice_no, i.order_no, a.amount, a.allocated_at, m.kind AS how FROM allocations a"
        " JOIN invoices i ON i.invoice_no = a.invoice_no LEFT JOIN payment_matches m ON m.payment_ref = a.payment_ref"
        " AND m.invoice_no = a.invoice_no WHERE a.payment_ref = :ref AND a.amount > 0 ORDER BY i.issued_on, a.invoice_no",
        ref=payment_ref,
    )


def returns_of(tx: Transaction, payment_ref: str) -> Sequence[Row]:
    """What went back of the payment."""
    return tx.rows(
        "SELECT refund_ref, kind, amount, value_date FROM payment_returns WHERE payment_ref = :ref ORDER BY value_date, refund_ref",
        ref=payment_ref,
    )


def references_of(tx: Transaction, payment_ref: str) -> list[str]:
    """What the payment names."""
    rows = tx.rows("SELECT reference FROM payment_refs WHERE payment_ref = :ref ORDER BY reference", ref=payment_ref)
    return [row.reference for row in rows]


def decisions_about(tx: Transaction, table: str, number: str) -> int | None:
    """How many decisions people took about a payment or an invoice; None where there is none of that number."""
    column = {"payments": "payment_ref", "invoices": "invoice_no"}[table]
    rows = tx.rows(f"SELECT decisions FROM {table} WHERE {column} = :number", number=number)
    return rows[0].decisions if rows else None
