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
from store.database import Columns
from store.lane import Asking
from store.references import Remembered, Seen

New: TypeAlias = tuple[RawRecord, Sequence[Routed]]
"""A raw message and the messages made of it; no two of one call have a key or an identity in common."""

OF_RAW: Columns = (("raw_id", "text"),)
"""Which raw message a row belongs to: they are kept together or not at all."""
RAW_KEYS: Columns = (*OF_RAW, ("endpoint", "text"), ("dedupe_key", "text"))
MESSAGE_KEYS: Columns = (*OF_RAW, ("type", "text"), ("identity", "text"))
SETS: Mapping[str, Columns] = {
    "raws": RAW_COLUMNS,
    "messages": MESSAGE_COLUMNS,
    "outbox": OF_RAW + OUTBOX_COLUMNS,
    "deliveries": OF_RAW + DELIVERY_COLUMNS,
    "named": OF_RAW + references.COLUMNS,
}
"""The sets of rows that the statement is given."""


def _insert(table: str, name: str, columns: Columns, more: str = "", values: str = "") -> str:
    """Insert the rows of a set that belong to new raw messages. more, values: further columns and what stands in them."""
    names = ", ".join(column for column, _ in columns)
    return (
        f"INSERT INTO {table} ({names}{more}) SELECT {names}{values} FROM {arrays.record_set(SETS[name], name)}"
        " WHERE r.raw_id NOT IN (SELECT raw_id FROM known)"
    )


# What several writers may want at once is written in the order of locks (docs/architecture.md): each step asks for the one before.
KNOWN = f"""known AS MATERIALIZED (
  SELECT r.raw_id FROM {arrays.record_set(RAW_KEYS, "raws")}
  JOIN raw_messages k ON k.endpoint = r.endpoint AND k.dedupe_key = r.dedupe_key
  UNION ALL
  SELECT r.raw_id FROM {arrays.record_set(MESSAGE_KEYS, "messages")}
  JOIN messages k ON k.type = r.type AND k.identity = r.identity
)"""
MESSAGES = _insert("messages", "messages", MESSAGE_COLUMNS) + " RETURNING 1"
OUTBOX = _insert("outbox", "outbox", OUTBOX_COLUMNS)
DELIVERIES = _insert("deliveries", "deliveries", DELIVERY_COLUMNS, ", status, next_at", ", 'pending', 0")
NAMES = (
    _insert("cross_references", "named", references.COLUMNS, ", seen_at", ", {now}")
    + " AND (SELECT count(*) FROM messages_kept) >= 0 ON CONFLICT DO NOTHING RETURNING 1"
)
RAWS = _insert("raw_messages", "raws", RAW_COLUMNS) + " AND (SELECT count(*) FROM names_kept) >= 0 RETURNING raw_id"


@cache
def _statement(*, queues: bool) -> str:
    """The statement that keeps everything; most groups queue nothing for endpoints, and need no set of deliveries."""
    steps = {"messages_kept": MESSAGES, "outboxed": OUTBOX, **({"queued": DELIVERIES} if queues else {}), "names_kept": NAMES}
    return f"WITH {KNOWN}, {', '.join(f'{name} AS ({step})' for name, step in steps.items())} {RAWS}"


def keep_new(new: Sequence[New], names: Remembered) -> Asking[frozenset[str]]:
    """Keep the raw messages of which nothing is known yet, with their messages; which those were, by raw id. names: what earlier
    calls kept of this database.

    Only on PostgreSQL. Conflict when another process kept one of them meanwhile: then none is kept.
    """
    if not new:
        return frozenset()
    named = {record.raw_id: list(named_by(made, names)) for record, made in new}
    parameters = _parameters(new, named)
    rows = yield _statement(queues="deliveries_raw_id" in parameters), parameters
    kept = frozenset([row.raw_id for row in rows])
    for raw_id in kept:
        names.add(named[raw_id])
    return kept


def _parameters(new: Sequence[New], named: Mapping[str, Sequence[Seen]]) -> dict[str, Any]:
    """Every set of rows: what may be wanted by several in the order of locks, the outbox in the order of the messages."""
    routed = [one for _, made in new for one in made]
    sets = {
        "raws": [raw_row(record) for record, _ in new],
        "messages": [message_row(one) for one in in_order_of_locks(routed)],
        "outbox": [(record.raw_id, *row) for record, made in new for row in outbox_rows(made)],
        "deliveries": [(record.raw_id, *row) for record, made in new for row in delivery_rows(made)],
        "named": sorted(
            [(raw_id, *row) for raw_id, seen in named.items() for row in references.rows(seen)], key=itemgetter(slice(1, None))
        ),
    }
    parameters: dict[str, Any] = {}
    for name, rows in sets.items():
        if rows or name != "deliveries":
            parameters |= arrays.parameters(SETS[name], rows, name)
    return parameters
