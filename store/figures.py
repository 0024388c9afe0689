"""The figures of a running hub: what waits, how long, and who leads. Each is cheap enough to ask every few seconds."""

from dataclasses import dataclass

from store.database import Transaction


@dataclass(frozen=True, slots=True)
class Figures:
    """What waits now. Ages in seconds; 0.0 where nothing waits. lease_left: seconds the relay's lease still runs, negative
    when it has run out, None when there never was one."""

    outbox: int
    outbox_age: float
    parked: int
    parked_past_alarm: int
    retrying: int
    dead_letters: int
    dead_deliveries: int
    open_deliveries: int
    overdue_delivery_age: float
    quarantined: int
    relay_holder: str | None
    relay_lease_left: float | None


def figures(tx: Transaction) -> Figures:
    """All of them, in one statement."""
    row = tx.rows(
        "SELECT {now} AS now,"
        " (SELECT count(*) FROM outbox) AS outbox,"
        " (SELECT m.recorded_at FROM outbox o JOIN messages m ON m.message_id = o.message_id ORDER BY o.outbox_id LIMIT 1)"
        " AS outbox_since,"
        " (SELECT count(*) FROM parked) AS parked,"
        " (SELECT count(*) FROM parked WHERE alarm_at <= {now}) AS parked_past_alarm,"
        " (SELECT count(*) FROM retries) AS retrying,"
        " (SELECT count(*) FROM dead_letters WHERE status = 'dead') AS dead_letters,"
        " (SELECT count(*) FROM deliveries WHERE status = 'dead') AS dead_deliveries,"
        " (SELECT count(*) FROM deliveries WHERE status IN ('pending', 'queued')) AS open_deliveries,"
        " (SELECT min(next_at) FROM deliveries WHERE status IN ('pending', 'queued') AND next_at > 0) AS due_since,"
        " (SELECT count(*) FROM raw_messages WHERE status = 'quarantined') AS quarantined,"
        " (SELECT holder FROM leases WHERE name = 'relay') AS holder,"
        " (SELECT expires_at FROM leases WHERE name = 'relay') AS lease_until"
    )[0]
    return Figures(
        outbox=row.outbox,
        outbox_age=_age(row.now, row.outbox_since),
        parked=row.parked,
        parked_past_alarm=row.parked_past_alarm,
        retrying=row.retrying,
        dead_letters=row.dead_letters,
        dead_deliveries=row.dead_deliveries,
        open_deliveries=row.open_deliveries,
        overdue_delivery_age=_age(row.now, row.due_since),
        quarantined=row.quarantined,
        relay_holder=row.holder,
        relay_lease_left=None if row.lease_until is None else (row.lease_until - row.now) / 1_000_000,
    )


def _age(now: int, since: int | None) -> float:
    return 0.0 if since is None else max(0.0, (now - since) / 1_000_000)
