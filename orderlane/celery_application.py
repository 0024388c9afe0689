"""The Celery application, and the handing of work to it. Retries belong to the database, not to Celery."""

from collections.abc import Sequence
from typing import Any

from celery import Celery

from canonical.failures import Transient
from orderlane.broker_errors import BROKER_ERRORS
from orderlane.defaults import TASK_QUEUE
from orderlane.settings import Settings

DELIVER = "orderlane.deliver"
TRANSLATE = "orderlane.translate"
SWEEP = "orderlane.sweep"
EXPIRE = "orderlane.expire_reservations"
REVIEW = "orderlane.review_waiting"
LOOK_FOR_POLLS = "orderlane.look_for_polls"
POLL = "orderlane.poll"
FINANCE_DAY = "orderlane.finance_day"


def application(settings: Settings) -> Celery:
    """The application of a hub, without tasks: enough to hand work to it."""
    app = Celery("orderlane", broker=settings.broker_url or f"memory://{settings.namespace}-tasks")
    app.conf.update(
        task_default_queue=f"{settings.namespace}.{TASK_QUEUE}",
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_serializer="json",
        accept_content=["json"],
        worker_prefetch_multiplier=4,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,  # threads cannot be ended; a task run again finds its attempt
        broker_connection_retry_on_startup=True,
        broker_heartbeat=15,
        broker_transport_options=_transport(settings.embedded),
        timezone="UTC",
    )
    return app


def _transport(embedded: bool) -> dict[str, Any]:
    return {"polling_interval": 0.05} if embedded else {"confirm_publish": True}


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
        except BROKER_ERRORS as error:
            raise Transient(f"broker: {error}") from error
