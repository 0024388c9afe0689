"""The roles that are Celery's: its worker, and beat. What the broker refuses is told in one line and waited out."""

import logging
import threading
from collections.abc import Callable
from typing import Any

from celery import Celery
from celery.beat import Scheduler, SchedulingError, Service
from celery.worker import WorkController

from canonical.failures import Transient
from orderlane.broker_errors import BROKER_ERRORS
from orderlane.defaults import WORKER_THREADS
from orderlane.running import Role

log = logging.getLogger("orderlane.celery")
PAUSE = 5.0


def worker(tasks: Celery, threads: int = WORKER_THREADS) -> Role:
    """A Celery worker on threads: deliveries wait for partners, not for the processor."""
    logging.getLogger("celery.worker.request").addFilter(_in_one_line)  # an acknowledgement that comes too late, say

    def run(stop: threading.Event) -> None:
        tasks.set_default()  # the pool's threads ask for the current app, which is a thread's own
        controller = WorkController(
            app=tasks,
            pool_cls="celery.concurrency.thread:TaskPool",
            concurrency=threads,
            hostname=tasks.conf.task_default_queue,
            loglevel=logging.WARNING,
            without_heartbeat=True,
            without_mingle=True,
            without_gossip=True,
        )
        try:
            _run(lambda: controller.blueprint.start(controller), "celery worker", stop)
        finally:
            controller.stop()

    return _again(run, "celery worker")


def beat(tasks: Celery) -> Role:
    """Celery beat: starts the scheduled tasks."""

    def run(stop: threading.Event) -> None:
        service = Service(tasks, max_interval=1, scheduler_cls=PlainScheduler)
        try:
            _run(service.start, "celery beat", stop)
        finally:
            service.stop()

    return _again(run, "celery beat")


class PlainScheduler(Scheduler):  # type: ignore[misc]
    """Tells in one line what could not be handed on; it is due again after its time."""

    def apply_entry(self, entry: Any, producer: Any = None) -> None:
        try:
            self.apply_async(entry, producer=producer, advance=False)
        except SchedulingError as error:
            log.warning("scheduled task not sent", extra={"task": entry.name, "error": str(error)})


def _in_one_line(record: logging.LogRecord) -> bool:
    """A filter that takes nothing away but the traceback of what the broker refused."""
    if record.exc_info and isinstance(record.exc_info[1], BROKER_ERRORS):
        record.exc_info = None
    return True


def _again(role: Role, name: str) -> Role:
    """The role, started anew after a pause when its broker has ended it."""

    def run(stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                role(stop)
            except Transient as error:
                log.warning(f"{name} waits", extra={"error": str(error), "seconds": PAUSE})
                stop.wait(PAUSE)

    return run


def _run(start: Callable[[], object], name: str, stop: threading.Event) -> None:
    """Run a part of Celery until told to stop. Transient where its broker ends it, RuntimeError where it ends by itself."""
    refused: list[Exception] = []

    def guarded() -> None:
        try:
            start()
        except BROKER_ERRORS as error:
            refused.append(error)

    running = threading.Thread(target=guarded, name=name, daemon=True)
    running.start()
    while running.is_alive() and not stop.wait(0.5):
        pass
    if refused:
        raise Transient(f"broker: {refused[0]}") from refused[0]
    if not stop.is_set():
        raise RuntimeError(f"{name} ended by itself")
