"""Reading messages: lists by page, one message with everything that happened to it, raw messages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from store.database import Columns, Row, Transaction
from store.sweeping import EACH_CHANNEL

IDS: Columns = (("message_id", "text"),)

HEAD = (
    "m.message_id, m.type, m.source, m.subject, m.partition_key, m.identity, m.occurred_at, m.recorded_at, m.correlation_id,"
    " m.causation_id, m.raw_id, m.schema_version, m.traceparent, m.channels"
)
RAW_HEAD = (
    "raw_id, endpoint, dedupe_key, document, sha256, headers, length(body) AS size, received_at, status, message_ids, problems"
)
STANDINGS: dict[str, str] = {
    "dead": "m.message_id IN (SELECT message_id FROM dead_letters WHERE status = 'dead'"
    " UNION ALL SELECT message_id FROM deliveries WHERE status = 'dead')",
    "discarded": "m.message_id IN (SELECT message_id FROM dead_letters WHERE status = 'discarded'"
    " UNION ALL SELECT message_id FROM deliveries WHERE status = 'discarded')",
    "retrying": "m.message_id IN (SELECT message_id FROM retries)",
    "parked": "m.message_id IN (SELECT message_id FROM parked)",
    "on_its_way": "EXISTS (SELECT 1 FROM {each_channel} WHERE {unsettled})",
    "handled": "NOT EXISTS (SELECT 1 FROM {each_channel} WHERE NOT EXISTS"
    " (SELECT 1 FROM receipts t WHERE t.message_id = m.message_id AND t.channel = c.value)"
    " AND NOT EXISTS (SELECT 1 FROM deliveries t WHERE t.message_id = m.message_id AND t.endpoint = c.value"
    " AND t.status = 'sent'))",
}
"""How a message may stand, and the condition that at least one channel (for `handled`: every channel) stands so."""

UNSETTLED = " AND ".join(
    [
        f"NOT EXISTS (SELECT 1 FROM {table} t WHERE t.message_id = m.message_id AND t.channel = c.value)"
        for table in ("receipts", "retries", "parked")
    ]
    + [
        "NOT EXISTS (SELECT 1 FROM dead_letters t WHERE t.message_id = m.message_id AND t.channel = c.value"
        " AND t.status IN ('dead', 'discarded'))",
        "NOT EXISTS (SELECT 1 FROM deliveries t WHERE t.message_id = m.message_id AND t.endpoint = c.value"
        " AND t.status IN ('sent', 'dead', 'discarded'))",
    ]
)

IN_STORY = (
    "m.correlation_id = :correlation_id"
    " AND m.subject IN (SELECT l.subject FROM messages l WHERE l.correlation_id = :correlation_id AND l.leads"
    " UNION ALL SELECT f.subject FROM messages f WHERE f.message_id = :correlation_id)"
)
"""The messages of a story. It mostly has its id from its first one, others that lead are in the index of stories; the rest have the
subject of one of these."""


@dataclass(frozen=True, slots=True)
class MessageFilter:
    """What to list; None: whatever. standing: a key of STANDINGS. their_id: a partner's name for what they are about."""

    type: str | None = None
    source: str | None = None
    subject: str | None = None
    correlation_id: str | None = None
    channel: str | None = None
    standing: str | None = None
    their_id: str | None = None


def messages(tx: Transaction, wanted: MessageFilter, *, before: str | None, limit: int) -> Sequence[Row]:
    """Message heads, newest first, from just before the id `before` on."""
    equal = {
        "type": wanted.type,
        "source": wanted.source,
        "subject": wanted.subject,
        "correlation_id": wanted.correlation_id,
    }
    parameters: dict[str, Any] = {name: value for name, value in equal.items() if value is not None}
    conditions = [IN_STORY if name == "correlation_id" else f"m.{name} = :{name}" for name in parameters]
    each_channel = EACH_CHANNEL[tx.dialect]
    if before is not None:
        conditions.append("m.message_id < :before")
        parameters["before"] = before
    if wanted.channel is not None:
        conditions.append(f"EXISTS (SELECT 1 FROM {each_channel} WHERE c.value = :channel)")
        parameters["channel"] = wanted.channel
    if wanted.their_id is not None:
        conditions.append("m.subject IN (SELECT our_id FROM cross_references WHERE their_id = :their_id)")
        parameters["their_id"] = wanted.their_id
    if wanted.standing is not None:
        standing = STANDINGS[wanted.standing]
        conditions.append(standing.replace("{each_channel}", each_channel).replace("{unsettled}", UNSETTLED))
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return tx.rows(f"SELECT {HEAD} FROM messages m{where} ORDER BY m.message_id DESC LIMIT :limit", limit=limit, **parameters)


