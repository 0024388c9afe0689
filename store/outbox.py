"""The outbox: what is kept but not yet handed to the channels."""

from collections.abc import Sequence
from typing import NamedTuple, cast

from store.database import Transaction


class Pending(NamedTuple):
    """A message waiting to be published, as it is kept: instants in microseconds, its canonical JSON as bytes.

    redriven: 0 first time, 1 sent again, 2 sent again and perhaps what crashed a handler.
    """

    outbox_id: int
    channel: str
    partition: int
    redriven: int
    message_id: str
    type: str
    source: str
    subject: str
    partition_key: str
    identity: str
    occurred_at: int
    recorded_at: int
    correlation_id: str
    causation_id: str | None
    raw_id: str | None
    schema_version: str
    traceparent: str | None
    body: bytes


def pending(tx: Transaction, after: int, limit: int) -> Sequence[Pending]:
    """The oldest pending messages with an id above `after`, in order.

    `after` spares the scan over rows just deleted; ask again with 0 now and then, because ids commit out of order.
    """
    rows = tx.rows(
        "SELECT o.outbox_id, o.channel, o.partition, o.redriven, m.message_id, m.type, m.source, m.subject, m.partition_key,"
        " m.identity, m.occurred_at, m.recorded_at, m.correlation_id, m.causation_id, m.raw_id, m.schema_version,"
        " m.traceparent, convert_to(m.body, 'UTF8') AS body"
        " FROM (SELECT * FROM outbox WHERE outbox_id > :after ORDER BY outbox_id LIMIT :limit) o"
        " JOIN messages m ON m.message_id = o.message_id ORDER BY o.outbox_id",
        after=after,
        limit=limit,
    )
    return cast(Sequence[Pending], rows)  # whose fields have these names


def forget(tx: Transaction, outbox_ids: Sequence[int]) -> None:
    """These are with the channels now. A crash of the database may undo that: then they are published again and handled once."""
    tx.run_set(
        "DELETE FROM outbox WHERE {unflushed} AND outbox_id {among}",
        (("outbox_id", "bigint"),),
        [(i,) for i in outbox_ids],
    )


def waiting(tx: Transaction) -> int:
    """How many messages wait to be published."""
    return int(tx.rows("SELECT count(*) AS n FROM outbox")[0].n)
