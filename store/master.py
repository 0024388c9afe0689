"""Master data: every edition of every record, each with the version of the whole it came in with.

Versions are given under one row lock that is held until the commit: whoever has read up to a version has missed nothing
below it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import orjson

from store.database import Columns, Row, Transaction

EDITION: Columns = (("kind", "text"), ("key", "text"), ("as_of", "bigint"), ("body", "json"))
IN_FORCE = (
    "as_of <= :now AND NOT EXISTS (SELECT 1 FROM master_records n WHERE n.kind = m.kind AND n.key = m.key"
    " AND n.as_of > m.as_of AND n.as_of <= :now)"
)
LOOKED = "effective"


@dataclass(frozen=True, slots=True)
class Edition:
    """One record as one message states it. kind: the message type; as_of: microseconds; body: the canonical JSON."""

    kind: str
    key: str
    as_of: int
    body: bytes


def add(tx: Transaction, editions: Sequence[Edition]) -> int:
    """Keep editions under the next version; the version where any was new, else 0. Its lock is held until the transaction ends."""
    if not editions:
        return 0
    version = _next_version(tx)
    rows = [(e.kind, e.key, e.as_of, orjson.Fragment(e.body)) for e in editions]
    new = tx.touched_of_set(
        "INSERT INTO master_records (kind, key, as_of, version, body)"
        " SELECT kind, key, as_of, CAST(:version AS bigint), body FROM {rows} WHERE true ORDER BY kind, key, as_of"
        " ON CONFLICT (kind, key, as_of) DO NOTHING",
        EDITION,
        rows,
        version=version,
    )
    return version if new else 0


def _next_version(tx: Transaction) -> int:
    (row,) = tx.rows(
        "INSERT INTO master_version (row_no, version) VALUES (1, 1)"
        " ON CONFLICT (row_no) DO UPDATE SET version = master_version.version + 1 RETURNING version"
    )
    version: int = row.version
    return version


def version(tx: Transaction) -> int:
    """The version of all master data; 0 before the first."""
    rows = tx.rows("SELECT version FROM master_version")
    return int(rows[0].version) if rows else 0


def changed_since(tx: Transaction, version: int, *, now: int) -> Sequence[Row]:
    """Editions that came after a version: kind, as_of, version, body as text; without those that a newer one in force replaces."""
    if not tx.rows("SELECT 1 FROM master_version WHERE version > :version", version=version):
        return []  # nearly always, and a third of the cost
    return tx.rows(
        "SELECT m.kind, m.as_of, m.version, m.body FROM master_records m WHERE m.version > :version"
        " AND NOT EXISTS (SELECT 1 FROM master_records n WHERE n.kind = m.kind AND n.key = m.key"
        " AND n.as_of > m.as_of AND n.as_of <= :now) ORDER BY m.version, m.kind, m.key, m.as_of",
        version=version,
        now=now,
    )


def in_force(tx: Transaction, kind: str, key: str, *, now: int) -> str | None:
    """The record as it stands now, as JSON."""
    rows = tx.rows(
        f"SELECT body FROM master_records m WHERE kind = :kind AND key = :key AND {IN_FORCE}",
        kind=kind,
        key=key,
        now=now,
    )
    return rows[0].body if rows else None


def listed(tx: Transaction, kind: str, *, after: str, now: int, limit: int) -> Sequence[Row]:
    """Records of a kind in force now, by key from just after `after` on: key, body."""
    return tx.rows(
        f"SELECT key, body FROM master_records m WHERE kind = :kind AND key > :after AND {IN_FORCE} ORDER BY key LIMIT :limit",
        kind=kind,
        after=after,
        now=now,
        limit=limit,
    )


def editions(tx: Transaction, kind: str, key: str, *, limit: int) -> Sequence[Row]:
    """Every edition of a record, newest first: as_of, body."""
    return tx.rows(
        "SELECT as_of, body FROM master_records WHERE kind = :kind AND key = :key ORDER BY as_of DESC LIMIT :limit",
        kind=kind,
        key=key,
        limit=limit,
    )


def in_force_where(tx: Transaction, kind: str, field: str, value: str, *, now: int, limit: int) -> Sequence[Row]:
    """Records of a kind in force now whose field has a value, by key: key, body. Reads all records of the kind."""
    return tx.rows(
        f"SELECT key, body FROM master_records m WHERE kind = :kind AND {IN_FORCE}"
        " AND CAST(body AS {json})->>CAST(:field AS text) = :value ORDER BY key LIMIT :limit",
        kind=kind,
        field=field,
        value=value,
        now=now,
        limit=limit,
    )


def look_from(tx: Transaction, *, now: int) -> int:
    """Up to when records have been looked at that become effective by date, 0 before the first look; from now on, up to `now`.
    Locked until the transaction ends, so that looks come one after the other; never back."""
    tx.run("INSERT INTO watermarks (name, value) VALUES (:name, '0') ON CONFLICT (name) DO NOTHING", name=LOOKED)
    (row,) = tx.rows("SELECT value FROM watermarks WHERE name = :name {for_update}", name=LOOKED)
    since = int(row.value)
    if since < now:
        tx.run("UPDATE watermarks SET value = :value WHERE name = :name", name=LOOKED, value=str(now))
    return since


def turned(tx: Transaction, *, since: int, now: int, days: Sequence[date]) -> Sequence[Row]:
    """Records in force that are as of a later instant than `since`, or in which something begins on one of these days or ended on
    the day before: kind, body as text. Reads all records."""
    dates = {f"begins{i}": f'%_from":"{day}"%' for i, day in enumerate(days)}
    dates |= {f"ended{i}": f'%":"{day - timedelta(days=1)}"%' for i, day in enumerate(days)}
    dated = "".join(f" OR body LIKE :{name}" for name in dates)
    return tx.rows(
        f"SELECT kind, body FROM master_records m WHERE {IN_FORCE} AND (as_of > :since{dated}) ORDER BY kind, key",
        since=since,
        now=now,
        **dates,
    )
