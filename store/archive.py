"""The archive: raw messages and canonical messages, kept for good, each fact once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec
import orjson

from canonical.envelope import Message
from canonical.ids import new_id
from store import references
from store.database import Columns, Row, Transaction, from_micros, to_micros
from store.references import Remembered, Seen


class Routed(msgspec.Struct, frozen=True):
    """A message with the channels it goes to: `handlers` as (channel, partition), `endpoints` by name."""

    message: Message
    handlers: tuple[tuple[str, int], ...] = ()
    endpoints: tuple[str, ...] = ()


class RawRecord(msgspec.Struct, frozen=True):
    """A raw message as it is kept, with what became of it."""

    raw_id: str
    endpoint: str
    dedupe_key: str
    document: str | None
    sha256: str
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime
    status: str
    message_ids: Sequence[str] = ()
    problems: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Recorded:
    """What `record_messages` found: ids that are new; for the others the id that states the same fact, and whether
    it says something else."""

    new: frozenset[str]
    known_as: Mapping[str, str]
    conflicts: frozenset[str]


MESSAGE_FIELDS = (
    "message_id, type, source, subject, partition_key, identity, occurred_at, recorded_at, correlation_id, causation_id, "
    "raw_id, schema_version, traceparent, channels, body, leads"
)
MESSAGE_COLUMNS: Columns = (
    ("message_id", "text"), ("type", "text"), ("source", "text"), ("subject", "text"), ("partition_key", "text"),
    ("identity", "text"), ("occurred_at", "bigint"), ("recorded_at", "bigint"), ("correlation_id", "text"),
    ("causation_id", "text"), ("raw_id", "text"), ("schema_version", "text"), ("traceparent", "text"),
    ("channels", "json"), ("body", "json"), ("leads", "boolean"),
)  # fmt: skip
RAW_COLUMNS: Columns = (
    ("raw_id", "text"), ("endpoint", "text"), ("dedupe_key", "text"), ("document", "text"), ("sha256", "text"),
    ("headers", "json"), ("body", "bytes"), ("received_at", "bigint"), ("status", "text"), ("message_ids", "json"),
    ("problems", "json"),
)  # fmt: skip
OF_A_BATCH = ("source", "occurred_at", "recorded_at", "raw_id", "schema_version", "leads")
"""Mostly alike in all messages that a handler emits at once."""
OUTBOX_COLUMNS: Columns = (("message_id", "text"), ("channel", "text"), ("partition", "bigint"), ("redriven", "bigint"))
DELIVERY_COLUMNS: Columns = (("delivery_id", "text"), ("message_id", "text"), ("endpoint", "text"), ("partition_key", "text"))
ANY_SIZE = 2**31 - 1


def record_messages(tx: Transaction, routed: Sequence[Routed]) -> Recorded:
    """Keep messages and put what is new on its way, to handlers and to endpoints, in this order. A fact already known is
    not kept twice.

    Identities are taken in sorted order, so that two writers never wait for each other in a ring.
    """
    new = _inserted(tx, routed)
    fresh = routed if len(new) == len(routed) else [r for r in routed if r.message.message_id in new]
    tx.run_set(INSERT_OUTBOX, OUTBOX_COLUMNS, outbox_rows(fresh))
    tx.run_set(INSERT_DELIVERIES, DELIVERY_COLUMNS, delivery_rows(fresh))
    references.record(tx, named_by(fresh))
    if fresh is routed:
        return Recorded(new, {}, frozenset())
    return _compared(tx, new, [r.message for r in routed if r.message.message_id not in new])


def _inserted(tx: Transaction, routed: Sequence[Routed]) -> frozenset[str]:
    """The ids of those that were new; all, where all are taken for new."""
    rows = [message_row(r) for r in in_order_of_locks(routed)]
    if tx.all_new:
        tx.run_set(INSERT_MESSAGES, MESSAGE_COLUMNS, rows, alike=OF_A_BATCH)
        return frozenset([r.message.message_id for r in routed])
    inserted = tx.rows_of_set(f"{INSERT_MESSAGES}{tx.unless_known('type, identity')} RETURNING message_id", MESSAGE_COLUMNS, rows)
    return frozenset([row.message_id for row in inserted])


INSERT_MESSAGES = f"INSERT INTO messages ({MESSAGE_FIELDS}) SELECT {MESSAGE_FIELDS} FROM {{rows}} WHERE true"


def in_order_of_locks(routed: Iterable[Routed]) -> list[Routed]:
    """Messages as every writer inserts them."""
    return sorted(routed, key=lambda r: (r.message.type, r.message.identity))


def message_row(routed: Routed) -> tuple[Any, ...]:
    """A message as a row of MESSAGE_COLUMNS."""
    m = routed.message
    return (
        m.message_id, m.type, m.source, m.subject, m.partition_key, m.identity, to_micros(m.occurred_at), to_micros(m.recorded_at),
        m.correlation_id, m.causation_id, m.raw_id, m.schema_version, m.traceparent,
        _channels(routed.handlers, routed.endpoints), m.body, m.leads,
    )  # fmt: skip


@lru_cache(maxsize=1024)
def _channels(handlers: tuple[tuple[str, int], ...], endpoints: tuple[str, ...]) -> bytes:
    """The names of all channels as JSON; rules bring forth few different sets."""
    return orjson.dumps([*(channel for channel, _ in handlers), *endpoints])


def named_by(routed: Iterable[Routed], remembered: Remembered | None = None) -> Iterator[Seen]:
    """What partners call things, by the word of the messages that came from outside; without what is remembered."""
    for m in (r.message for r in routed if r.message.raw_id is not None):
        for reference in m.known_as if remembered is None else remembered.others(m.source, m.known_as):
            yield Seen(m.source, m.message_id, reference)


def _compared(tx: Transaction, new: frozenset[str], known: Sequence[Message]) -> Recorded:
    found = tx.rows_of_set(
        f"SELECT ours, {MESSAGE_FIELDS} FROM {{rows}} JOIN messages ON type = given_type AND identity = given_identity",
        (("ours", "text"), ("given_type", "text"), ("given_identity", "text")),
        [(m.message_id, m.type, m.identity) for m in known],
    )
    hashes = {m.message_id: m.content_sha256 for m in known}
    return Recorded(
        new,
        {row.ours: row.message_id for row in found},
        frozenset(row.ours for row in found if hash_of_fact(row) != hashes[row.ours]),
    )


INSERT_OUTBOX = (
    "INSERT INTO outbox (message_id, channel, partition, redriven)"
    " SELECT message_id, channel, partition, redriven FROM {rows} WHERE true"
)
INSERT_DELIVERIES = (
    "INSERT INTO deliveries (delivery_id, message_id, endpoint, partition_key, status, next_at)"
    " SELECT delivery_id, message_id, endpoint, partition_key, 'pending', 0 FROM {rows} WHERE true"
)


def outbox_rows(routed: Iterable[Routed]) -> list[tuple[Any, ...]]:
    """What of these messages goes to handlers, as rows of OUTBOX_COLUMNS."""
    return [(r.message.message_id, channel, partition, 0) for r in routed for channel, partition in r.handlers]


def send(tx: Transaction, items: Sequence[tuple[str, str, int]], *, redriven: int = 0) -> None:
    """Put messages in the outbox, in this order: (message id, handler channel, partition)."""
    tx.run_set(INSERT_OUTBOX, OUTBOX_COLUMNS, [(*item, redriven) for item in items])


def delivery_rows(routed: Iterable[Routed]) -> list[tuple[Any, ...]]:
    """What of these messages goes to endpoints, as rows of DELIVERY_COLUMNS."""
    return [(new_id(), r.message.message_id, e, r.message.partition_key) for r in routed for e in r.endpoints]


def messages_stating(tx: Transaction, message_type: str, identities: Sequence[str]) -> list[Message]:
    """The messages of a type that state these facts, in the order they were recorded."""
    rows = tx.rows_of_set(
        f"SELECT {MESSAGE_FIELDS} FROM messages"
        " WHERE type = :type AND identity IN (SELECT identity FROM {rows}) ORDER BY recorded_at, message_id",
        (("identity", "text"),),
        [(identity,) for identity in identities],
        type=message_type,
    )
    return [message_of(row) for row in rows]


def messages(tx: Transaction, message_ids: Sequence[str], *, most: int = ANY_SIZE) -> dict[str, Message]:
    """These messages by id. Absent are ids the archive does not know, and messages with a body of more than `most` bytes."""
    rows = tx.tuples_of_set(
        "SELECT message_id, type, source, subject, partition_key, identity, occurred_at, recorded_at, correlation_id, causation_id,"
        " raw_id, convert_to(body, 'UTF8'), schema_version, traceparent FROM messages"
        " WHERE message_id {among} AND octet_length(body) <= :most",
        (("message_id", "text"),),
        [(i,) for i in message_ids],
        most=most,
    )
    return {
        one: Message(
            one, kind, source, subject, key, fact, from_micros(occurred), from_micros(recorded), story, cause, raw, body, v, trace
        )
        for one, kind, source, subject, key, fact, occurred, recorded, story, cause, raw, body, v, trace in rows
    }


def message_of(row: Row) -> Message:
    """The message in a row that has MESSAGE_FIELDS; `body` as text."""
    body = row.body
    return Message(
        row.message_id, row.type, row.source, row.subject, row.partition_key, row.identity, from_micros(row.occurred_at),
        from_micros(row.recorded_at), row.correlation_id, row.causation_id, row.raw_id, body.encode(), row.schema_version,
        row.traceparent,
    )  # fmt: skip


def hash_of_fact(row: Row) -> str:
    """Of what a message in a row that has MESSAGE_FIELDS states; empty, and so like no other, where this version cannot read it."""
    try:
        return message_of(row).content_sha256
    except (KeyError, msgspec.DecodeError):
        return ""


def known_raws(tx: Transaction, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Row]:
    """What is already kept under (endpoint, dedupe key): raw_id, sha256, status, message_ids, problems."""
    rows = tx.rows_of_set(
        "SELECT k.raw_id, k.endpoint, k.dedupe_key, k.sha256, k.status, k.message_ids, k.problems FROM {rows}"
        " JOIN raw_messages k ON k.endpoint = r.endpoint AND k.dedupe_key = r.dedupe_key",
        (("endpoint", "text"), ("dedupe_key", "text")),
        [(endpoint, key) for endpoint, key in keys],
    )
    return {(row.endpoint, row.dedupe_key): row for row in rows}


def record_raws(tx: Transaction, records: Sequence[RawRecord]) -> None:
    """Keep raw messages. Conflict when one came in meanwhile through another process: look again."""
    tx.insert("raw_messages", RAW_COLUMNS, [raw_row(r) for r in records])


def raw_row(record: RawRecord) -> tuple[Any, ...]:
    """A raw message as a row of RAW_COLUMNS."""
    return (
        record.raw_id, record.endpoint, record.dedupe_key, record.document, record.sha256, orjson.dumps(dict(record.headers)),
        record.body, to_micros(record.received_at), record.status, orjson.dumps(list(record.message_ids)),
        orjson.dumps(list(record.problems)),
    )  # fmt: skip


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def finish_raw(tx: Transaction, record: RawRecord) -> None:
    """What became of a raw message that was kept untranslated."""
    tx.run(
        "UPDATE raw_messages SET status = :status, message_ids = :message_ids, problems = :problems WHERE raw_id = :raw_id",
        raw_id=record.raw_id,
        status=record.status,
        message_ids=_json(list(record.message_ids)),
        problems=_json(list(record.problems)),
    )


def claim_untranslated(tx: Transaction, *, limit: int) -> list[str]:
    """Large raw messages to be translated now; asked for again in ten minutes should nobody do it."""
    rows = tx.rows(
        "UPDATE raw_messages SET translate_at = {now} + 600000000 WHERE raw_id IN"
        " (SELECT raw_id FROM raw_messages WHERE status = 'untranslated' AND translate_at <= {now}"
        "  ORDER BY translate_at LIMIT :limit)"
        " RETURNING raw_id",
        limit=limit,
    )
    return [row.raw_id for row in rows]


def raw_message(tx: Transaction, raw_id: str) -> RawRecord | None:
    """A raw message as it is kept, bytes and all."""
    rows = tx.rows("SELECT * FROM raw_messages WHERE raw_id = :raw_id", raw_id=raw_id)
    if not rows:
        return None
    row = rows[0]
    return RawRecord(
        row.raw_id, row.endpoint, row.dedupe_key, row.document, row.sha256, parsed(row.headers), bytes(row.body),
        from_micros(row.received_at), row.status, parsed(row.message_ids), parsed(row.problems),
    )  # fmt: skip


def parsed(value: Any) -> Any:
    """The value of a JSON column: text on SQLite, parsed already on PostgreSQL."""
    return orjson.loads(value) if isinstance(value, str) else value
