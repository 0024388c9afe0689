"""What Celery does for a hub: deliveries, large translations, polls, and the work that beat starts."""

import logging
from datetime import UTC, datetime

from celery import Celery

from canonical.failures import Failure, Transient
from operations import finance_day as finance_day_of
from operations.expiring import expire_approvals, expire_reservations
from operations.reviewing import review_turned, review_waiting
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

    @app.task(name=DELIVER, shared=False)  # type: ignore[untyped-decorator]
    def deliver(delivery_id: str) -> None:
        try:
            deliverer.deliver(delivery_id)
        except Transient as error:  # the database is away: it hands the delivery on again by itself
            log.warning("delivery waits", extra={"delivery_id": delivery_id, "error": str(error)})

    @app.task(name=TRANSLATE, shared=False)  # type: ignore[untyped-decorator]
    def translate(raw_id: str) -> None:
        intake.translate_kept(raw_id)

    @app.task(name=SWEEP, shared=False)  # type: ignore[untyped-decorator]
    def sweep_lost() -> None:
        with hub.database.transaction() as tx:
            signs.leave(tx, signs.SCHEDULE)
        sweep(hub.database, hub.channels, handlers=tuple(HANDLERS), partitions=hub.settings.partitions)

    @app.task(name=EXPIRE, shared=False)  # type: ignore[untyped-decorator]
    def expire() -> None:
        expire_reservations(hub.database, hub.router)
        expire_approvals(hub.database, hub.router, hub.policies.approval, datetime.now(UTC))

    @app.task(name=REVIEW, shared=False)  # type: ignore[untyped-decorator]
    def review() -> None:
        review_turned(hub.database, hub.router, hub.policies.holds.time_zone, datetime.now(UTC))
        review_waiting(hub.database, hub.router)

    @app.task(name=FINANCE_DAY, shared=False)  # type: ignore[untyped-decorator]
    def finance_day() -> None:
        now, dunning = datetime.now(UTC), hub.policies.dunning
        finance_day_of.look_again(operations, now)
        finance_day_of.close_periods(operations, now)
        finance_day_of.send_reminders(operations, now, dunning.steps, hold_level=dunning.hold_level)

    @app.task(name=LOOK_FOR_POLLS, shared=False)  # type: ignore[untyped-decorator]
    def look_for_polls() -> None:
        due = poller.due()
        try:
            dispatch.poll(due)
        except Transient:
            poller.take_back(due)
            raise

    @app.task(name=POLL, shared=False)  # type: ignore[untyped-decorator]
    def poll(name: str) -> None:
        try:
            poller.poll(name)
        except Failure as error:  # written down with the time of the next try
            log.info("poll ended early", extra={"endpoint": name, "error": str(error)})

    return app
