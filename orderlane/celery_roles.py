"""The roles that are Celery's: its worker, and beat."""

import logging
import threading
from collections.abc import Callable

from celery import Celery
from celery.beat import Service
from celery.worker import WorkController

from orderlane.defaults import WORKER_THREADS
from orderlane.running import Role


def worker(tasks: Celery, threads: int = WORKER_THREADS) -> Role:
    """A Celery worker on threads: deliveries wait for partners, not for the processor."""

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
        _run(controller.start, "celery worker", stop)
        controller.stop()

    return run


def beat(tasks: Celery) -> Role:
    """Celery beat: starts the scheduled tasks."""

    def run(stop: threading.Event) -> None:
        service = Service(tasks, max_interval=1, scheduler_cls="celery.beat:Scheduler")
        _run(service.start, "celery beat", stop)
        service.stop()

    return run


def _run(start: Callable[[], object], name: str, stop: threading.Event) -> None:
    """Run a part of Celery until told to stop; RuntimeError where it ends by itself."""
    running = threading.Thread(target=start, name=name, daemon=True)
    running.start()
    while running.is_alive() and not stop.wait(0.5):
        pass
    if not stop.is_set():
        raise RuntimeError(f"{name} ended by itself")
