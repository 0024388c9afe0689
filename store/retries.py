"""Retries: messages a handler failed on, and what waits behind them; and dead letters, which gave up.

Times to try again live here, never in broker requeues. While a key has a row here, later messages of that key line
up behind it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from store.database import Columns, Row, Transaction

LINE: Columns = (("message_id", "text"), ("partition_key", "text"))
IDS: Columns = (("message_id", "text"),)
KEYS: Columns = (("partition_key", "text"),)
SUSPECTED = "the handler may have died on it"


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands in the way of a batch. lines: message ids waiting per key, in order. dead: ids that were given up."""

    lines: dict[str, list[str]]
    dead: frozenset[str]


def standing(tx: Transaction, channel: str, batch: Sequence[tuple[str, str]]) -> Standing:
    """What stands in the way of these (message id, key), in one statement."""
    rows = tx.rows_of_set(
        "SELECT 'line' AS what, t.message_id, t.partition_key, t.retry_id FROM retries t WHERE t.channel = :channel"
        " AND t.partition_key IN (SELECT partition_key FROM {rows})"
        " UNION ALL SELECT 'dead', d.message_id, '', 0 FROM dead_letters d WHERE d.channel = :channel AND d.status = 'dead'"
        " AND d.message_id IN (SELECT message_id FROM {rows})"
        " ORDER BY 4",
        LINE,
        [(message_id, key) for message_id, key in batch],
        channel=channel,
    )
    lines: dict[str, list[str]] = {}
    for row in rows:
        if row.what == "line":
            lines.setdefault(row.partition_key, []).append(row.message_id)
    dead = frozenset(row.message_id for row in rows if row.what == "dead")
    return Standing(lines, dead)


def line_up(tx: Transaction, channel: str, followers: Sequence[tuple[str, str]]) -> None:
    """Put (message id, key) behind what its key already waits for."""
    _stand_in_line(tx, channel, followers, wait=None, error=None)


def suspect(tx: Transaction, channel: str, suspects: Sequence[tuple[str, str]], *, wait: float) -> None:
    """Write down (message id, key) of those the handler may have died on, before they are tried together; should nothing more be
    heard of them, they are due in `wait` seconds."""
    _stand_in_line(tx, channel, suspects, wait=int(wait * 1_000_000), error=SUSPECTED)


def _stand_in_line(
    tx: Transaction, channel: str, standing: Sequence[tuple[str, str]], *, wait: int | None, error: str | None
) -> None:
    """New places of (message id, key), at the end of their lines. wait: microseconds; None: until it is their turn."""
    tx.run_set(
        "INSERT INTO retries (message_id, channel, partition_key, attempts, next_at, last_error)"
        " SELECT message_id, :channel, partition_key, 0, {now} + CAST(:wait AS bigint), CAST(:error AS text) FROM {rows} WHERE true"
        " ON CONFLICT (message_id, channel) DO NOTHING",
        LINE,
        [(message_id, key) for message_id, key in standing],
        channel=channel,
        wait=wait,
        error=error,
    )


def wait(tx: Transaction, channel: str, message_ids: Sequence[str]) -> None:
    """These came before their turn: they go when what stands before them is done."""
    tx.run_set(
        "UPDATE retries SET next_at = NULL WHERE channel = :channel AND message_id IN (SELECT message_id FROM {rows})",
        IDS,
        [(i,) for i in message_ids],
        channel=channel,
    )


def count_attempt(tx: Transaction, channel: str, message_id: str, key: str, *, error: str, wait: float) -> int:
    """One more attempt on this message, the next in `wait` seconds; how many there were."""
    row = tx.rows(
        "INSERT INTO retries (message_id, channel, partition_key, attempts, next_at, last_error)"
        " VALUES (:message_id, :channel, :key, 1, {now} + :wait, :error)"
        " ON CONFLICT (message_id, channel) DO UPDATE SET attempts = retries.attempts + 1,"
        " next_at = excluded.next_at, last_error = excluded.last_error RETURNING attempts",
        message_id=message_id,
        channel=channel,
        key=key,
        error=error,
        wait=int(wait * 1_000_000),
    )
    return int(row[0].attempts)


def attempts_of(tx: Transaction, channel: str, message_id: str) -> int:
    rows = tx.rows(
        "SELECT attempts FROM retries WHERE message_id = :message_id AND channel = :channel", message_id=message_id, channel=channel
    )
    return int(rows[0].attempts) if rows else 0


def done(tx: Transaction, channel: str, message_ids: Sequence[str]) -> None:
    """These are dealt with: they leave the line, and what stood behind them may go."""
    keys = tx.rows_of_set(
        "DELETE FROM retries WHERE channel = :channel AND message_id IN (SELECT message_id FROM {rows}) RETURNING partition_key",
        IDS,
        [(i,) for i in message_ids],
        channel=channel,
    )
    tx.run_set(
        "UPDATE retries SET next_at = {now} WHERE channel = :channel AND next_at IS NULL"
        " AND partition_key IN (SELECT partition_key FROM {rows})",
        KEYS,
        [(row.partition_key,) for row in keys],
        channel=channel,
    )


def due(tx: Transaction, limit: int) -> Sequence[Row]:
    """Messages whose time has come, in line order: message_id, channel, partition_key. They stay in line, to be sent again
    in 5 minutes should this copy be lost."""
    rows = tx.rows(
        "SELECT retry_id, message_id, channel, partition_key FROM retries WHERE next_at <= {now} ORDER BY retry_id LIMIT :limit",
        limit=limit,
    )
    tx.run_set(
        "UPDATE retries SET next_at = {now} + 300000000 WHERE retry_id IN (SELECT retry_id FROM {rows})",
        (("retry_id", "bigint"),),
        [(row.retry_id,) for row in rows],
    )
    return rows


def bury(tx: Transaction, channel: str, message_id: str, *, attempts: int, reason: str) -> None:
    """Give up on a message: it becomes a dead letter, and what stood behind it goes on."""
    tx.run(
        "INSERT INTO dead_letters (message_id, channel, died_at, attempts, reason, status)"
        " VALUES (:message_id, :channel, {now}, :attempts, :reason, 'dead')"
        " ON CONFLICT (message_id, channel) DO UPDATE SET died_at = excluded.died_at, status = 'dead',"
        " attempts = dead_letters.attempts + excluded.attempts, reason = excluded.reason",
        message_id=message_id,
        channel=channel,
        attempts=attempts,
        reason=reason,
    )
    done(tx, channel, [message_id])


def settle(tx: Transaction, channel: str, message_ids: Sequence[str]) -> None:
    """These were sent again and are dealt with now: no longer parked, no longer dead."""
    rows = [(i,) for i in message_ids]
    for statement in (
        "DELETE FROM parked WHERE channel = :channel AND message_id IN (SELECT message_id FROM {rows})",
        "UPDATE dead_letters SET status = 'recovered' WHERE channel = :channel AND message_id IN (SELECT message_id FROM {rows})",
    ):
        tx.run_set(statement, IDS, rows, channel=channel)
