"""Every role in one process: `orderlane up`."""

import threading

from orderlane import celery_roles, roles
from orderlane.celery_application import application
from orderlane.handlers import HANDLERS
from orderlane.hub import Hub
from orderlane.running import Role
from orderlane.schedule import schedule
from orderlane.tasks import add_tasks
from routing.sweeper import sweep
from store import deliveries, polls


def everything(hub: Hub) -> dict[str, Role]:
    """Every role but the HTTP door, for one process. What an earlier process of this kind had in memory goes again first."""
    wake = threading.Event()
    tasks = add_tasks(application(hub.settings), hub)
    tasks.conf.beat_schedule = schedule(hub)
    if hub.settings.embedded:
        hub.channels.declare()
        sweep(hub.database, hub.channels, handlers=tuple(HANDLERS), partitions=hub.settings.partitions, grace=0.0, suspects=True)
        with hub.database.transaction() as tx:
            deliveries.take_back(tx)
            polls.start_over(tx)
    handlers = {f"handle-{name}": roles.handle(hub, name, wake=wake) for name in HANDLERS}
    return {
        "relay": roles.relay(hub, tasks, wake), "worker": celery_roles.worker(tasks), "beat": celery_roles.beat(tasks), **handlers,
    }  # fmt: skip
