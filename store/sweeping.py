"""Sweeping: messages that were handed to the channels and never reached an end state."""

from collections.abc import Sequence

from store.database import Row, Transaction

EACH_CHANNEL = {
    "postgresql": "json_array_elements_text(m.channels) AS c(value)",
    "sqlite": "json_each(m.channels) AS c",
}
WATERMARK = "swept"


def lost(tx: Transaction, *, handlers: Sequence[str], grace: int, limit: int) -> Sequence[Row]:
    """Messages recorded more than `grace` microseconds ago without receipt, parking place, retry, dead letter or outbox row,
    oldest first: message_id, channel, partition_key. Looks only at what came after `watermark`."""
    names = ", ".join(f":handler{i}" for i in range(len(handlers)))
    return tx.rows(
        "SELECT m.message_id, c.value AS channel, m.partition_key FROM messages m CROSS JOIN "
        f"{EACH_CHANNEL[tx.dialect]}"
        f" WHERE m.message_id > :watermark AND m.recorded_at <= {{now}} - :grace AND c.value IN ({names})"
        + "".join(
            f" AND NOT EXISTS (SELECT 1 FROM {table} t WHERE t.message_id = m.message_id AND t.channel = c.value)"
            for table in ("receipts", "parked", "retries", "dead_letters", "outbox")
        )
        + " ORDER BY m.message_id LIMIT :limit",
        watermark=watermark(tx),
        grace=grace,
        limit=limit,
        **{f"handler{i}": name for i, name in enumerate(handlers)},
    )


def watermark(tx: Transaction) -> str:
    """Every message up to this id has reached an end state or is watched over elsewhere."""
    rows = tx.rows("SELECT value FROM watermarks WHERE name = :name", name=WATERMARK)
    return rows[0].value if rows else ""


def advance(tx: Transaction, *, grace: int, before: str | None) -> None:
    """Move the watermark: to just before `before`, or to the newest message older than the grace time. Never back, and never
    past a message that is still to be published: the broker may lose it afterwards."""
    unpublished = tx.rows("SELECT min(message_id) AS first FROM outbox WHERE message_id > :watermark", watermark=watermark(tx))
    before = min(filter(None, (before, unpublished[0].first)), default=None)
    if before is None:
        sql = "SELECT max(message_id) AS last FROM messages WHERE recorded_at <= {now} - :grace AND message_id > :watermark"
        last = tx.rows(sql, grace=grace, watermark=watermark(tx))[0].last
    else:
        sql = "SELECT max(message_id) AS last FROM messages WHERE message_id < :before AND message_id > :watermark"
        last = tx.rows(sql, before=before, watermark=watermark(tx))[0].last
    if last is not None:
        tx.run(
            "INSERT INTO watermarks (name, value) VALUES (:name, :value) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            name=WATERMARK,
            value=last,
        )
