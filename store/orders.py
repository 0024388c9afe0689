"""Orders: which document is in force, the facts known since, a projection of both for lists, and what was decided about them.

The document that placed an order is in its message, which is never changed; here is only which one that was.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from store.database import Columns, Row, Rows, Transaction

KEY: Columns = (("order_no", "text"),)
UPDATED = {"effective": "COALESCE(r.effective, orders.effective)"}
PROJECTION: Columns = (
    ("order_no", "text"), ("state", "text"), ("fulfilment", "text"), ("billing", "text"), ("payment", "text"),
    ("payable", "bigint"), ("facts", "json"), ("effective", "json"), ("revision", "bigint"), ("customer_no", "text"),
    ("credit_account", "text"), ("credit_share", "bigint"), ("credit_due", "text"),
)  # fmt: skip
PLACED: Columns = (
    *PROJECTION, ("origin", "text"), ("source_order_id", "text"), ("currency", "text"), ("placed_at", "bigint"),
    ("placed_in", "text"),
)  # fmt: skip
SELDOM = ("effective", "revision", "credit_account", "credit_share", "credit_due")
"""What most orders have nothing of."""
DECISIONS: Columns = (
    ("order_no", "text"), ("seq", "bigint"), ("step", "text"), ("cause", "text"), ("decided_at", "bigint"), ("decisions", "json"),
)  # fmt: skip


PLACED_DOCUMENT = "(SELECT body FROM messages WHERE message_id = placed_in)"
DOCUMENT = f"COALESCE(effective, {PLACED_DOCUMENT})"
"""The document that placed an order, and the one in force."""


class StoredOrder(Protocol):
    """The row of an order. document: the JSON of the `order.placed` in force, empty where not asked for and that of the message
    that placed the order; facts: JSON; payable: in minor units, None without a price; credit_share: what it uses of its account's
    limit, in minor units of the account's currency."""

    order_no: str
    state: str
    origin: str
    source_order_id: str | None
    currency: str
    payable: int | None
    revision: int
    customer_no: str | None
    credit_account: str | None
    credit_share: int
    credit_due: str | None
    placed_in: str
    document: str
    facts: str


@dataclass(frozen=True, slots=True)
class NamedOrder:
    """An order that a reference names, by our number or by the number its channel knows it under."""

    order_no: str
    source_order_id: str | None


def lock(tx: Transaction, order_nos: Iterable[str], *, placed: bool = True) -> Sequence[StoredOrder]:
    """The known ones of these orders, locked in the order of their numbers until the transaction ends. placed: whether with
    documents that are still those of the messages that placed them (else see `documents`); most are."""
    return _stored(tx, order_nos, DOCUMENT if placed else "COALESCE(effective, '')", "{for_update}")


def read(tx: Transaction, order_nos: Iterable[str]) -> Sequence[StoredOrder]:
    """The known ones of these orders as they stand, by number."""
    return _stored(tx, order_nos, DOCUMENT, "")


def documents(tx: Transaction, message_ids: Iterable[str]) -> dict[str, str]:
    """The JSON of the documents of messages, by their ids."""
    rows = tx.rows_of_set(
        "SELECT message_id, body FROM messages WHERE message_id {among}", (("message_id", "text"),), [(i,) for i in message_ids]
    )
    return {row.message_id: row.body for row in rows}


def _stored(tx: Transaction, order_nos: Iterable[str], document: str, locking: str) -> Sequence[StoredOrder]:
    return tx.rows_of_set(
        "SELECT order_no, state, origin, source_order_id, currency, payable, revision, customer_no, credit_account, credit_share,"
        f" credit_due, placed_in, {document} AS document, facts FROM orders"
        f" WHERE order_no {{among}} ORDER BY order_no {locking}",
        KEY,
        [(order_no,) for order_no in sorted(order_nos)],
    )


def named_by(tx: Transaction, references: Iterable[str]) -> list[NamedOrder]:
    """The orders that one of these references names exactly."""
    rows = tx.rows_of_set(
        "SELECT o.order_no, o.source_order_id FROM {rows} JOIN orders o ON o.order_no = r.reference"
        " UNION SELECT o.order_no, o.source_order_id FROM {rows} JOIN orders o ON o.source_order_id = r.reference",
        (("reference", "text"),),
        [(reference,) for reference in sorted(references)],
    )
    return [NamedOrder(row.order_no, row.source_order_id) for row in rows]


