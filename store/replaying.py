"""Dead letters and dead deliveries as one list, and what people decide about them: retry, discard; and sending again.

A dead entry is named by its message id and channel; the channel is a handler or an endpoint.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from store.database import Columns, Row, Transaction

KEYS: Columns = (("message_id", "text"), ("channel", "text"))
DEAD = (
    "SELECT d.message_id, d.channel, 'handler' AS kind, d.died_at, d.attempts, d.reason, d.status, d.decided_by, d.decided_at"
    " FROM dead_letters d"
    " UNION ALL SELECT v.message_id, v.endpoint, 'delivery', v.next_at, v.attempts, v.outcome, v.status, NULL, NULL"
    " FROM deliveries v WHERE v.status IN ('dead', 'discarded')"
)


@dataclass(frozen=True, slots=True)
class DeadFilter:
    """Which dead entries; None: whatever. status: dead, replayed, recovered, discarded. reason: part of it, in any case."""

    status: str | None = "dead"
    channel: str | None = None
    type: str | None = None
    reason: str | None = None


CONDITIONS = {
    "status": "d.status = :status",
    "channel": "d.channel = :channel",
    "type": "m.type = :type",
    "reason": "lower(d.reason) LIKE '%' || :reason || '%'",
}


def dead(tx: Transaction, wanted: DeadFilter, *, after: tuple[int, str, str] | None, limit: int) -> Sequence[Row]:
    """Dead entries, oldest first by (died_at, message_id, channel), from just after `after` on, with type and subject."""
    given: dict[str, Any] = {name: getattr(wanted, name) for name in CONDITIONS if getattr(wanted, name) is not None}
    conditions = [CONDITIONS[name] for name in given]
    if "reason" in given:
        given["reason"] = given["reason"].lower()
    if after is not None:
        conditions.append("(d.died_at, d.message_id, d.channel) > (:died_at, :message_id, :after_channel)")
        given["died_at"], given["message_id"], given["after_channel"] = after
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return tx.rows(
        f"SELECT d.*, m.type, m.subject, m.correlation_id FROM ({DEAD}) AS d JOIN messages m ON m.message_id = d.message_id{where}"
        " ORDER BY d.died_at, d.message_id, d.channel LIMIT :limit",
        limit=limit,
        **given,
    )


def dead_entry(tx: Transaction, message_id: str, channel: str) -> Row | None:
    """One dead entry, whatever its status."""
    rows = tx.rows(
        f"SELECT d.*, m.type, m.subject, m.correlation_id FROM ({DEAD}) AS d JOIN messages m ON m.message_id = d.message_id"
        " WHERE d.message_id = :message_id AND d.channel = :channel",
        message_id=message_id,
        channel=channel,
    )
    return rows[0] if rows else None


def revive_letters(tx: Transaction, keys: Sequence[tuple[str, str]], *, actor: str) -> Sequence[Row]:
    """Mark dead letters of handlers replayed; those that were not recovered already, to be sent again: message_id, channel,
    partition_key."""
    return tx.rows_of_set(
        "UPDATE dead_letters SET status = 'replayed', decided_by = :actor, decided_at = {now}"
        " WHERE (message_id, channel) IN (SELECT message_id, channel FROM {rows}) AND status <> 'recovered'"
        " RETURNING message_id, channel, (SELECT partition_key FROM messages m WHERE m.message_id = dead_letters.message_id)"
        " AS partition_key",
        KEYS,
        _keys(keys),
        actor=actor,
    )


def reopen_deliveries(tx: Transaction, keys: Sequence[tuple[str, str]], *, sent_too: bool) -> Sequence[Row]:
    """Make settled deliveries due now, for one more attempt under the same delivery id: message_id, channel.

    sent_too: also those the partner has taken already.
    """
    statuses = "('dead', 'discarded', 'sent')" if sent_too else "('dead', 'discarded')"
    return tx.rows_of_set(
        "UPDATE deliveries SET status = 'pending', next_at = {now}"
        f" WHERE (message_id, endpoint) IN (SELECT message_id, channel FROM {{rows}}) AND status IN {statuses}"
        " RETURNING message_id, endpoint AS channel",
        KEYS,
        _keys(keys),
    )


def discard(tx: Transaction, keys: Sequence[tuple[str, str]], *, actor: str) -> list[tuple[str, str]]:
    """Give dead entries up for good; those that were dead."""
    letters = tx.rows_of_set(
        "UPDATE dead_letters SET status = 'discarded', decided_by = :actor, decided_at = {now}"
        " WHERE (message_id, channel) IN (SELECT message_id, channel FROM {rows}) AND status = 'dead'"
        " RETURNING message_id, channel",
        KEYS,
        _keys(keys),
        actor=actor,
    )
    deliveries = tx.rows_of_set(
        "UPDATE deliveries SET status = 'discarded'"
        " WHERE (message_id, endpoint) IN (SELECT message_id, channel FROM {rows}) AND status = 'dead'"
        " RETURNING message_id, endpoint AS channel",
        KEYS,
        _keys(keys),
    )
    return [(row.message_id, row.channel) for row in (*letters, *deliveries)]


def unreceipted(tx: Transaction, message_id: str, handlers: Sequence[str]) -> Sequence[Row]:
    """The handler channels among `handlers` that have not dealt with the message: message_id, channel, partition_key."""
    return tx.rows_of_set(
        "SELECT m.message_id, r.channel, m.partition_key FROM {rows} JOIN messages m ON m.message_id = r.message_id"
        " WHERE NOT EXISTS (SELECT 1 FROM receipts t WHERE t.message_id = r.message_id AND t.channel = r.channel)"
        " AND NOT EXISTS (SELECT 1 FROM outbox t WHERE t.message_id = r.message_id AND t.channel = r.channel)"
        " ORDER BY r.channel",
        KEYS,
        _keys([(message_id, channel) for channel in handlers]),
    )


def name_document(tx: Transaction, raw_id: str, document: str) -> None:
    """Which partner document a raw message holds, found out later."""
    tx.run("UPDATE raw_messages SET document = :document WHERE raw_id = :raw_id", raw_id=raw_id, document=document)


def _keys(keys: Sequence[tuple[str, str]]) -> list[tuple[str, ...]]:
    return [(message_id, channel) for message_id, channel in keys]
