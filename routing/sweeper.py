"""The sweeper: whatever was handed to the channels and never reached an end state goes again, from the database."""

import logging
from collections.abc import Sequence

from routing.channels import Channels, partition_of, queue_name
from store import archive, sweeping
from store.database import Database

log = logging.getLogger("orderlane.sweeper")

GRACE = 60.0
LIMIT = 5000


def sweep(
    database: Database,
    channels: Channels,
    *,
    handlers: Sequence[str],
    partitions: int,
    grace: float = GRACE,
    suspects: bool = False,
) -> int:
    """Send lost messages again; how many. A message counts as lost only while its queue holds nothing: behind a backlog
    it is late, not lost.

    suspects: treat them as what may have killed a consumer (used when a process starts again over its own memory).
    """
    micros = int(grace * 1_000_000)
    with database.reading() as tx:
        upto = sweeping.horizon(tx, grace=micros)
        found = sweeping.lost(tx, handlers=handlers, grace=micros, limit=LIMIT)
    placed = [(row.message_id, row.channel, partition_of(row.partition_key, partitions)) for row in found]
    queues = channels.look({queue_name(channel, partition) for _, channel, partition in placed}) if placed else {}
    lost = [item for item in placed if (queue := queues[queue_name(*item[1:])]) is None or not queue.packets]
    with database.transaction() as tx:
        archive.send(tx, lost, redriven=2 if suspects else 1)
        sweeping.advance(tx, upto=upto, before=found[0].message_id if found else None)
    if lost:
        log.warning("sent again", extra={"messages": len(lost)})
    return len(lost)