def waiting(tx: Transaction, *, after: str, limit: int) -> Sequence[Row]:
    """Orders that wait for people or data, by number just after `after` on: order_no, customer_no, holds, lines (JSON text)."""
    return tx.rows(
        "SELECT order_no, customer_no, CAST(facts AS {json})->>'holds' AS holds,"
        f" CAST({DOCUMENT} AS {{json}})->>'lines' AS lines FROM orders"
        " WHERE state IN ('on_hold', 'approval') AND order_no > :after ORDER BY order_no LIMIT :limit",
        after=after,
        limit=limit,
    )


def unreviewed(tx: Transaction, identity_end: str, limit: int) -> list[str]:
    """The numbers of orders that wait, and that no `review.requested` of an identity with this end was told about."""
    rows = tx.rows(
        "SELECT order_no FROM orders o WHERE state IN ('on_hold', 'approval') AND NOT EXISTS (SELECT 1 FROM messages m"
        " WHERE m.type = 'review.requested' AND m.identity = o.order_no || CAST(:identity_end AS text))"
        " ORDER BY order_no LIMIT :limit",
        identity_end=identity_end,
        limit=limit,
    )
    return [row.order_no for row in rows]


def waiting_for_credit(tx: Transaction, limit: int) -> Sequence[Row]:
    """Orders that are held for their buyer's credit, and were not asked about since their account stands so: order_no, stands (what
    it has used, and the first day anything is due)."""
    return tx.rows(
        "SELECT order_no, stands FROM (SELECT o.order_no, CAST(a.exposure - a.deposits AS text) || ' ' || coalesce((SELECT"
        " min(d.credit_due) FROM orders d WHERE d.credit_account = a.account), '-') AS stands FROM orders o JOIN credit_accounts a"
        " ON a.account = o.credit_account WHERE o.state IN ('on_hold', 'approval')"
        " AND CAST(o.facts AS {json})->>'holds' LIKE '%\"K_%') AS w WHERE NOT EXISTS (SELECT 1 FROM messages m"
        " WHERE m.type = 'review.requested' AND m.identity = w.order_no || ' 1 credit ' || w.stands)"
        " ORDER BY order_no LIMIT :limit",
        limit=limit,
    )


def in_approval(tx: Transaction, after: str, limit: int) -> Sequence[Row]:
    """order_no and facts of orders that people are asked to approve, from the one after."""
    return tx.rows(
        "SELECT order_no, facts FROM orders WHERE state = 'approval' AND order_no > :after ORDER BY order_no LIMIT :limit",
        after=after,
        limit=limit,
    )


def insert(tx: Transaction, rows: Rows) -> int:
    """Keep new orders (rows of PLACED, `facts` as a JSON value); how many were new indeed."""
    names = ", ".join(name for name, _ in PLACED)
    return tx.insert_new(
        f"INSERT INTO orders ({names}, changed_at) SELECT {names}, {{now}} FROM {{rows}} WHERE true ORDER BY order_no",
        PLACED,
        rows,
        "order_no",
        alike=SELDOM,
    )


def update(tx: Transaction, rows: Rows) -> None:
    """Keep the facts and the projection (rows of PROJECTION) of orders locked before; without `effective`, the document in
    force stays."""
    sets = ", ".join(f"{name} = {UPDATED.get(name, 'r.{name}').format(name=name)}" for name, _ in PROJECTION[1:])
    tx.run_set(
        f"UPDATE orders SET {sets}, changed_at = {{now}} FROM {{rows}} WHERE orders.order_no = r.order_no",
        PROJECTION,
        rows,
        alike=SELDOM,
    )


def record_decisions(tx: Transaction, rows: Rows) -> None:
    """Keep runs of decisions (rows of DECISIONS, `decisions` as JSON values) about orders locked or inserted before."""
    names = ", ".join(name for name, _ in DECISIONS)
    tx.run_set(
        f"INSERT INTO order_decisions ({names}) SELECT {names} FROM {{rows}} WHERE true", DECISIONS, rows, alike=("decided_at",)
    )


def decisions(tx: Transaction, order_no: str) -> Sequence[Row]:
    """All runs about an order, first one first: seq, step, cause with its type, decided_at, decisions (JSON text)."""
    return tx.rows(
        "SELECT seq, step, cause, m.type AS cause_type, decided_at, decisions FROM order_decisions"
        " LEFT JOIN messages m ON m.message_id = cause WHERE order_no = :order_no ORDER BY seq",
        order_no=order_no,
    )


def story_of(tx: Transaction, order_no: str) -> str | None:
    """The correlation id of the message that placed an order."""
    rows = tx.rows(
        "SELECT correlation_id FROM messages WHERE subject = :order_no AND type = 'order.placed' ORDER BY message_id LIMIT 1",
        order_no=order_no,
    )
    return rows[0].correlation_id if rows else None
