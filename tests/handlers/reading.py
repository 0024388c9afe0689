"""What the handlers have kept, read back for a test."""

from decimal import Decimal
from pathlib import Path
from typing import Any

from msgspec.structs import asdict
from sqlalchemy import event

from canonical.documents.orders import OrderPlaced
from handlers.invoice.accounts import Account
from handlers.order.derive import OrderState, derive
from handlers.order.facts import Facts
from store import orders
from store.database import Database, open_database
from tests.support.tables import file_with_tables


def state_of(database: Database, order_no: str = "SO-1") -> OrderState:
    """The state the kept facts lead to; the kept projection must agree with it."""
    with database.reading() as tx:
        (kept,) = orders.lock(tx, [order_no])
    state = derive(document_of(database, order_no), Facts.kept(kept.facts))
    (row,) = rows(database, "SELECT state, fulfilment, billing, payment FROM orders WHERE order_no = :no", no=order_no)
    assert tuple(row) == (state.state, state.fulfilment, state.billing, state.payment)
    return state


def document_of(database: Database, order_no: str = "SO-1") -> OrderPlaced:
    """The document in force."""
    with database.reading() as tx:
        (kept,) = orders.lock(tx, [order_no])
    return OrderPlaced.model_validate_json(kept.document)


def confirmed_document_of(database: Database, order_no: str = "SO-1") -> OrderPlaced:
    """The document in force, or while a change waits for people the one that was confirmed before."""
    with database.reading() as tx:
        (kept,) = orders.read(tx, [order_no])
    return Account(kept).order


def revisions_of(database: Database, order_no: str = "SO-1") -> list[dict[str, Any]]:
    """What was asked for, by revision, with what became of it."""
    with database.reading() as tx:
        (kept,) = orders.lock(tx, [order_no])
    return Facts.kept(kept.facts).revisions


def ending_of(database: Database, order_no: str = "SO-1") -> dict[str, Any]:
    """The state without what depends on the way to it: what is set aside at the moment, by how many documents a price was
    corrected, and, where goods came back, the cent that depends on which of several invoices is credited for them."""
    kept = state_of(database, order_no)
    state = asdict(kept) | {"lines": {line_no: asdict(line) for line_no, line in kept.lines.items()}}
    money = state.pop("money")
    if not any(line["sent_back"] for line in state["lines"].values()):
        state |= {"balance": money.balance, "paid": money.paid, "went_back": money.went_back}
    for line in state["lines"].values():
        line.pop("allocated", None)
    return state


def empty_database(folder: str) -> Database:
    database = open_database(file_with_tables(Path(folder, "orders.db")))
    event.listen(database.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))
    return database


def axes(database: Database, order_no: str = "SO-1") -> tuple[str, str, str, str]:
    state = state_of(database, order_no)
    return state.state, state.fulfilment, state.billing, state.payment


def rows(database: Database, sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
    with database.reading() as tx:
        return [tuple(row) for row in tx.rows(sql, **parameters)]


def invoices(database: Database, order_no: str = "SO-1") -> dict[str, tuple[Decimal, Decimal]]:
    """{invoice number: (gross, still open)}"""
    found = rows(
        database, "SELECT invoice_no, gross, allocated FROM invoices WHERE order_no = :no ORDER BY invoice_no", no=order_no
    )
    return {number: (Decimal(gross) / 100, Decimal(gross - allocated) / 100) for number, gross, allocated in found}


def worth_billed(database: Database, order_no: str = "SO-1") -> Decimal:
    """What all invoices come to, with what they were corrected by because the order had changed."""
    ((billed,),) = rows(
        database,
        "SELECT coalesce(sum(CASE WHEN kind <> 'credit' THEN gross"
        " WHEN CAST(document AS {json})->'references'->>'order_revision' IS NOT NULL"
        " THEN -gross ELSE 0 END), 0) FROM invoices WHERE order_no = :no AND state <> 'void'",
        no=order_no,
    )
    return Decimal(billed) / 100


def payment(database: Database, ref: str) -> tuple[str, Decimal, str | None]:
    """(state, left, reason)"""
    ((state, left, reason),) = rows(
        database, "SELECT state, amount - allocated, reason FROM payments WHERE payment_ref = :ref", ref=ref
    )
    return state, Decimal(left) / 100, reason


def stock_of(database: Database, item: str) -> dict[str, tuple[int, int]]:
    """{location: (on hand, reserved)} of one item, in whole units."""
    found = rows(database, "SELECT location, on_hand, reserved FROM stock WHERE item = :item AND location <> ''", item=item)
    return {location: (on_hand // 1_000_000, reserved // 1_000_000) for location, on_hand, reserved in found}


def held(database: Database, order_no: str) -> dict[str, tuple[str, int, int]]:
    """{line: (location, reserved, backordered)} of one order, in whole units."""
    found = rows(
        database,
        "SELECT line_no, location, reserved, backordered FROM stock_lines WHERE order_no = :no ORDER BY line_no",
        no=order_no,
    )
    return {line_no: (place, reserved // 1_000_000, waiting // 1_000_000) for line_no, place, reserved, waiting in found}
