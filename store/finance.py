"""Invoices, payments, and which pays what. Whoever writes here has locked the orders concerned (`orders.lock`) before."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from store.database import Columns, Row, Transaction

REFERENCE: Columns = (("reference", "text"),)
NAMED: Columns = (("reference", "text"), ("order_no", "text"))
SEED: Columns = (("kind", "text"), ("key", "text"))
PAYER: Columns = (("payer", "text"), ("customer_no", "text"))
INVOICE: Columns = (
    ("invoice_no", "text"), ("order_no", "text"), ("shipment_no", "text"), ("kind", "text"), ("state", "text"),
    ("currency", "text"), ("gross", "bigint"), ("allocated", "bigint"), ("issued_on", "text"), ("due_on", "text"),
    ("customer_no", "text"), ("original_no", "text"), ("collected_in", "text"), ("credited", "bigint"), ("written_off", "bigint"),
    ("disputed", "bigint"), ("reminded", "bigint"), ("decisions", "bigint"), ("part", "bigint"),
    ("seq", "bigint"), ("document", "json"),
)  # fmt: skip
PAYMENT: Columns = (
    ("payment_ref", "text"), ("state", "text"), ("currency", "text"), ("amount", "bigint"), ("fee", "bigint"),
    ("returned", "bigint"), ("allocated", "bigint"), ("reason", "text"), ("value_date", "text"), ("payer", "text"),
    ("customer_no", "text"), ("deposited", "bigint"), ("told", "bigint"), ("decisions", "bigint"), ("document", "json"),
)  # fmt: skip
WRITE_OFF: Columns = (
    ("invoice_no", "text"), ("seq", "bigint"), ("amount", "bigint"), ("state", "text"), ("requested_by", "text"),
    ("decided_by", "text"),
)  # fmt: skip

ISSUING = 7_301_001
"""The advisory lock between issuing an invoice and keeping a payment whose reference means nothing yet."""
MOST_HOPS = 3
"""How far money is followed from an order over its payments to their other orders."""


@dataclass(slots=True)
class StoredInvoice:
    """An invoice in minor units. document: the JSON of `invoice.issued`."""

    invoice_no: str
    order_no: str
    shipment_no: str
    kind: str
    state: str
    currency: str
    gross: int
    allocated: int
    issued_on: str
    due_on: str
    customer_no: str | None
    original_no: str | None
    collected_in: str | None
    credited: int
    written_off: int
    disputed: int
    reminded: int | None
    decisions: int
    part: int
    seq: int
    document: str


@dataclass(slots=True)
class StoredPayment:
    """A payment in minor units."""

    payment_ref: str
    state: str
    currency: str
    amount: int
    fee: int
    returned: int
    allocated: int
    reason: str | None
    value_date: str
    payer: str | None
    customer_no: str | None
    deposited: int
    told: int
    decisions: int


def lock_issuing(tx: Transaction, *, alone: bool) -> None:
    """Let nobody keep a payment with an unknown reference meanwhile; alone: let nobody issue an invoice either.

    A payment and the invoice it names may be handled at the same moment; one of them has to see the other. SQLite has
    one writer, so nothing is needed there.
    """
    if tx.dialect == "postgresql":
        tx.rows(f"SELECT pg_advisory_xact_lock{'' if alone else '_shared'}(:key)", key=ISSUING)


def orders_of_invoices(tx: Transaction, references: Iterable[str]) -> Sequence[Row]:
    """(reference, order_no) of those references that are numbers of invoices, collective ones with each of their orders."""
    return tx.rows_of_set(
        "SELECT r.reference, i.order_no FROM {rows} JOIN invoices i ON i.invoice_no = r.reference"
        " UNION SELECT r.reference, i.order_no FROM {rows} JOIN invoices i ON i.collected_in = r.reference",
        REFERENCE,
        _set(references),
    )


def naming(tx: Transaction, named: Iterable[tuple[str, str]]) -> Sequence[Row]:
    """Payments that name one of (reference, order number), or the order by its channel's number: payment_ref, order_no."""
    return tx.rows_of_set(
        "SELECT f.payment_ref, r.order_no FROM {rows} JOIN payment_refs f ON f.reference = r.reference"
        " UNION SELECT f.payment_ref, o.order_no FROM {rows} JOIN orders o ON o.order_no = r.order_no"
        " JOIN payment_refs f ON f.reference = o.source_order_id",
        NAMED,
        [(reference, order_no) for reference, order_no in sorted(named)],
    )


