"""Reading orders, shipments, stock and money: the rows people ask for, as they stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from store.database import Columns, Row, Transaction
from store.orders import DOCUMENT, PLACED_DOCUMENT

SUMMARY = (
    "order_no, origin, source_order_id, state, fulfilment, billing, payment, currency, payable, placed_at, changed_at,"
    f" CAST({PLACED_DOCUMENT} AS {{json}})->'sold_to'->>'name' AS buyer,"
    f" CAST({PLACED_DOCUMENT} AS {{json}})->'sold_to'->>'party_id' AS buyer_id"
)
SHIPMENT = "shipment_no, order_nos, carrier, state, dispatched_at, changed_at, facts"
INVOICE = (
    "invoice_no, order_no, shipment_no, kind, state, currency, gross, allocated, issued_on, due_on,"
    " credited, written_off, customer_no, original_no, collected_in, document"
)
NUMBERS: Columns = (("number", "text"),)


@dataclass(frozen=True, slots=True)
class OrderFilter:
    """What to list; None: whatever. since, until: microseconds, `until` not included. text: part of anything in the placed
    order, in any case."""

    state: str | None = None
    origin: str | None = None
    since: int | None = None
    until: int | None = None
    text: str | None = None


CONDITIONS = {
    "state": "state = :state",
    "origin": "origin = :origin",
    "since": "placed_at >= :since",
    "until": "placed_at < :until",
    "text": f"lower({PLACED_DOCUMENT}) LIKE :text ESCAPE '!'",
}


def orders(tx: Transaction, wanted: OrderFilter, *, before: tuple[int, str] | None, limit: int) -> Sequence[Row]:
    """Orders, newest first by (placed_at, order_no), from just before `before` on."""
    given: dict[str, Any] = {name: getattr(wanted, name) for name in CONDITIONS if getattr(wanted, name) is not None}
    conditions = [CONDITIONS[name] for name in given]
    if "text" in given:
        given["text"] = f"%{_literal(given['text'].lower())}%"
    if before is not None:
        conditions.append("(placed_at, order_no) < (:placed_at, :order_no)")
        given["placed_at"], given["order_no"] = before
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return tx.rows(f"SELECT {SUMMARY} FROM orders{where} ORDER BY placed_at DESC, order_no DESC LIMIT :limit", limit=limit, **given)


def _literal(text: str) -> str:
    """The text with LIKE's own signs made ordinary."""
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")


def order(tx: Transaction, order_no: str) -> Row | None:
    """One order with the `document` in force and `facts` as JSON text."""
    rows = tx.rows(
        f"SELECT {SUMMARY}, revision, customer_no, {DOCUMENT} AS document, facts FROM orders WHERE order_no = :order_no",
        order_no=order_no,
    )
    return rows[0] if rows else None


def stock_lines_of_order(tx: Transaction, order_no: str) -> Sequence[Row]:
    """What stock set aside for each line of an order; quantities in millionths."""
    return tx.rows(
        "SELECT order_no, line_no, item, location, demanded, cancelled, shipped, reserved, backordered, reserved_at"
        " FROM stock_lines WHERE order_no = :order_no ORDER BY line_no",
        order_no=order_no,
    )


def bought_by(tx: Transaction, customer_no: str) -> dict[str, int]:
    """How many orders of a customer had each item. Reads all its orders."""
    rows = tx.rows(
        "SELECT l.item, count(DISTINCT l.order_no) AS orders FROM orders o JOIN stock_lines l ON l.order_no = o.order_no"
        " WHERE o.customer_no = :customer_no GROUP BY l.item",
        customer_no=customer_no,
    )
    return {row.item: row.orders for row in rows}


def shipments(tx: Transaction, shipment_nos: Sequence[str]) -> Sequence[Row]:
    return tx.rows_of_set(
        f"SELECT {SHIPMENT} FROM shipments WHERE shipment_no IN (SELECT number FROM {{rows}}) ORDER BY shipment_no",
        NUMBERS,
        _numbers(shipment_nos),
    )


def tracking_numbers(tx: Transaction, shipment_nos: Sequence[str]) -> Sequence[Row]:
    """(shipment_no, tracking_no) of these shipments."""
    return tx.rows_of_set(
        "SELECT shipment_no, tracking_no FROM tracking_numbers WHERE shipment_no IN (SELECT number FROM {rows})"
        " ORDER BY shipment_no, tracking_no",
        NUMBERS,
        _numbers(shipment_nos),
    )


def invoices_of_order(tx: Transaction, order_no: str) -> Sequence[Row]:
    return tx.rows(f"SELECT {INVOICE} FROM invoices WHERE order_no = :order_no ORDER BY invoice_no", order_no=order_no)


def invoice(tx: Transaction, invoice_no: str) -> Row | None:
    rows = tx.rows(f"SELECT {INVOICE} FROM invoices WHERE invoice_no = :invoice_no", invoice_no=invoice_no)
    return rows[0] if rows else None


def allocations(tx: Transaction, invoice_nos: Sequence[str]) -> Sequence[Row]:
    """What settles these invoices: invoice_no, payment_ref, amount (minor units of the invoice's currency), allocated_at."""
    return tx.rows_of_set(
        "SELECT invoice_no, payment_ref, amount, allocated_at FROM allocations"
        " WHERE invoice_no IN (SELECT number FROM {rows}) ORDER BY allocated_at, payment_ref",
        NUMBERS,
        _numbers(invoice_nos),
    )


def payments_for(tx: Transaction, references: Sequence[str]) -> Sequence[Row]:
    """Payments that name one of the references or settle one of the invoices among them."""
    return tx.rows_of_set(
        "WITH wanted AS (SELECT number FROM {rows})"
        " SELECT payment_ref, state, reason, currency, amount, allocated, value_date FROM payments WHERE payment_ref IN"
        " (SELECT f.payment_ref FROM wanted JOIN payment_refs f ON f.reference = wanted.number"
        "  UNION SELECT a.payment_ref FROM wanted JOIN allocations a ON a.invoice_no = wanted.number)"
        " ORDER BY value_date, payment_ref",
        NUMBERS,
        _numbers(references),
    )


def _numbers(numbers: Sequence[str]) -> list[tuple[str, ...]]:
    return [(number,) for number in numbers]
