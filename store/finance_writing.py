"""Writing invoices, payments, and which pays what: whole sets of rows, after the orders concerned were locked (`orders.lock`)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from store.arrays import laid_out
from store.database import Columns, Transaction
from store.finance import INVOICE, PAYER, PAYMENT, WRITE_OFF

INVOICE_CHANGES = (
    "state", "allocated", "credited", "written_off", "disputed", "reminded", "decisions", "collected_in", "issued_on", "due_on",
)  # fmt: skip
PAYMENT_CHANGES = ("state", "returned", "allocated", "reason", "customer_no", "deposited", "told", "decisions")
ALLOCATION: Columns = (("payment_ref", "text"), ("invoice_no", "text"), ("amount", "bigint"), ("changes", "bigint"))
LINK: Columns = (("payment_ref", "text"), ("order_no", "text"))
MATCH: Columns = (("payment_ref", "text"), ("invoice_no", "text"), ("kind", "text"), ("amount", "bigint"))
RETURN: Columns = (
    ("refund_ref", "text"), ("payment_ref", "text"), ("kind", "text"), ("amount", "bigint"), ("value_date", "text"),
    ("document", "json"),
)  # fmt: skip


def insert_invoices(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep new invoices (columns of INVOICE). IntegrityError for a second one of the same shipment, order and part."""
    names = ", ".join(name for name, _ in INVOICE)
    tx.run_set(
        f"INSERT INTO invoices ({names}) SELECT {names} FROM {{rows}} WHERE true ORDER BY invoice_no",
        INVOICE,
        laid_out(INVOICE, rows),
    )


def update_invoices(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep what can change of invoices (columns of INVOICE)."""
    sets = ", ".join(f"{name} = r.{name}" for name in INVOICE_CHANGES)
    columns = tuple(column for column in INVOICE if column[0] in ("invoice_no", *INVOICE_CHANGES))
    tx.run_set(
        f"UPDATE invoices SET {sets} FROM {{rows}} WHERE invoices.invoice_no = r.invoice_no", columns, laid_out(columns, rows)
    )


def insert_payments(tx: Transaction, rows: Sequence[Mapping[str, Any]], references: Sequence[tuple[str, str]]) -> None:
    """Keep new payments (columns of PAYMENT) with their (reference, payment_ref) pairs."""
    names = ", ".join(name for name, _ in PAYMENT)
    tx.run_set(
        f"INSERT INTO payments ({names}) SELECT {names} FROM {{rows}} WHERE true ORDER BY payment_ref",
        PAYMENT,
        laid_out(PAYMENT, rows),
    )
    tx.run_set(
        "INSERT INTO payment_refs (reference, payment_ref) SELECT reference, payment_ref FROM {rows} WHERE true"
        " ON CONFLICT (reference, payment_ref) DO NOTHING",
        (("reference", "text"), ("payment_ref", "text")),
        [(reference, payment_ref) for reference, payment_ref in references],
    )


def update_payments(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep what can change of payments locked before (columns of PAYMENT)."""
    sets = ", ".join(f"{name} = r.{name}" for name in PAYMENT_CHANGES)
    columns = tuple(column for column in PAYMENT if column[0] in ("payment_ref", *PAYMENT_CHANGES))
    tx.run_set(
        f"UPDATE payments SET {sets} FROM {{rows}} WHERE payments.payment_ref = r.payment_ref", columns, laid_out(columns, rows)
    )


def insert_links(tx: Transaction, links: Iterable[tuple[str, str]]) -> None:
    """Keep which payment (reference) may settle invoices of which order."""
    tx.run_set(
        "INSERT INTO payment_orders (payment_ref, order_no) SELECT payment_ref, order_no FROM {rows} WHERE true"
        " ON CONFLICT (payment_ref, order_no) DO NOTHING",
        LINK,
        [(payment_ref, order_no) for payment_ref, order_no in sorted(links)],
    )


def put_matches(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep what was decided about payments and invoices (columns of MATCH); a later decision replaces an earlier one."""
    tx.run_set(
        "INSERT INTO payment_matches (payment_ref, invoice_no, kind, amount)"
        " SELECT payment_ref, invoice_no, kind, amount FROM {rows} WHERE true ORDER BY payment_ref, invoice_no"
        " ON CONFLICT (payment_ref, invoice_no) DO UPDATE SET kind = excluded.kind, amount = excluded.amount",
        MATCH,
        laid_out(MATCH, rows),
    )


def put_allocations(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep which payment settles how much of which invoice (columns of ALLOCATION)."""
    tx.run_set(
        "INSERT INTO allocations (payment_ref, invoice_no, amount, changes, allocated_at)"
        " SELECT payment_ref, invoice_no, amount, changes, {now} FROM {rows} WHERE true ORDER BY payment_ref, invoice_no"
        " ON CONFLICT (payment_ref, invoice_no) DO UPDATE SET amount = excluded.amount, changes = excluded.changes,"
        " allocated_at = excluded.allocated_at",
        ALLOCATION,
        laid_out(ALLOCATION, rows),
    )


def insert_returns(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep money that went back (columns of RETURN)."""
    names = ", ".join(name for name, _ in RETURN)
    tx.run_set(
        f"INSERT INTO payment_returns ({names}) SELECT {names} FROM {{rows}} WHERE true ORDER BY refund_ref",
        RETURN,
        laid_out(RETURN, rows),
    )


def put_write_offs(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep what people asked to give up, or what was decided about that (columns of WRITE_OFF)."""
    names = ", ".join(name for name, _ in WRITE_OFF)
    tx.run_set(
        f"INSERT INTO write_offs ({names}) SELECT {names} FROM {{rows}} WHERE true ORDER BY invoice_no, seq"
        " ON CONFLICT (invoice_no, seq) DO UPDATE SET state = excluded.state, decided_by = excluded.decided_by",
        WRITE_OFF,
        laid_out(WRITE_OFF, rows),
    )


def learn_payers(tx: Transaction, links: Iterable[tuple[str, str]], *, stated: bool = False) -> None:
    """(payer, customer) that go together, by one more payment."""
    tx.run_set(
        "INSERT INTO payers (payer, customer_no, times, stated) SELECT payer, customer_no, 1, CAST(:stated AS integer) FROM {rows}"
        " WHERE true ON CONFLICT (payer, customer_no) DO UPDATE SET times = payers.times + 1,"
        " stated = CASE WHEN excluded.stated > payers.stated THEN excluded.stated ELSE payers.stated END",
        PAYER,
        [(payer, customer_no) for payer, customer_no in sorted(links)],
        stated=int(stated),
    )
