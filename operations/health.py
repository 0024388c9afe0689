"""Health: can the hub take messages in, and is anything piling up."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Literal

from pydantic import Field

from canonical.failures import Transient
from operations.access import Operations
from operations.connections import CircuitView, PollView, circuit_views, poll_views
from operations.views import View
from routing.channels import Queue, queue_name
from store.database import Database
from store.figures import Figures, figures
from store.signs import SCHEDULE, seconds_since

OUTBOX_AGE_ALARM = 60.0
DELIVERY_AGE_ALARM = 3600.0
SCHEDULE_AGE_ALARM = 120.0
"""Seconds. Something is scheduled every 30."""


class Check(View):
    """One thing looked at. failing: the hub cannot take messages in; warning: it can, and a person should look."""

    name: str
    status: Literal["ok", "warning", "failing"]
    detail: str


class Ready(View):
    """The hub takes messages in."""

    status: Literal["ok"] = "ok"
    scheduled_seconds_ago: float | None = Field(default=None, description="When beat last had scheduled work done; absent: never.")


class Health(View):
    """ready: messages can be taken in, which needs the database only. figures: what waits; absent without a database.

    queues: packets of messages ready per queue `handler.partition`, and Celery's tasks; absent where the broker is down, null for a
    missing queue. consumers: who takes from each; absent where that is not known.
    polls: endpoints that are asked for news. circuits: endpoints that failed since they last answered.
    """

    ready: bool
    checks: list[Check]
    figures: dict[str, float | int | str | None] = Field(default_factory=dict)
    queues: dict[str, int | None] = Field(default_factory=dict)
    consumers: dict[str, int] = Field(default_factory=dict)
    polls: list[PollView] = Field(default_factory=list)
    circuits: list[CircuitView] = Field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the database tells."""

    figures: Figures
    schedule_age: float | None
    polls: list[PollView]
    circuits: list[CircuitView]


def ready(database: Database) -> Ready | None:
    """Whether messages can be taken in: the database answers; None otherwise. Quick, for a load balancer."""
    try:
        with database.reading() as tx:
            return Ready(scheduled_seconds_ago=seconds_since(tx, SCHEDULE))
    except Transient:
        return None


def health(hub: Operations) -> Health:
    """Look at everything. Never raises for a part that is down."""
    seen, database = _database(hub)
    queues, broker = _broker(hub)
    checks = [database, broker, *(_checks(seen) if seen else ()), *_queue_checks(queues)]
    return Health(
        ready=all(check.status != "failing" for check in checks),
        checks=checks,
        figures=asdict(seen.figures) | {"schedule_age": seen.schedule_age} if seen else {},
        queues={name: queue.packets if queue else None for name, queue in queues.items()},
        consumers={name: queue.consumers for name, queue in queues.items() if queue and queue.consumers is not None},
        polls=seen.polls if seen else [],
        circuits=seen.circuits if seen else [],
    )


def _database(hub: Operations) -> tuple[_Seen | None, Check]:
    try:
        with hub.database.reading() as tx:
            seen = _Seen(figures(tx), seconds_since(tx, SCHEDULE), poll_views(tx, hub.endpoints), circuit_views(tx))
        return seen, Check(name="database", status="ok", detail=hub.database.dialect)
    except Transient as error:
        return None, Check(name="database", status="failing", detail=str(error))


def _broker(hub: Operations) -> tuple[dict[str, Queue | None], Check]:
    """A broker that is down does not stop intake: messages wait in the database."""
    names = [queue_name(*queue) for queue in hub.queues] + ([hub.task_queue] if hub.task_queue else [])
    try:
        queues = hub.channels.look(names)
    except Transient as error:
        return {}, Check(name="broker", status="warning", detail=str(error))
    if hub.task_queue and queues[hub.task_queue] is None:
        queues[hub.task_queue] = Queue(0, 0)  # made by the first worker
    return queues, Check(name="broker", status="ok", detail=f"{len(queues)} queues")


def _queue_checks(queues: dict[str, Queue | None]) -> Iterator[Check]:
    missing = [name for name, queue in queues.items() if queue is None]
    if missing:
        yield Check(name="queues", status="warning", detail=f"missing: {', '.join(missing)}; run `orderlane topology`")
    known = {name: queue for name, queue in queues.items() if queue and queue.consumers is not None}
    left: dict[str, list[int]] = {}
    for name, queue in known.items():
        if not queue.consumers:
            left.setdefault(name.partition(".")[0], []).append(queue.packets)
    if known:
        told = [f"{handler} ({len(held)} queues, {sum(held)} packets)" for handler, held in left.items()]
        yield _check("consumers", not left, f"nobody takes from: {', '.join(told) or 'none'}")


def _checks(seen: _Seen) -> Iterator[Check]:
    yield from _figure_checks(seen.figures)
    yield _schedule_check(seen.schedule_age)
    failing = [one.endpoint for one in seen.polls if one.failures]
    late = [one.endpoint for one in seen.polls if one.late]
    if seen.polls:
        told = f"{len(seen.polls)} polled, failing: {', '.join(failing) or 'none'}, late: {', '.join(late) or 'none'}"
        yield _check("polls", not failing and not late, told)
    spared = [one.endpoint for one in seen.circuits if one.open]
    yield _check("circuits", not spared, f"open: {', '.join(spared) or 'none'}")


def _schedule_check(age: float | None) -> Check:
    """Sweeping, expiry, polls, reviews and reminders: beat has them done by the workers."""
    told = "no scheduled work has run yet" if age is None else f"scheduled work last ran {age:.0f} s ago"
    fine = age is not None and age <= SCHEDULE_AGE_ALARM
    return _check("schedule", fine, told if fine else f"{told}: do beat and a worker run?")


def _figure_checks(found: Figures) -> Iterator[Check]:
    left = found.relay_lease_left
    leads = left is not None and left > 0
    yield _check("relay", leads, f"led by {found.relay_holder}" if leads else "no relay holds the lease")
    yield _check("outbox", found.outbox_age <= OUTBOX_AGE_ALARM, f"{found.outbox} waiting, the oldest {found.outbox_age:.1f} s")
    yield _check("retries", True, f"{found.retrying} wait for another try, or behind one that does")
    yield _check("parked", not found.parked_past_alarm, f"{found.parked} parked, {found.parked_past_alarm} past their alarm")
    dead = found.dead_letters + found.dead_deliveries
    yield _check("dead", not dead, f"{found.dead_letters} dead letters, {found.dead_deliveries} dead deliveries")
    yield _check("quarantine", not found.quarantined, f"{found.quarantined} raw messages wait for a person")
    age = found.overdue_delivery_age
    yield _check("deliveries", age <= DELIVERY_AGE_ALARM, f"{found.open_deliveries} open, the longest overdue {age:.1f} s")


def _check(name: str, fine: bool, detail: str) -> Check:
    return Check(name=name, status="ok" if fine else "warning", detail=detail)
