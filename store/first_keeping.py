"""Keeping what nobody has seen before: raw messages with all that was made of them, many in one statement.

Most of what comes in is new, and then nothing has to be looked at between the steps of `routing/keeping.py:keep`. One statement
is one round trip and its own transaction. Whatever is known in any part is left alone, as a whole, for those steps.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from operator import itemgetter
from typing import Any, TypeAlias

from store import arrays, references
from store.archive import (
    DELIVERY_COLUMNS,
    MESSAGE_COLUMNS,
    OUTBOX_COLUMNS,
    RAW_COLUMNS,
    RawRecord,
    Routed,
    delivery_rows,
    in_order_of_locks,
    message_row,
    named_by,
    outbox_rows,
    raw_row,
)
from store.database import Columns, Rows
from store.lane import Asking
from store.references import Remembered, Seen

New: TypeAlias = tuple[RawRecord, Sequence[Routed]]
"""A raw message and the messages made of it; no two of one call have a key or an identity in common."""

OF_RAW: Columns = (("raw_id", "text"),)
"""Which raw message a row belongs to: they are kept together or not at all."""
SETS: Mapping[str, Columns] = {
    "raws": RAW_COLUMNS,
    "messages": MESSAGE_COLUMNS,
    "outbox": OF_RAW + OUTBOX_COLUMNS,
    "deliveries": OF_RAW + DELIVERY_COLUMNS,
    "named": OF_RAW + references.COLUMNS,
}
"""The sets of rows that the statement is given."""
ALIKE: Mapping[str, tuple[str, ...]] = {
    "raws": ("endpoint", "document", "status", "problems"),
    "messages": ("type", "source", "causation_id", "schema_version", "channels", "leads"),
    "outbox": ("channel", "redriven"),
    "named": ("endpoint",),
}
"""What mostly says the same in every row: what comes in together is of one kind, and of one partner."""
SETS_ALIKE = {**SETS, **{name: arrays.narrowed(SETS[name], (), alike) for name, alike in ALIKE.items()}}


def _insert(sets: Mapping[str, Columns], table: str, name: str, columns: Columns, more: str = "", values: str = "") -> str:
    """Insert the rows of a set that belong to new raw messages. more, values: further columns and what stands in them."""
    names = ", ".join(column for column, _ in columns)
    return (
        f"INSERT INTO {table} ({names}{more}) SELECT {names}{values} FROM {arrays.record_set(sets[name], name)}"
        " WHERE r.raw_id NOT IN (SELECT raw_id FROM known)"
    )


def _keys(sets: Mapping[str, Columns], name: str, *fields: str) -> str:
    """The rows of a set by what tells whether they are known."""
    return arrays.record_set(tuple(column for column in sets[name] if column[0] in fields), name)


# What several writers may want at once is written in the order of locks (docs/architecture.md): each step asks for the one before.
@cache
def _statement(*, queues: bool, alike: bool) -> str:
    """The statement that keeps everything; most groups queue nothing for endpoints, and need no set of deliveries. alike: whether
    it is given SETS_ALIKE."""
    sets = SETS_ALIKE if alike else SETS
    known = (
        f"SELECT r.raw_id FROM {_keys(sets, 'raws', 'raw_id', 'endpoint', 'dedupe_key')}"
        " JOIN raw_messages k ON k.endpoint = r.endpoint AND k.dedupe_key = r.dedupe_key"
        f" UNION ALL SELECT r.raw_id FROM {_keys(sets, 'messages', 'raw_id', 'type', 'identity')}"
        " JOIN messages k ON k.type = r.type AND k.identity = r.identity"
    )
    messages = _insert(sets, "messages", "messages", MESSAGE_COLUMNS) + " RETURNING 1"
    outbox = _insert(sets, "outbox", "outbox", OUTBOX_COLUMNS)
    deliveries = _insert(sets, "deliveries", "deliveries", DELIVERY_COLUMNS, ", status, next_at", ", 'pending', 0")
    names = (
        _insert(sets, "cross_references", "named", references.COLUMNS, ", seen_at", ", {now}")
        + " AND (SELECT count(*) FROM messages_kept) >= 0 ON CONFLICT DO NOTHING RETURNING 1"
    )
    raws = _insert(sets, "raw_messages", "raws", RAW_COLUMNS) + " AND (SELECT count(*) FROM names_kept) >= 0 RETURNING raw_id"
    queued = f" queued AS ({deliveries})," if queues else ""
    return (
        f"WITH known AS MATERIALIZED ({known}), messages_kept AS ({messages}), outboxed AS ({outbox}),{queued}"
        f" names_kept AS ({names}) {raws}"
    )


def keep_new(new: Sequence[New], names: Remembered) -> Asking[frozenset[str]]:
    """Keep the raw messages of which nothing is known yet, with their messages; which those were, by raw id. names: what earlier
    calls kept of this database.

    Only on PostgreSQL. Conflict when another process kept one of them meanwhile: then none is kept.
    """
    if not new:
        return frozenset()
    named = {record.raw_id: list(named_by(made, names)) for record, made in new}
    rows = yield _given(_rows(new, named))
    kept = frozenset([row.raw_id for row in rows])
    for raw_id in kept:
        names.add(named[raw_id])
    return kept


def _rows(new: Sequence[New], named: Mapping[str, Sequence[Seen]]) -> dict[str, Rows]:
    """Every set of rows: what may be wanted by several in the order of locks, the outbox in the order of the messages."""
    routed = [one for _, made in new for one in made]
    return {
        "raws": [raw_row(record) for record, _ in new],
        "messages": [message_row(one) for one in in_order_of_locks(routed)],
        "outbox": [(record.raw_id, *row) for record, made in new for row in outbox_rows(made)],
        "deliveries": [(record.raw_id, *row) for record, made in new for row in delivery_rows(made)],
        "named": sorted(
            [(raw_id, *row) for raw_id, seen in named.items() for row in references.rows(seen)], key=itemgetter(slice(1, None))
        ),
    }


def _given(sets: Mapping[str, Rows]) -> tuple[str, dict[str, Any]]:
    """The statement for these sets of rows, and its parameters."""
    turned = {name: arrays.turned(rows) for name, rows in sets.items() if rows or name != "deliveries"}
    alike = all([arrays.narrowed(SETS[name], turned[name], fields) == SETS_ALIKE[name] for name, fields in ALIKE.items()])
    columns = SETS_ALIKE if alike else SETS
    parameters: dict[str, Any] = {}
    for name, values in turned.items():
        parameters |= arrays.of_columns(columns[name], values, name)
    return _statement(queues="deliveries" in turned, alike=alike), parameters