def message(tx: Transaction, message_id: str) -> Row | None:
    """One message with its body as text."""
    rows = tx.rows(f"SELECT {HEAD}, m.body FROM messages m WHERE m.message_id = :id", id=message_id)
    return rows[0] if rows else None


def channels_of(tx: Transaction, message_id: str) -> list[str]:
    """The channels a message was routed to; none for an unknown one."""
    rows = tx.rows(
        f"SELECT c.value AS channel FROM messages m CROSS JOIN {EACH_CHANNEL[tx.dialect]} WHERE m.message_id = :id", id=message_id
    )
    return [row.channel for row in rows]


def children(tx: Transaction, message_id: str, correlation_id: str, limit: int) -> Sequence[Row]:
    """Heads of what handlers emitted because of this message, in order."""
    return tx.rows(
        f"SELECT {HEAD} FROM messages m WHERE {IN_STORY} AND m.causation_id = :id ORDER BY m.message_id LIMIT :limit",
        id=message_id,
        correlation_id=correlation_id,
        limit=limit,
    )


def standings(tx: Transaction, message_ids: Sequence[str]) -> Sequence[Row]:
    """What is written about these messages per channel: message_id, channel, kind, at, until, times, detail.

    kind: handled, dead, replayed, recovered, discarded, retrying, parked, outbox, or `delivery` and its status.
    """
    return tx.rows_of_set(
        "WITH wanted AS (SELECT message_id FROM {rows})"
        + " UNION ALL ".join(
            f" SELECT t.message_id, {columns} FROM wanted JOIN {table} t ON t.message_id = wanted.message_id"
            for table, columns in STANDING_COLUMNS
        ),
        IDS,
        [(i,) for i in message_ids],
    )


STANDING_COLUMNS = (
    (
        "receipts",
        "t.channel AS channel, 'handled' AS kind, t.handled_at AS at, CAST(NULL AS bigint) AS until, 0 AS times,"
        " CAST(NULL AS text) AS detail",
    ),
    ("dead_letters", "t.channel, t.status, t.died_at, CAST(NULL AS bigint), t.attempts, t.reason"),
    ("retries", "t.channel, 'retrying', NULL, t.next_at, t.attempts, t.last_error"),
    ("parked", "t.channel, 'parked', t.parked_at, t.recheck_at, t.rechecks, t.waits_for"),
    ("outbox", "t.channel, 'outbox', NULL, NULL, t.redriven, NULL"),
    ("deliveries", "t.endpoint, 'delivery ' || t.status, NULL, t.next_at, t.attempts, t.outcome"),
)


def deliveries_of(tx: Transaction, message_ids: Sequence[str]) -> Sequence[Row]:
    """Deliveries of these messages, oldest first."""
    return tx.rows_of_set(
        "SELECT delivery_id, message_id, endpoint, status, attempts, next_at, outcome, partner_id FROM deliveries"
        " WHERE message_id IN (SELECT message_id FROM {rows}) ORDER BY delivery_id",
        IDS,
        [(i,) for i in message_ids],
    )


def attempts_of(tx: Transaction, delivery_ids: Sequence[str]) -> Sequence[Row]:
    """Every attempt at these deliveries, in order; `answer` as the bytes the partner sent back."""
    return tx.rows_of_set(
        "SELECT delivery_id, attempt, began_at, ended_at, outcome, detail, answer FROM attempts"
        " WHERE delivery_id IN (SELECT delivery_id FROM {rows}) ORDER BY delivery_id, attempt",
        (("delivery_id", "text"),),
        [(i,) for i in delivery_ids],
    )


def raw_head(tx: Transaction, raw_id: str) -> Row | None:
    """A raw message without its bytes, `size` in their place."""
    rows = tx.rows(f"SELECT {RAW_HEAD} FROM raw_messages WHERE raw_id = :raw_id", raw_id=raw_id)
    return rows[0] if rows else None


def raw_body(tx: Transaction, raw_id: str) -> bytes | None:
    """The bytes of a raw message as they came."""
    rows = tx.rows("SELECT body FROM raw_messages WHERE raw_id = :raw_id", raw_id=raw_id)
    return bytes(rows[0].body) if rows else None


def raws(tx: Transaction, *, endpoint: str | None, status: str | None, before: str | None, limit: int) -> Sequence[Row]:
    """Raw message heads, newest first, from just before the id `before` on."""
    given = {"endpoint": endpoint, "status": status}
    parameters = {name: value for name, value in given.items() if value is not None}
    conditions = [f"{name} = :{name}" for name in parameters]
    if before is not None:
        conditions.append("raw_id < :before")
        parameters["before"] = before
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return tx.rows(f"SELECT {RAW_HEAD} FROM raw_messages{where} ORDER BY raw_id DESC LIMIT :limit", limit=limit, **parameters)
