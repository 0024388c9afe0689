"""The Celery application: deliveries, large translations, scheduled work. Retries belong to the database, not to Celery."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from celery import Celery
from kombu.exceptions import OperationalError

from canonical.failures import Failure, Transient
from operations import finance_day as finance_day_of
from operations.expiring import expire_reservations
from operations.reviewing import review_turned, review_waiting
from orderlane.hub import HANDLERS, Hub
from routing.sweeper import sweep

log = logging.getLogger("orderlane.tasks")

SWEEP_EVERY = 30.0
LOOK_FOR_POLLS_EVERY = 5.0
DELIVER = "orderlane.deliver"
TRANSLATE = "orderlane.translate"
SWEEP = "orderlane.sweep"
EXPIRE_EVERY = 60.0
EXPIRE = "orderlane.expire_reservations"
REVIEW_EVERY = 300.0
REVIEW = "orderlane.review_waiting"
LOOK_FOR_POLLS = "orderlane.look_for_polls"
POLL = "orderlane.poll"
FINANCE_DAY = "orderlane.finance_day"
FINANCE_DAY_EVERY = 300.0


def celery_app(hub: Hub) -> Celery:
    """The application of one hub; its tasks work on that hub."""
    settings = hub.settings
    app = Celery("orderlane", broker=settings.broker_url or f"memory://{settings.namespace}-tasks")
    app.conf.update(
        task_default_queue=f"{settings.namespace}.tasks",
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_serializer="json",
        accept_content=["json"],
        worker_prefetch_multiplier=4,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        worker_cancel_long_running_tasks_on_connection_loss=True,
        broker_connection_retry_on_startup=True,
        broker_heartbeat=15,
        broker_transport_options=_transport(settings.embedded),
        beat_scheduler="celery.beat:Scheduler",
        beat_schedule=_schedule(hub),
        timezone="UTC",
    )
    _add_tasks(app, hub)
    return app


def _schedule(hub: Hub) -> dict[str, Any]:
    """What beat starts: which endpoint is polled when stands in the database, so that a restart neither forgets nor hurries one."""
    schedule = {
        "sweep": {"task": SWEEP, "schedule": SWEEP_EVERY},
        "expire": {"task": EXPIRE, "schedule": EXPIRE_EVERY},
        "review": {"task": REVIEW, "schedule": REVIEW_EVERY},
        "finance": {"task": FINANCE_DAY, "schedule": FINANCE_DAY_EVERY},
    }
    if any(endpoint.polling for endpoint in hub.endpoints.values()):
        schedule["polls"] = {"task": LOOK_FOR_POLLS, "schedule": LOOK_FOR_POLLS_EVERY}
    return schedule


def _transport(embedded: bool) -> dict[str, Any]:
    return {"polling_interval": 0.05} if embedded else {"confirm_publish": True}


def _add_tasks(app: Celery, hub: Hub) -> None:
    @app.task(name=DELIVER, shared=False)  # type: ignore[untyped-decorator]
    def deliver(delivery_id: str) -> None:
        try:
            hub.deliverer.deliver(delivery_id)
        except Transient as error:  # the database is away: it hands the delivery on again by itself
            log.warning("delivery waits", extra={"delivery_id": delivery_id, "error": str(error)})

    @app.task(name=TRANSLATE, shared=False)  # type: ignore[untyped-decorator]
    def translate(raw_id: str) -> None:
        hub.intake.translate_kept(raw_id)

    @app.task(name=SWEEP, shared=False)  # type: ignore[untyped-decorator]
    def sweep_lost() -> None:
        sweep(hub.database, hub.channels, handlers=tuple(HANDLERS), partitions=hub.settings.partitions)

    @app.task(name=EXPIRE, shared=False)  # type: ignore[untyped-decorator]
    def expire() -> None:
        expire_reservations(hub.database, hub.router)

    @app.task(name=REVIEW, shared=False)  # type: ignore[untyped-decorator]
    def review() -> None:
        review_turned(hub.database, hub.router, hub.policies.holds.time_zone, datetime.now(UTC))
        review_waiting(hub.database, hub.router)

    @app.task(name=FINANCE_DAY, shared=False)  # type: ignore[untyped-decorator]
    def finance_day() -> None:
        now, dunning = datetime.now(UTC), hub.policies.dunning
        finance_day_of.look_again(hub.operations, now)
        finance_day_of.close_periods(hub.operations, now)
        finance_day_of.send_reminders(hub.operations, now, dunning.steps, hold_level=dunning.hold_level)

    @app.task(name=LOOK_FOR_POLLS, shared=False)  # type: ignore[untyped-decorator]
    def look_for_polls() -> None:
        due = hub.poller.due()
        try:
            CeleryDispatch(app).poll(due)
        except Transient:
            hub.poller.take_back(due)
            raise

    @app.task(name=POLL, shared=False)  # type: ignore[untyped-decorator]
    def poll(name: str) -> None:
        try:
            hub.poller.poll(name)
        except Failure as error:  # written down with the time of the next try
            log.info("poll ended early", extra={"endpoint": name, "error": str(error)})


class CeleryDispatch:
    """Hands work to Celery, one task each. What Celery loses is handed on again from the database."""

    def __init__(self, app: Celery) -> None:
        self._app = app

    def deliver(self, delivery_ids: Sequence[str]) -> None:
        self._send(DELIVER, delivery_ids)

    def translate(self, raw_ids: Sequence[str]) -> None:
        self._send(TRANSLATE, raw_ids)

    def poll(self, endpoints: Sequence[str]) -> None:
        self._send(POLL, endpoints)

    def _send(self, task: str, ids: Sequence[str]) -> None:
        try:
            with self._app.producer_pool.acquire(block=True) as producer:
                for one in ids:
                    self._app.send_task(task, args=[one], producer=producer, retry=False)
        except (OperationalError, OSError) as error:
            raise Transient(f"broker: {error}") from error
