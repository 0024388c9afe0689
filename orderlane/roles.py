"""The relay and the handlers as roles."""

import threading
from collections.abc import Sequence

from celery import Celery

from orderlane.celery_application import CeleryDispatch
from orderlane.handlers import HANDLERS
from orderlane.hub import Hub
from orderlane.running import Role
from routing.consumer import ConsumerLoop
from routing.relay import Relay


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
