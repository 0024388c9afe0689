"""Cross-references: our id and the id a partner's endpoint uses for the same thing, each once per endpoint and kind."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from canonical.references import Reference
from store.database import Columns, Row, Transaction

COLUMNS: Columns = (("our_id", "text"), ("kind", "text"), ("endpoint", "text"), ("their_id", "text"), ("seen_in", "text"))
NAMES: Columns = (("endpoint", "text"),)


class Seen(msgspec.Struct, frozen=True):
    """A reference as an endpoint's message or a delivery (`seen_in`: its id) told it."""

    endpoint: str
    seen_in: str
    reference: Reference


@dataclass(frozen=True, slots=True)
class ReferenceFilter:
    """What to list; None: whatever. id: ours or theirs."""

    endpoint: str | None = None
    kind: str | None = None
    id: str | None = None


class Remembered:
    """References that are certainly kept, as far as this process has kept them itself: with every order partners name the same
    items again, and what a thing is called first is never changed. It forgets everything when it is full."""

    def __init__(self, most: int = 20_000) -> None:
        self._kept: set[tuple[str, Reference]] = set()
        self._most = most

    def others(self, endpoint: str, references: Iterable[Reference]) -> list[Reference]:
        """Those it does not know of an endpoint."""
        return [reference for reference in references if (endpoint, reference) not in self._kept]

    def add(self, seen: Iterable[Seen]) -> None:
        """Their transaction has committed."""
        if len(self._kept) > self._most:
            self._kept.clear()
        self._kept.update((s.endpoint, s.reference) for s in seen)


def rows(seen: Iterable[Seen]) -> list[tuple[str, ...]]:
    """References as rows of COLUMNS; sorted, they are in the order of locks: two writers never wait for each other in a ring."""
    return [(s.reference.our_id, s.reference.kind, s.endpoint, s.reference.their_id, s.seen_in) for s in seen]


def record(tx: Transaction, seen: Iterable[Seen]) -> None:
    """Keep what is new; the first to name a thing is right, and without references the database is not asked at all."""
    tx.run_set(
        "INSERT INTO cross_references (our_id, kind, endpoint, their_id, seen_in, seen_at)"
        " SELECT our_id, kind, endpoint, their_id, seen_in, {now} FROM {rows} WHERE true ON CONFLICT DO NOTHING",
        COLUMNS,
        sorted(rows(seen)),
    )


def their_id(tx: Transaction, kind: str, our_id: str, endpoints: Sequence[str]) -> str | None:
    """What the first of these endpoints that knows the thing calls it."""
    found = tx.rows_of_set(
        "SELECT c.endpoint, c.their_id FROM {rows} JOIN cross_references c"
        " ON c.our_id = :our_id AND c.kind = :kind AND c.endpoint = r.endpoint",
        NAMES,
        [(endpoint,) for endpoint in endpoints],
        our_id=our_id,
        kind=kind,
    )
    ids = {row.endpoint: str(row.their_id) for row in found}
    return next((ids[endpoint] for endpoint in endpoints if endpoint in ids), None)


def of_things(tx: Transaction, things: Sequence[tuple[str, str]]) -> Sequence[Row]:
    """What any partner calls these things, given as (kind, our id)."""
    return tx.rows_of_set(
        "SELECT c.endpoint, c.kind, c.our_id, c.their_id, c.seen_in, c.seen_at FROM {rows}"
        " JOIN cross_references c ON c.our_id = r.our_id AND c.kind = r.kind ORDER BY c.seen_at, c.kind, c.our_id, c.endpoint",
        (("our_id", "text"), ("kind", "text")),
        [(our_id, kind) for kind, our_id in things],
    )


CONDITIONS = {"endpoint": "endpoint = :endpoint", "kind": "kind = :kind", "id": "(our_id = :id OR their_id = :id)"}


def references(tx: Transaction, wanted: ReferenceFilter, *, after: tuple[str, str, str] | None = None, limit: int) -> Sequence[Row]:
    """Cross-references by our id, kind and endpoint, from just behind `after` on."""
    given: dict[str, Any] = {name: getattr(wanted, name) for name in CONDITIONS if getattr(wanted, name) is not None}
    conditions = [CONDITIONS[name] for name in given]
    if after is not None:
        conditions.append("(our_id, kind, endpoint) > (:after_id, :after_kind, :after_endpoint)")
        given["after_id"], given["after_kind"], given["after_endpoint"] = after
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return tx.rows(
        f"SELECT endpoint, kind, our_id, their_id, seen_in, seen_at FROM cross_references{where}"
        " ORDER BY our_id, kind, endpoint LIMIT :limit",
        limit=limit,
        **given,
    )
