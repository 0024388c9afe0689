"""Orders: the placed document as it came, the facts known since, and a projection of both for lists."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from store.database import Columns, Transaction

KEY: Columns = (("order_no", "text"),)
PROJECTION: Columns = (
    ("order_no", "text"), ("state", "text"), ("fulfilment", "text"), ("billing", "text"), ("payment", "text"),
    ("payable", "bigint"), ("facts", "json"),
)  # fmt: skip
PLACED: Columns = (
    *PROJECTION, ("origin", "text"), ("source_order_id", "text"), ("currency", "text"), ("placed_at", "bigint"),
    ("placed", "json"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class StoredOrder:
    """An order as it is kept. placed: the JSON of `order.placed`; payable: in minor units, None without a price."""

    order_no: str
    origin: str
    source_order_id: str | None
    currency: str
    payable: int | None
    placed: str
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class NamedOrder:
    """An order that a reference names, by our number or by the number its channel knows it under."""

    order_no: str
    source_order_id: str | None


def lock(tx: Transaction, order_nos: Iterable[str]) -> list[StoredOrder]:
    """The known ones of these orders, locked in the order of their numbers until the transaction ends."""
    rows = tx.rows_of_set(
        "SELECT order_no, origin, source_order_id, currency, payable, CAST(placed AS text) AS placed,"
        " CAST(facts AS text) AS facts FROM orders"
        " WHERE order_no IN (SELECT order_no FROM {rows}) ORDER BY order_no {for_update}",
        KEY,
        [{"order_no": order_no} for order_no in sorted(order_nos)],
    )
    return [
        StoredOrder(r.order_no, r.origin, r.source_order_id, r.currency, r.payable, r.placed, orjson.loads(r.facts)) for r in rows
    ]


def named_by(tx: Transaction, references: Iterable[str]) -> list[NamedOrder]:
    """The orders that one of these references names exactly."""
    rows = tx.rows_of_set(
        "SELECT o.order_no, o.source_order_id FROM {rows} JOIN orders o ON o.order_no = r.reference"
        " UNION SELECT o.order_no, o.source_order_id FROM {rows} JOIN orders o ON o.source_order_id = r.reference",
        (("reference", "text"),),
        [{"reference": reference} for reference in sorted(references)],
    )
    return [NamedOrder(row.order_no, row.source_order_id) for row in rows]


def insert(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> int:
    """Keep new orders (columns of PLACED, `placed` and `facts` as JSON values); how many were new indeed."""
    names = ", ".join(name for name, _ in PLACED)
    return tx.run_set(
        f"INSERT INTO orders ({names}, changed_at) SELECT {names}, {{now}} FROM {{rows}} WHERE true ORDER BY order_no"
        " ON CONFLICT (order_no) DO NOTHING",
        PLACED,
        rows,
    )


def update(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep the facts and the projection (columns of PROJECTION) of orders locked before."""
    sets = ", ".join(f"{name} = r.{name}" for name, _ in PROJECTION[1:])
    tx.run_set(
        f"UPDATE orders SET {sets}, changed_at = {{now}} FROM {{rows}} WHERE orders.order_no = r.order_no",
        PROJECTION,
        rows,
    )
