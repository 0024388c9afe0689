"""Sweeping: messages that were handed to the channels and never reached an end state."""

from collections.abc import Sequence

from store.database import Row, Transaction

EACH_CHANNEL = {
    "postgresql": "json_array_elements_text(CAST(m.channels AS json)) AS c(value)",
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


def horizon(tx: Transaction, *, grace: int) -> str | None:
    """Up to which message a sweep may judge: the newest one recorded more than `grace` microseconds ago, but none that is still
    to be published, for the broker may lose it afterwards. To be asked before `lost`: what is published or grows old after this
    moment is left for the next sweep."""
    seen = watermark(tx)
    waiting = tx.rows("SELECT min(message_id) AS first FROM outbox WHERE message_id > :watermark", watermark=seen)[0].first
    before = "" if waiting is None else " AND message_id < :before"
    sql = f"SELECT max(message_id) AS last FROM messages WHERE recorded_at <= {{now}} - :grace AND message_id > :watermark{before}"
    parameters = {} if waiting is None else {"before": waiting}
    last: str | None = tx.rows(sql, grace=grace, watermark=seen, **parameters)[0].last
    return last


def advance(tx: Transaction, *, upto: str | None, before: str | None) -> None:
    """Move the watermark: to the horizon of a sweep, or to just before the first lost message it found. Never back."""
    if before is not None:
        sql = "SELECT max(message_id) AS last FROM messages WHERE message_id < :before AND message_id > :watermark"
        last = tx.rows(sql, before=before, watermark=watermark(tx))[0].last
        upto = min(last, upto) if last is not None and upto is not None else None
    if upto is not None and upto > watermark(tx):
        tx.run(
            "INSERT INTO watermarks (name, value) VALUES (:name, :value) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            name=WATERMARK,
            value=upto,
        )
