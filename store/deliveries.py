"""Deliveries: one message to one endpoint, and every attempt at it."""

from collections.abc import Sequence
from dataclasses import dataclass

from canonical.envelope import Message
from canonical.references import Reference
from store import references
from store.archive import messages
from store.database import Row, Transaction, from_micros
from store.references import Seen


@dataclass(frozen=True, slots=True)
class OpenDelivery:
    """A delivery about to be attempted. attempt counts from 1; unknown_before: an earlier attempt never got its outcome."""

    delivery_id: str
    endpoint: str
    attempt: int
    unknown_before: bool
    message: Message


def claim_due(tx: Transaction, limit: int, *, queued_too_long: int) -> Sequence[Row]:
    """Deliveries whose time has come, first of their endpoint and key only, marked queued: delivery_id, endpoint.

    One queued longer than `queued_too_long` microseconds counts as lost on its way to a worker and is taken again.
    """
    return tx.rows(
        "UPDATE deliveries SET status = 'queued', next_at = {now} + :too_long WHERE delivery_id IN"
        " (SELECT d.delivery_id FROM deliveries d WHERE d.status IN ('pending', 'queued') AND d.next_at <= {now}"
        "  AND NOT EXISTS (SELECT 1 FROM circuits c WHERE c.endpoint = d.endpoint AND c.open_until > {now})"
        "  AND NOT EXISTS (SELECT 1 FROM deliveries e WHERE e.endpoint = d.endpoint AND e.partition_key = d.partition_key"
        "   AND e.delivery_id < d.delivery_id AND e.status IN ('pending', 'queued'))"
        "  ORDER BY d.next_at, d.delivery_id LIMIT :limit)"
        " RETURNING delivery_id, endpoint",
        limit=limit,
        too_long=queued_too_long,
    )


def take_back(tx: Transaction) -> None:
    """Whatever was handed to workers is due again: for a process that starts over the memory those workers had."""
    tx.run("UPDATE deliveries SET next_at = 0 WHERE status = 'queued'")


def begin_attempt(tx: Transaction, delivery_id: str) -> OpenDelivery | None:
    """Write the attempt before the call; None when the delivery is settled already."""
    rows = tx.rows(
        "UPDATE deliveries SET attempts = attempts + 1 WHERE delivery_id = :delivery_id AND status IN ('pending', 'queued')"
        " RETURNING delivery_id, endpoint, attempts, message_id",
        delivery_id=delivery_id,
    )
    if not rows:
        return None
    row = rows[0]
    open_ends = tx.rows(
        "SELECT count(*) AS n FROM attempts WHERE delivery_id = :delivery_id AND (outcome IS NULL OR outcome = 'unknown')",
        delivery_id=delivery_id,
    )[0].n
    tx.run(
        "INSERT INTO attempts (delivery_id, attempt, began_at) VALUES (:delivery_id, :attempt, {now})",
        delivery_id=delivery_id,
        attempt=row.attempts,
    )
    (message,) = messages(tx, [row.message_id]).values()
    return OpenDelivery(row.delivery_id, row.endpoint, row.attempts, open_ends > 0, message)


def end_attempt(
    tx: Transaction,
    delivery: OpenDelivery,
    *,
    outcome: str,
    detail: str,
    status: str,
    wait: float = 0.0,
    answer: bytes = b"",
    partner_id: str | None = None,
    known_as: Sequence[Reference] = (),
) -> None:
    """Write the outcome after the call. status: what the delivery is now; wait: seconds to the next attempt."""
    tx.run(
        "UPDATE attempts SET ended_at = {now}, outcome = :outcome, detail = :detail, answer = :answer"
        " WHERE delivery_id = :delivery_id AND attempt = :attempt",
        delivery_id=delivery.delivery_id,
        attempt=delivery.attempt,
        outcome=outcome,
        detail=detail,
        answer=answer,
    )
    tx.run(
        "UPDATE deliveries SET status = :status, next_at = {now} + :wait, outcome = :detail,"
        " partner_id = coalesce(:partner_id, partner_id)"
        " WHERE delivery_id = :delivery_id",
        delivery_id=delivery.delivery_id,
        status=status,
        wait=int(wait * 1_000_000),
        detail=detail,
        partner_id=partner_id,
    )
    references.record(tx, (Seen(delivery.endpoint, delivery.delivery_id, reference) for reference in known_as))


def count_failure(tx: Transaction, endpoint: str, *, opens_at: int, longest: float) -> None:
    """One more failure in a row at an endpoint. From `opens_at` on its circuit opens: 10, 20, 40... seconds, at most `longest`."""
    tx.run(
        "INSERT INTO circuits (endpoint, failures, open_until) VALUES (:endpoint, 1, 0)"
        " ON CONFLICT (endpoint) DO UPDATE SET failures = circuits.failures + 1",
        endpoint=endpoint,
    )
    failures = int(tx.rows("SELECT failures FROM circuits WHERE endpoint = :endpoint", endpoint=endpoint)[0].failures)
    if failures >= opens_at:
        pause = min(10.0 * 2 ** min(failures - opens_at, 10), longest)
        tx.run(
            "UPDATE circuits SET open_until = {now} + :pause WHERE endpoint = :endpoint",
            endpoint=endpoint,
            pause=int(pause * 1_000_000),
        )


def close_circuit(tx: Transaction, endpoint: str) -> None:
    """The endpoint answers again."""
    tx.run("DELETE FROM circuits WHERE endpoint = :endpoint", endpoint=endpoint)


def failing(tx: Transaction, opens_at: int) -> set[str]:
    """Endpoints whose circuit is or was just open: one delivery at a time probes them."""
    return {row.endpoint for row in tx.rows("SELECT endpoint FROM circuits WHERE failures >= :opens_at", opens_at=opens_at)}


def circuits(tx: Transaction) -> Sequence[Row]:
    """Endpoints that failed since they last answered: endpoint, failures, open_until as an instant or None, whether it is open."""
    rows = tx.rows("SELECT endpoint, failures, open_until, open_until > {now} AS open FROM circuits ORDER BY endpoint")
    return [row._replace(open_until=from_micros(row.open_until) if row.open_until else None, open=bool(row.open)) for row in rows]


def hold_back(tx: Transaction, delivery_ids: Sequence[str], *, wait: float) -> None:
    """Not now: another delivery probes the endpoint first. Due again in `wait` seconds, no attempt counted."""
    tx.run_set(
        "UPDATE deliveries SET status = 'pending', next_at = {now} + :wait"
        " WHERE status = 'queued' AND delivery_id IN (SELECT delivery_id FROM {rows})",
        (("delivery_id", "text"),),
        [(i,) for i in delivery_ids],
        wait=int(wait * 1_000_000),
    )