def connected(tx: Transaction, order_nos: Iterable[str], payment_refs: Iterable[str]) -> set[str]:
    """These orders, those of the payments, and those whose money hangs together with theirs over shared payments."""
    rows = tx.rows_of_set(
        "WITH RECURSIVE reach(order_no, hop) AS (SELECT s.order_no, 0 FROM"
        " (SELECT r.key AS order_no FROM {rows} WHERE r.kind = 'order'"
        "  UNION SELECT l.order_no FROM {rows} JOIN payment_orders l ON l.payment_ref = r.key WHERE r.kind = 'payment') AS s"
        " UNION SELECT b.order_no, reach.hop + 1 FROM reach JOIN payment_orders a ON a.order_no = reach.order_no"
        f" JOIN payment_orders b ON b.payment_ref = a.payment_ref WHERE reach.hop < {MOST_HOPS})"
        " SELECT DISTINCT order_no FROM reach",
        SEED,
        _seeds(order_nos, payment_refs),
    )
    return {row.order_no for row in rows}


def invoices_of(tx: Transaction, order_nos: Iterable[str]) -> list[StoredInvoice]:
    """All invoices and credit notes of these orders, oldest first."""
    names = ", ".join(f"i.{name}" for name, _ in INVOICE[:-1])
    rows = tx.rows_of_set(
        f"SELECT {names}, i.document FROM {{rows}} JOIN invoices i ON i.order_no = r.reference ORDER BY i.issued_on, i.invoice_no",
        REFERENCE,
        _set(order_nos),
    )
    return [StoredInvoice(*list(row)) for row in rows]


def lock_payments(tx: Transaction, order_nos: Iterable[str], payment_refs: Iterable[str]) -> list[StoredPayment]:
    """Payments that may settle invoices of these orders, and those named, locked in the order of their references."""
    names = ", ".join(name for name, _ in PAYMENT[:-1])
    rows = tx.rows_of_set(
        f"SELECT {names} FROM payments WHERE payment_ref IN"
        " (SELECT l.payment_ref FROM {rows} JOIN payment_orders l ON l.order_no = r.key WHERE r.kind = 'order'"
        "  UNION SELECT r.key FROM {rows} WHERE r.kind = 'payment') ORDER BY payment_ref {for_update}",
        SEED,
        _seeds(order_nos, payment_refs),
    )
    return [StoredPayment(*list(row)) for row in rows]


def claims_of(tx: Transaction, payment_refs: Iterable[str]) -> Sequence[Row]:
    """What these payments name, what was decided about them and what they settle: what (`reference`, `order`, `allocation`, or the
    kind of a match), payment_ref, target, amount, changes."""
    return tx.rows_of_set(
        "SELECT 'reference' AS what, f.payment_ref, f.reference AS target, 0 AS amount, 0 AS changes"
        " FROM {rows} JOIN payment_refs f ON f.payment_ref = r.reference"
        " UNION ALL SELECT 'order', l.payment_ref, l.order_no, 0, 0"
        " FROM {rows} JOIN payment_orders l ON l.payment_ref = r.reference"
        " UNION ALL SELECT m.kind, m.payment_ref, m.invoice_no, m.amount, 0"
        " FROM {rows} JOIN payment_matches m ON m.payment_ref = r.reference"
        " UNION ALL SELECT 'allocation', a.payment_ref, a.invoice_no, a.amount, a.changes"
        " FROM {rows} JOIN allocations a ON a.payment_ref = r.reference",
        REFERENCE,
        _set(payment_refs),
    )


