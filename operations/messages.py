"""Finding messages and raw messages."""

import orjson

from operations import cursors
from operations.failing import NotFound
from operations.standing import instant, summaries
from operations.views import AttemptView, Decision, DeliveryView, MessageSummary, MessageView, Page, RawHead
from store import archive, auditing, queries
from store.database import Database, Row, Transaction, from_micros
from store.queries import MessageFilter

MOST_CAUSED = 500


def messages(
    database: Database, wanted: MessageFilter | None = None, *, cursor: str | None = None, limit: int = 50
) -> Page[MessageSummary]:
    """Messages, newest first. BadCursor."""
    before = cursors.read(cursor, "messages", str)[0] if cursor else None
    with database.reading() as tx:
        rows = queries.messages(tx, wanted or MessageFilter(), before=before, limit=limit + 1)
        items = summaries(tx, rows[:limit])
    more = len(rows) > limit
    return Page(items=items, next=cursors.write("messages", items[-1].message_id) if more else None)


def message(database: Database, message_id: str) -> MessageView:
    """One message with everything that happened to it. NotFound."""
    with database.reading() as tx:
        row = queries.message(tx, message_id)
        if row is None:
            raise NotFound("message", message_id)
        (summary,) = summaries(tx, [row])
        targets = [message_id, *(f"{message_id}:{c.channel}" for c in summary.channels), *([row.raw_id] if row.raw_id else [])]
        return MessageView(
            **dict(summary),
            partition_key=row.partition_key,
            identity=row.identity,
            schema_version=row.schema_version,
            traceparent=row.traceparent,
            content_sha256=archive.hash_of_fact(row),
            body=orjson.loads(row.body),
            raw=_raw_of(tx, row.raw_id),
            caused=summaries(tx, queries.children(tx, message_id, row.correlation_id, MOST_CAUSED)),
            deliveries=deliveries_of(tx, [message_id]),
            decisions=[decision(entry) for entry in auditing.entries(tx, targets)],
        )


def _raw_of(tx: Transaction, raw_id: str | None) -> RawHead | None:
    row = queries.raw_head(tx, raw_id) if raw_id else None
    return raw_head_of(row) if row else None


def deliveries_of(tx: Transaction, message_ids: list[str]) -> list[DeliveryView]:
    """Deliveries of these messages with every attempt."""
    rows = queries.deliveries_of(tx, message_ids)
    attempts: dict[str, list[AttemptView]] = {row.delivery_id: [] for row in rows}
    for row in queries.attempts_of(tx, list(attempts)):
        attempts[row.delivery_id].append(_attempt(row))
    return [
        DeliveryView(
            delivery_id=row.delivery_id,
            message_id=row.message_id,
            endpoint=row.endpoint,
            status=row.status,
            attempts=attempts[row.delivery_id],
            next_at=instant(row.next_at) if row.status in {"pending", "queued"} else None,
            outcome=row.outcome,
            partner_id=row.partner_id,
        )
        for row in rows
    ]


def _attempt(row: Row) -> AttemptView:
    return AttemptView(
        attempt=row.attempt,
        began_at=from_micros(row.began_at),
        ended_at=instant(row.ended_at),
        outcome=row.outcome,
        detail=row.detail,
        answer=bytes(row.answer).decode(errors="replace") if row.answer else None,
    )


def decision(row: Row) -> Decision:
    """A row of the audit."""
    return Decision(at=from_micros(row.at), actor=row.actor, action=row.action, target=row.target, reason=row.reason)


def raws(
    database: Database, *, endpoint: str | None = None, status: str | None = None, cursor: str | None = None, limit: int = 50
) -> Page[RawHead]:
    """Raw messages, newest first. BadCursor."""
    before = cursors.read(cursor, "raws", str)[0] if cursor else None
    with database.reading() as tx:
        rows = queries.raws(tx, endpoint=endpoint, status=status, before=before, limit=limit + 1)
    items = [raw_head_of(row) for row in rows[:limit]]
    return Page(items=items, next=cursors.following(rows, limit, "raws", "raw_id"))


def raw_head(database: Database, raw_id: str) -> RawHead:
    """A raw message without its bytes. NotFound."""
    with database.reading() as tx:
        row = queries.raw_head(tx, raw_id)
    if row is None:
        raise NotFound("raw message", raw_id)
    return raw_head_of(row)


def raw(database: Database, raw_id: str) -> bytes:
    """The bytes of a raw message as they came. NotFound."""
    with database.reading() as tx:
        body = queries.raw_body(tx, raw_id)
    if body is None:
        raise NotFound("raw message", raw_id)
    return body


def raw_head_of(row: Row) -> RawHead:
    """A row of raw messages without its bytes."""
    return RawHead(
        raw_id=row.raw_id,
        endpoint=row.endpoint,
        document=row.document,
        delivery_id=row.dedupe_key,
        sha256=row.sha256,
        size=row.size,
        received_at=from_micros(row.received_at),
        status=row.status,
        headers=orjson.loads(row.headers),
        message_ids=orjson.loads(row.message_ids),
        problems=orjson.loads(row.problems),
    )
