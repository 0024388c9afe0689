"""The roles a hub is made of, each a loop that runs until told to stop; in processes of their own or all in one."""

import logging
import signal
import sys
import threading
from collections.abc import Callable, Sequence

import uvicorn
from celery import Celery
from celery.beat import Service
from celery.worker import WorkController
from starlette.types import ASGIApp

from hub_api import decisions, health, master_data, money, queries
from hub_api.access import provide
from hub_api.app import create_app, with_door
from hub_api.intake import IntakeDoor
from orderlane.collector import spare_the_collector
from orderlane.hub import HANDLERS, Hub
from orderlane.settings import WORKER_THREADS
from orderlane.tasks import CeleryDispatch, celery_app
from routing.consumer import ConsumerLoop
from routing.relay import Relay
from routing.sweeper import sweep
from store import deliveries, polls

log = logging.getLogger("orderlane")

Role = Callable[[threading.Event], None]
STOPPING = (signal.SIGTERM, signal.SIGINT)


def api(hub: Hub) -> ASGIApp:
    """The HTTP application of a hub."""
    door = IntakeDoor(hub.intake, max_body_bytes=hub.settings.max_body_bytes, proxies=hub.settings.proxies)
    documented = create_app(
        door, [queries.router, queries.open_router, money.router, master_data.router, decisions.router, health.router]
    )
    token = hub.settings.api_token
    provide(documented, hub.operations, token=token.get_secret_value() if token else None)
    return with_door(documented, door)


def serve(hub: Hub, port: int, stop: threading.Event) -> None:
    """Serve HTTP until SIGTERM or SIGINT; requests in hand are finished first. Nothing is served once `stop` is set."""
    config = uvicorn.Config(
        api(hub),
        host=hub.settings.host,
        port=port,
        loop="uvloop",
        http="httptools",
        log_level="warning",
        access_log=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=20,
        backlog=2048,
        proxy_headers=False,
        server_header=False,
        date_header=False,
    )
    server = uvicorn.Server(config)
    for number in STOPPING:
        signal.signal(number, server.handle_exit)  # uvicorn does so itself, but late: a signal while it starts would be lost
    if not stop.is_set():
        server.run()


def relay(hub: Hub, tasks: Celery, wake: threading.Event | None = None) -> Role:
    """Publishes what is committed, hands on what is due."""
    dispatch = CeleryDispatch(tasks)
    name = "alone" if hub.database.dialect == "sqlite" else None
    return Relay(hub.database, hub.channels, partitions=hub.settings.partitions, dispatch=dispatch, wake=wake, name=name).run


def handle(hub: Hub, name: str, partitions: Sequence[int] | None = None, wake: threading.Event | None = None) -> Role:
    """One handler on some partitions (all by default)."""
    return ConsumerLoop(
        name,
        HANDLERS[name](hub.policies),
        database=hub.database,
        channels=hub.channels,
        router=hub.router,
        partitions=partitions if partitions is not None else range(hub.settings.partitions),
        wake=wake,
    ).run


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
        running = threading.Thread(target=controller.start, name="celery-worker", daemon=True)
        running.start()
        while running.is_alive() and not stop.wait(0.5):
            pass
        if not stop.is_set():
            raise RuntimeError("the Celery worker ended by itself")
        controller.stop()

    return run


def beat(tasks: Celery) -> Role:
    """Celery beat: starts the scheduled tasks."""

    def run(stop: threading.Event) -> None:
        service = Service(tasks, max_interval=1, scheduler_cls="celery.beat:Scheduler")
        running = threading.Thread(target=service.start, name="celery-beat", daemon=True)
        running.start()
        stop.wait()
        service.stop()

    return run


def everything(hub: Hub) -> dict[str, Role]:
    """Every role but the HTTP door, for one process. What an earlier process of this kind had in memory goes again first."""
    wake = threading.Event()
    tasks = celery_app(hub)
    if hub.settings.embedded:
        hub.channels.declare()
        sweep(hub.database, hub.channels, handlers=tuple(HANDLERS), partitions=hub.settings.partitions, grace=0.0, suspects=True)
        with hub.database.transaction() as tx:
            deliveries.take_back(tx)
            polls.start_over(tx)
    roles = {"relay": relay(hub, tasks, wake), "worker": worker(tasks), "beat": beat(tasks)}
    return roles | {f"handle-{name}": handle(hub, name, wake=wake) for name in HANDLERS}


def run_roles(roles: dict[str, Role], foreground: Role | None = None) -> None:
    """Run roles on threads until SIGTERM or SIGINT (or until the foreground ends); then each finishes what it has in hand.

    A role that dies takes the process down: the supervisor starts it again, the database knows where to go on.
    """
    stop = threading.Event()
    failed: list[str] = []
    spare_the_collector()
    sys.setswitchinterval(0.001)

    def guarded(name: str, role: Role) -> None:
        try:
            role(stop)
        except Exception:
            log.exception("role died", extra={"role": name})
            failed.append(name)
            signal.raise_signal(signal.SIGTERM)

    threads = [threading.Thread(target=guarded, args=item, name=item[0], daemon=True) for item in roles.items()]
    for number in STOPPING:
        signal.signal(number, lambda _number, _frame: stop.set())
    for thread in threads:
        thread.start()
    if foreground is None:
        stop.wait()
    else:
        foreground(stop)
    stop.set()
    for thread in threads:
        thread.join(timeout=25)
    if failed:
        raise SystemExit(1)