def customers_of_payers(tx: Transaction, payers: Iterable[str]) -> dict[str, set[str]]:
    """{payer: customers it has paid for}"""
    rows = tx.rows_of_set(
        "SELECT y.payer, y.customer_no FROM {rows} JOIN payers y ON y.payer = r.reference", REFERENCE, _set(payers)
    )
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(row.payer, set()).add(row.customer_no)
    return found


def waiting_for(tx: Transaction, customers: Iterable[tuple[str, str | None]]) -> set[str]:
    """Payments in suspense of whoever has paid for these customers before; customers: (number, an account or None)."""
    rows = tx.rows_of_set(
        "SELECT p.payment_ref FROM {rows} JOIN payers y ON y.customer_no = r.customer_no"
        " JOIN payments p ON p.payer = y.payer AND p.state = 'suspense'"
        " UNION SELECT p.payment_ref FROM {rows} JOIN payments p ON p.payer = r.payer AND p.state = 'suspense'",
        PAYER,
        [(payer, customer_no) for customer_no, payer in sorted(customers, key=str)],
    )
    return {row.payment_ref for row in rows}


def orders_with_open_invoices(tx: Transaction, customers: Iterable[str]) -> set[str]:
    """The orders of these customers that have an invoice lacking money."""
    rows = tx.rows_of_set(
        "SELECT DISTINCT i.order_no FROM {rows} JOIN invoices i ON i.customer_no = r.reference"
        " WHERE i.state IN ('issued', 'part_paid')",
        REFERENCE,
        _set(customers),
    )
    return {row.order_no for row in rows}


def orders_with_drafts(tx: Transaction, closed: Sequence[tuple[str, str, str]]) -> Sequence[Row]:
    """Drafts of (customer, currency) delivered up to a day: order_no, invoice_no."""
    return tx.rows_of_set(
        "SELECT i.order_no, i.invoice_no FROM {rows} JOIN invoices i ON i.customer_no = r.customer_no AND i.currency = r.currency"
        " WHERE i.state = 'draft' AND i.issued_on <= r.through",
        (("customer_no", "text"), ("currency", "text"), ("through", "text")),
        [(customer_no, currency, through) for customer_no, currency, through in closed],
    )


def customers_with_drafts(tx: Transaction, through: str) -> Sequence[Row]:
    """(customer_no, currency) that have drafts of deliveries up to this day."""
    return tx.rows(
        "SELECT DISTINCT customer_no, currency FROM invoices WHERE state = 'draft' AND issued_on <= :through"
        " ORDER BY customer_no, currency",
        through=through,
    )


def to_remind(tx: Transaction, steps: Sequence[tuple[int, str]], *, limit: int) -> Sequence[Row]:
    """Invoices that lack money, are not disputed, and were due by the day of a step (level, day) not told yet, the longest due
    first: order_no, invoice_no, level (the highest of them)."""
    return tx.rows_of_set(
        "SELECT i.order_no, i.invoice_no, max(r.level) AS level FROM {rows} JOIN invoices i ON i.due_on <= r.due_by"
        " AND coalesce(i.reminded, -1) < r.level WHERE i.state IN ('issued', 'part_paid') AND i.kind <> 'credit' AND i.disputed = 0"
        " GROUP BY i.order_no, i.invoice_no, i.due_on ORDER BY i.due_on, i.invoice_no LIMIT :limit",
        (("level", "bigint"), ("due_by", "text")),
        [(level, due_by) for level, due_by in steps],
        limit=limit,
    )


