"""Master data as they stand: products, customers, price lists, warehouses, recalls, each with its editions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson
from pydantic import Field

from operations import cursors
from operations.failing import NotFound
from operations.views import Page, View
from store import master
from store.database import Database, Row, from_micros, to_micros

MOST = 200


class MasterRecord(View):
    """One record as it is in force now: the canonical document (`/schemas/<type>`)."""

    type: str = Field(examples=["product.master"])
    key: str = Field(examples=["STENT-DES-3018"])
    document: dict[str, Any]


class MasterEdition(View):
    """The record as of an instant; one in the future is not in force yet."""

    as_of: datetime
    document: dict[str, Any]


class MasterView(MasterRecord):
    """One record with its editions, newest first."""

    editions: list[MasterEdition]


class CustomerView(MasterView):
    """A customer with the licences it holds and, for a dealer, the authorisations it has."""

    licences: list[MasterRecord]
    authorisations: list[MasterRecord]


class ProductView(MasterView):
    """A product with the recalls that were opened for it."""

    recalls: list[MasterRecord]


def records(database: Database, kind: str, *, now: datetime, cursor: str | None = None, limit: int = 50) -> Page[MasterRecord]:
    """Records of a kind in force now, by key. BadCursor."""
    (after,) = cursors.read(cursor, kind, str) if cursor else ("",)
    with database.reading() as tx:
        rows = master.listed(tx, kind, after=after, now=to_micros(now), limit=limit + 1)
    return Page(items=_records(kind, rows[:limit]), next=cursors.following(rows, limit, kind, "key"))


def record(database: Database, kind: str, key: str, *, now: datetime) -> MasterView:
    """One record. NotFound."""
    return MasterView(**_view(database, kind, key, now))


def product(database: Database, sku: str, *, now: datetime) -> ProductView:
    """A product with its recalls. NotFound."""
    return ProductView(**_view(database, "product.master", sku, now), recalls=_where(database, "recall.opened", "sku", sku, now))


def customer(database: Database, customer_no: str, *, now: datetime) -> CustomerView:
    """A customer with licences and authorisations. NotFound."""
    return CustomerView(
        **_view(database, "customer.master", customer_no, now),
        licences=_where(database, "licence.updated", "customer_no", customer_no, now),
        authorisations=_where(database, "authorisation.updated", "dealer", customer_no, now),
    )


def _view(database: Database, kind: str, key: str, now: datetime) -> dict[str, Any]:
    with database.reading() as tx:
        body = master.in_force(tx, kind, key, now=to_micros(now))
        found = master.editions(tx, kind, key, limit=MOST)
    if not found:
        raise NotFound(kind, key)
    editions = [MasterEdition(as_of=from_micros(row.as_of), document=orjson.loads(row.body)) for row in found]
    return {"type": kind, "key": key, "document": {} if body is None else orjson.loads(body), "editions": editions}


def _where(database: Database, kind: str, field: str, value: str, now: datetime) -> list[MasterRecord]:
    with database.reading(scans=True) as tx:
        return _records(kind, master.in_force_where(tx, kind, field, value, now=to_micros(now), limit=MOST))


def _records(kind: str, rows: Sequence[Row]) -> list[MasterRecord]:
    return [MasterRecord(type=kind, key=row.key, document=orjson.loads(row.body)) for row in rows]
