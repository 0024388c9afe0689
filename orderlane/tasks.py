"""What Celery does for a hub: deliveries, large translations, polls, and the work that beat starts."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps

from celery import Celery

from canonical.failures import Failure, Transient
from operations import finance_day as finance_day_of
from operations.expiring import expire_approvals, expire_reservations, spoil_reservations
from operations.reviewing import review_credit, review_turned, review_waiting
from orderlane.celery_application import (
    DELIVER,
    EXPIRE,
    FINANCE_DAY,
    LOOK_FOR_POLLS,
    POLL,
    REVIEW,
    SWEEP,
    TRANSLATE,
    CeleryDispatch,
)  # fmt: skip
from orderlane.handlers import HANDLERS
from orderlane.hub import Hub
from routing.sweeper import sweep
from store import signs

log = logging.getLogger("orderlane.tasks")


def add_tasks(app: Celery, hub: Hub) -> Celery:
    """Teach the application what a worker of the hub does. Everything it works with is loaded here, not with the first task."""
    deliverer, intake, poller, operations, dispatch = hub.deliverer, hub.intake, hub.poller, hub.operations, CeleryDispatch(app)

    def task(name: str) -> Callable[[Callable[..., None]], None]:
        return lambda work: app.task(name=name, shared=False)(_waiting(work, name))

    @task(DELIVER)
    def deliver(delivery_id: str) -> None:
        deliverer.deliver(delivery_id)

    @task(TRANSLATE)
    def translate(raw_id: str) -> None:
        intake.translate_kept(raw_id)

    @task(SWEEP)
    def sweep_lost() -> None:
        with hub.database.transaction() as tx:
            signs.leave(tx, signs.SCHEDULE)
        sweep(hub.database, hub.channels, handlers=tuple(HANDLERS), partitions=hub.settings.partitions)

    @task(EXPIRE)
    def expire() -> None:
        expire_reservations(hub.database, hub.router)
        expire_approvals(hub.database, hub.router, hub.policies.approval, datetime.now(UTC))

    @task(REVIEW)
    def review() -> None:
        zone, now = hub.policies.holds.time_zone, datetime.now(UTC)
        spoil_reservations(hub.database, hub.router, zone, now)
        review_turned(hub.database, hub.router, zone, now)
        review_waiting(hub.database, hub.router)
        review_credit(hub.database, hub.router)

    @task(FINANCE_DAY)
    def finance_day() -> None:
        now, dunning = datetime.now(UTC), hub.policies.dunning
        finance_day_of.look_again(operations, now)
        finance_day_of.close_periods(operations, now)
        finance_day_of.send_reminders(operations, now, dunning.steps, hold_level=dunning.hold_level)

    @task(LOOK_FOR_POLLS)
    def look_for_polls() -> None:
        due = poller.due()
        try:
            dispatch.poll(due)
        except Transient:
            poller.take_back(due)
            raise

    @task(POLL)
    def poll(name: str) -> None:
        try:
            poller.poll(name)
        except Failure as error:  # written down with the time of the next try
            log.info("poll ended early", extra={"endpoint": name, "error": str(error)})

    return app


def _waiting(work: Callable[..., None], name: str) -> Callable[..., None]:
    """The work, and one line where the database or the broker is away: what is left stands in the database, or is due again."""

    @wraps(work)
    def run(*arguments: str) -> None:
        try:
            work(*arguments)
        except Transient as error:
            log.warning("task waits", extra={"task": name, "of": " ".join(arguments), "error": str(error)})

    return run