def mark_reminded(tx: Transaction, levels: Mapping[str, int]) -> None:
    """{invoice number: level} told now."""
    tx.run_set(
        "UPDATE invoices SET reminded = r.level FROM {rows} WHERE invoices.invoice_no = r.invoice_no",
        (("invoice_no", "text"), ("level", "bigint")),
        [(invoice_no, level) for invoice_no, level in sorted(levels.items())],
    )


def reissue(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep the documents of drafts that have gone out, or bill something else by now (columns of INVOICE)."""
    tx.run_set(
        "UPDATE invoices SET document = r.document, gross = r.gross FROM {rows} WHERE invoices.invoice_no = r.invoice_no",
        (("invoice_no", "text"), ("document", "json"), ("gross", "bigint")),
        [(row["invoice_no"], row["document"], row["gross"]) for row in rows],
    )


def known_returns(tx: Transaction, refund_refs: Iterable[str]) -> set[str]:
    """Those of the refunds and reversals that are kept already."""
    rows = tx.rows_of_set(
        "SELECT p.refund_ref FROM {rows} JOIN payment_returns p ON p.refund_ref = r.reference", REFERENCE, _set(refund_refs)
    )
    return {row.refund_ref for row in rows}


def write_offs_of(tx: Transaction, invoice_nos: Iterable[str]) -> Sequence[Row]:
    """What people asked to give up of these invoices (columns of WRITE_OFF)."""
    names = ", ".join(f"w.{name}" for name, _ in WRITE_OFF)
    return tx.rows_of_set(
        f"SELECT {names} FROM {{rows}} JOIN write_offs w ON w.invoice_no = r.reference ORDER BY w.invoice_no, w.seq",
        REFERENCE,
        _set(invoice_nos),
    )


def found_by_now(tx: Transaction, limit: int) -> list[str]:
    """Payments in suspense because nothing they name was known, of which an order is known now; the oldest first."""
    rows = tx.rows(
        "SELECT p.payment_ref FROM payments p WHERE p.state = 'suspense' AND p.reason = 'unknown_reference' AND EXISTS"
        " (SELECT 1 FROM payment_refs f WHERE f.payment_ref = p.payment_ref AND"
        " (EXISTS (SELECT 1 FROM orders o WHERE o.order_no = f.reference)"
        " OR EXISTS (SELECT 1 FROM orders o WHERE o.source_order_id = f.reference)))"
        " ORDER BY p.value_date, p.payment_ref LIMIT :limit",
        limit=limit,
    )
    return [row.payment_ref for row in rows]


def unreported(tx: Transaction, invoice_nos: Iterable[str]) -> set[str]:
    """Those of the invoices that no endpoint has been sent, nor is being sent right now."""
    rows = tx.rows_of_set(
        "SELECT r.reference FROM {rows} WHERE NOT EXISTS (SELECT 1 FROM messages m JOIN deliveries d ON d.message_id = m.message_id"
        " WHERE m.type = 'invoice.issued' AND m.identity = r.reference AND (d.attempts > 0 OR d.status IN ('queued', 'sent')))",
        REFERENCE,
        _set(invoice_nos),
    )
    return {row.reference for row in rows}


def withdraw(tx: Transaction, invoice_nos: Iterable[str]) -> None:
    """Do not send these invoices any more."""
    tx.run_set(
        "UPDATE deliveries SET status = 'discarded' WHERE status = 'pending' AND message_id IN (SELECT m.message_id FROM {rows}"
        " JOIN messages m ON m.type = 'invoice.issued' AND m.identity = r.reference)",
        REFERENCE,
        _set(invoice_nos),
    )


def _set(references: Iterable[str]) -> list[tuple[str, ...]]:
    return [(reference,) for reference in sorted(references)]


def _seeds(order_nos: Iterable[str], payment_refs: Iterable[str]) -> list[tuple[str, str]]:
    orders = [("order", order_no) for order_no in sorted(order_nos)]
    return orders + [("payment", payment_ref) for payment_ref in sorted(payment_refs)]
