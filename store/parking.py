"""Parking: messages that wait for another message, and their release.

A parked message stays parked until it is handled: a release only sends it again, so losing that copy loses nothing.
Every parked message is also sent again by itself after 1, 2, 4... seconds (at most 5 minutes): what it waits for may
have been committed while it was being parked.
"""

from collections.abc import Sequence

from store.database import Columns, Row, Transaction

RETURNING = (
    "RETURNING message_id, channel, (SELECT partition_key FROM messages m WHERE m.message_id = parked.message_id) AS partition_key"
)
FIRST_LOOK = 1_000_000
"""Microseconds until a parked message is looked at again for the first time."""
PARKED: Columns = (("message_id", "text"), ("waits_for", "text"))


def park(tx: Transaction, channel: str, waiting: Sequence[tuple[str, str]], *, alarm_after: int) -> None:
    """Park (message id, token); `alarm_after` in microseconds."""
    tx.run_set(
        "INSERT INTO parked (message_id, channel, waits_for, parked_at, recheck_at, alarm_at)"
        " SELECT message_id, :channel, waits_for, {now}, {now} + :first, {now} + :alarm_after FROM {rows} WHERE true"
        " ON CONFLICT (message_id, channel) DO UPDATE SET waits_for = excluded.waits_for, rechecks = parked.rechecks + 1,"
        " recheck_at = {now} + CASE WHEN parked.rechecks >= 8 THEN 300000000 ELSE (1 << (parked.rechecks + 1)) * :first END",
        PARKED,
        [(message_id, token) for message_id, token in waiting],
        channel=channel,
        alarm_after=alarm_after,
        first=FIRST_LOOK,
    )


def released(tx: Transaction, tokens: Sequence[str]) -> Sequence[Row]:
    """Parked messages that waited for one of the tokens: message_id, channel, partition_key; to be sent again, oldest first."""
    rows = tx.rows_of_set(
        f"UPDATE parked SET recheck_at = {{now}} + 60000000 WHERE waits_for IN (SELECT token FROM {{rows}}) {RETURNING}",
        (("token", "text"),),
        [(token,) for token in tokens],
    )
    return sorted(rows, key=lambda row: row.message_id)


def due(tx: Transaction, limit: int) -> Sequence[Row]:
    """Parked messages whose time to look again has come; to be sent again, oldest first."""
    rows = tx.rows(
        "UPDATE parked SET recheck_at = {now} + 60000000 WHERE (message_id, channel) IN"
        f" (SELECT message_id, channel FROM parked WHERE recheck_at <= {{now}} ORDER BY recheck_at LIMIT :limit) {RETURNING}",
        limit=limit,
    )
    return sorted(rows, key=lambda row: row.message_id)
