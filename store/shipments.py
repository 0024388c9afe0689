"""Shipments: the dispatch, what was heard of it since, and the tracking numbers it goes by."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from store.arrays import laid_out
from store.database import Columns, Transaction

COLUMNS: Columns = (
    ("shipment_no", "text"), ("order_nos", "json"), ("carrier", "text"), ("state", "text"), ("dispatched_at", "bigint"),
    ("facts", "json"),
)  # fmt: skip
NUMBERS: Columns = (("tracking_no", "text"), ("shipment_no", "text"))


@dataclass(frozen=True, slots=True)
class StoredShipment:
    shipment_no: str
    state: str
    facts: dict[str, Any]


def tracked_by(tx: Transaction, tracking_nos: Iterable[str]) -> list[tuple[str, str]]:
    """(tracking number, shipment number) of the known ones."""
    rows = tx.rows_of_set(
        "SELECT t.tracking_no, t.shipment_no FROM {rows} JOIN tracking_numbers t ON t.tracking_no = r.tracking_no"
        " ORDER BY t.tracking_no, t.shipment_no",
        (("tracking_no", "text"),),
        [(tracking_no,) for tracking_no in sorted(tracking_nos)],
    )
    return [(row.tracking_no, row.shipment_no) for row in rows]


def lock(tx: Transaction, shipment_nos: Iterable[str]) -> list[StoredShipment]:
    """The known ones of these shipments, locked in the order of their numbers until the transaction ends."""
    rows = tx.rows_of_set(
        "SELECT shipment_no, state, facts FROM shipments"
        " WHERE shipment_no IN (SELECT shipment_no FROM {rows}) ORDER BY shipment_no {for_update}",
        (("shipment_no", "text"),),
        [(shipment_no,) for shipment_no in sorted(shipment_nos)],
    )
    return [StoredShipment(row.shipment_no, row.state, orjson.loads(row.facts)) for row in rows]


def insert(tx: Transaction, rows: Sequence[Mapping[str, Any]], numbers: Sequence[tuple[str, str]]) -> int:
    """Keep new shipments with their (tracking number, shipment number) pairs; how many shipments were new indeed."""
    names = ", ".join(name for name, _ in COLUMNS)
    new = tx.touched_of_set(
        f"INSERT INTO shipments ({names}, changed_at) SELECT {names}, {{now}} FROM {{rows}} WHERE true ORDER BY shipment_no"
        " ON CONFLICT (shipment_no) DO NOTHING",
        COLUMNS,
        laid_out(COLUMNS, rows),
    )
    tx.run_set(
        "INSERT INTO tracking_numbers (tracking_no, shipment_no) SELECT tracking_no, shipment_no FROM {rows} WHERE true"
        " ON CONFLICT (tracking_no, shipment_no) DO NOTHING",
        NUMBERS,
        [(tracking_no, shipment_no) for tracking_no, shipment_no in numbers],
    )
    return new


def update(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep state and facts (columns of COLUMNS) of shipments locked before."""
    tx.run_set(
        "UPDATE shipments SET state = r.state, facts = r.facts, changed_at = {now} FROM {rows}"
        " WHERE shipments.shipment_no = r.shipment_no",
        COLUMNS,
        laid_out(COLUMNS, rows),
    )


OVER = ("delivered", "returned", "lost")
"""States of shipments of which nothing more is expected."""


def under_way(tx: Transaction, carriers: Sequence[str], *, after: str, limit: int) -> list[str]:
    """Tracking numbers behind `after`, in their order, of shipments still on their way; of these carriers, or of all where none
    is named."""
    states = ", ".join(f"'{state}'" for state in OVER)
    named = " AND s.carrier IN (SELECT carrier FROM {rows})" if carriers else ""
    query = (
        "SELECT DISTINCT t.tracking_no FROM tracking_numbers t JOIN shipments s ON s.shipment_no = t.shipment_no"
        f" WHERE t.tracking_no > :after AND s.state NOT IN ({states}){named} ORDER BY t.tracking_no LIMIT :limit"
    )
    if not carriers:
        return [row.tracking_no for row in tx.rows(query, after=after, limit=limit)]
    wanted = [(carrier,) for carrier in carriers]
    return [row.tracking_no for row in tx.rows_of_set(query, (("carrier", "text"),), wanted, after=after, limit=limit)]
