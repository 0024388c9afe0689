"""Polls: how far each endpoint has been read, which one is due, and how its last poll went."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from store.database import Row, Transaction, from_micros

LEASE = "poll "
"""What the names of leases for polls begin with."""


def claim_due(tx: Transaction, every: Mapping[str, float]) -> list[str]:
    """Of endpoints with their pauses in seconds those that are due, marked as asked: nobody else gets them until the next time."""
    return [name for name, seconds in sorted(every.items()) if _claimed(tx, name, seconds)]


def _claimed(tx: Transaction, endpoint: str, seconds: float) -> bool:
    rows = tx.rows(
        "INSERT INTO poll_watermarks (endpoint, asked_at) VALUES (:endpoint, {now})"
        " ON CONFLICT (endpoint) DO UPDATE SET asked_at = excluded.asked_at"
        " WHERE poll_watermarks.wait_until <= {now} AND poll_watermarks.asked_at <= {now} - :pause RETURNING endpoint",
        endpoint=endpoint,
        pause=round(seconds * 1_000_000),
    )
    return bool(rows)


def take_back(tx: Transaction, endpoints: Sequence[str]) -> None:
    """Polls that were handed out and could not be handed on are due again."""
    tx.run_set(
        "UPDATE poll_watermarks SET asked_at = 0 WHERE endpoint IN (SELECT endpoint FROM {rows})",
        (("endpoint", "text"),),
        [(name,) for name in endpoints],
    )


def start_over(tx: Transaction) -> None:
    """Polls that never came to an end are due again: for a process that starts over the memory their workers had."""
    tx.run("UPDATE leases SET expires_at = 0 WHERE name LIKE :polls", polls=f"{LEASE}%")
    tx.run("UPDATE poll_watermarks SET asked_at = 0 WHERE asked_at > coalesce(polled_at, 0)")


def begin(tx: Transaction, endpoint: str) -> str | None:
    """A poll begins; the watermark it goes on from."""
    rows = tx.rows(
        "INSERT INTO poll_watermarks (endpoint, asked_at) VALUES (:endpoint, {now})"
        " ON CONFLICT (endpoint) DO UPDATE SET asked_at = excluded.asked_at RETURNING watermark",
        endpoint=endpoint,
    )
    watermark: str | None = rows[0].watermark
    return watermark


def advance(tx: Transaction, endpoint: str, watermark: str) -> None:
    """Move the watermark, in the transaction that archives what it stands for."""
    tx.run("UPDATE poll_watermarks SET watermark = :watermark WHERE endpoint = :endpoint", endpoint=endpoint, watermark=watermark)


def succeed(tx: Transaction, endpoint: str, *, brought: int) -> None:
    """A poll came to its end."""
    tx.run(
        "UPDATE poll_watermarks SET polled_at = {now}, brought = :brought, failures = 0, wait_until = 0, error = NULL"
        " WHERE endpoint = :endpoint",
        endpoint=endpoint,
        brought=brought,
    )


def fail(tx: Transaction, endpoint: str, *, error: str) -> int:
    """A poll broke off; how many in a row by now."""
    rows = tx.rows(
        "UPDATE poll_watermarks SET failures = failures + 1, error = :error WHERE endpoint = :endpoint RETURNING failures",
        endpoint=endpoint,
        error=error,
    )
    return int(rows[0].failures) if rows else 0


def wait(tx: Transaction, endpoint: str, *, seconds: float) -> None:
    """No poll for that long."""
    tx.run(
        "UPDATE poll_watermarks SET wait_until = {now} + :pause WHERE endpoint = :endpoint",
        endpoint=endpoint,
        pause=round(seconds * 1_000_000),
    )


def all_polls(tx: Transaction) -> Sequence[Row]:
    """Every endpoint that was ever polled: endpoint, watermark, brought, failures, error; polled_at and wait_until as instants."""
    rows = tx.rows(
        "SELECT endpoint, watermark, polled_at, brought, failures, wait_until, error FROM poll_watermarks ORDER BY endpoint"
    )
    return [row._replace(polled_at=_instant(row.polled_at), wait_until=_instant(row.wait_until or None)) for row in rows]


def _instant(micros: int | None) -> datetime | None:
    return None if micros is None else from_micros(micros)
