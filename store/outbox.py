"""The outbox: what is kept but not yet handed to the channels."""

from collections.abc import Sequence
from typing import NamedTuple, cast

from store.database import Transaction


class Pending(NamedTuple):
    """A message waiting to be published.

    redriven: 0 first time, 1 sent again, 2 sent again and perhaps what crashed a handler.
    """

    outbox_id: int
    channel: str
    partition: int
    redriven: int
    message_id: str


def pending(tx: Transaction, after: int, limit: int) -> Sequence[Pending]:
    """The oldest pending messages with an id above `after`, in order.

    `after` spares the scan over rows just deleted; ask again with 0 now and then, because ids commit out of order.
    """
    rows = tx.rows(
        "SELECT outbox_id, channel, partition, redriven, message_id FROM outbox WHERE outbox_id > :after"
        " ORDER BY outbox_id LIMIT :limit",
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
