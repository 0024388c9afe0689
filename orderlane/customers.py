"""Customers by hand: looked at, and changed. Each change is a new edition of the record, which comes in as master data does."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import orjson

from canonical.documents.customers import CustomerMaster
from canonical.failures import Failure
from canonical.reading import read
from operations import master_data
from orderlane.hub import Hub
from orderlane.loading.loading import Loaded, take
from orderlane.loading.records import Record
from store import master
from store.database import Database, to_micros

KIND = CustomerMaster.message_type


def listed(database: Database, status: str | None = None) -> Iterator[CustomerMaster]:
    """Customers as they are now, by number; of one status where that is named."""
    now, cursor = datetime.now(UTC), None
    while True:
        page = master_data.records(database, KIND, now=now, cursor=cursor, limit=master_data.MOST)
        found = (read(CustomerMaster, orjson.dumps(one.document)) for one in page.items)
        yield from (one for one in found if status in (None, one.status))
        cursor = page.next
        if cursor is None:
            return


def link(hub: Hub, endpoint: str, number: str, *, source: str, external_id: str) -> str:
    """The id of an endpoint means this customer from now on; what changed, in words. Failure."""
    customer = _known(hub, number)
    external = {"source": source, "id": external_id}
    known = [one.model_dump() for one in customer.external_ids]
    return _state(hub, endpoint, customer, {"external_ids": known if external in known else [*known, external]})


def merge(hub: Hub, endpoint: str, number: str, *, into: str | None) -> str:
    """Another customer takes this one over, or gives it back; what changed, in words. Failure."""
    customer = _known(hub, number)
    if into is not None:
        target = _known(hub, into)
        if None not in (customer.uscc, target.uscc) and customer.uscc != target.uscc:
            raise Failure(f"{number} and {into} have different social credit codes: they are two companies")
        if target.merged_into is not None:
            raise Failure(f"{into} was itself taken over, by {target.merged_into}")
    return _state(hub, endpoint, customer, {"merged_into": into})


def approve(hub: Hub, endpoint: str, number: str) -> str:
    """A pending customer becomes an active one; what changed, in words. Failure."""
    customer = _known(hub, number)
    if customer.status != "pending":
        raise Failure(f"{number} is {customer.status}, not pending")
    return _state(hub, endpoint, customer, {"status": "active"})


def _known(hub: Hub, number: str) -> CustomerMaster:
    with hub.database.reading() as tx:
        body = master.in_force(tx, KIND, number, now=to_micros(datetime.now(UTC)))
    if body is None:
        raise Failure(f"there is no customer {number}")
    return read(CustomerMaster, body)


def _state(hub: Hub, endpoint: str, customer: CustomerMaster, change: dict[str, Any]) -> str:
    """Send the record anew, as of now, through the intake."""
    now = datetime.now(UTC)
    data = {**orjson.loads(customer.body()), **change, "as_of": now.isoformat()}
    filled = {name: value for name, value in data.items() if value is not None}
    loaded = Loaded()
    take(hub.intake, endpoint, [Record(KIND, filled, "change")], "", loaded)
    if loaded.problems:
        raise Failure("; ".join(f"{problem.path}: {problem.message}" for problem in loaded.problems))
    return f"{customer.customer_no}: {', '.join(f'{name} {value}' for name, value in change.items())}"
