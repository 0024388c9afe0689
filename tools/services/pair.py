"""Both servers together: started side by side, named to programs by two environment variables."""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from tools.services import places, provision
from tools.services.service import Service

DATABASE_URL, BROKER_URL = "ORDERLANE_DATABASE_URL", "ORDERLANE_BROKER_URL"
KINDS = {DATABASE_URL: provision.database, BROKER_URL: provision.broker}


@contextmanager
def running(environment: Mapping[str, str] = os.environ) -> Iterator[dict[str, str]]:
    """The two URLs: those the environment names, and private servers for the others, gone when the block ends."""
    given = {name: environment[name] for name in KINDS if environment.get(name)}
    for directory in places.clear_leftovers():
        say(f"cleared {directory.name}, left by an earlier run that was killed")
    own: dict[str, Service] = {}
    try:
        for name, make in KINDS.items():
            if name not in given:
                own[name] = make()
        start_all(list(own.values()))
        yield given | {name: service.url for name, service in own.items()}
    finally:
        _side_by_side(Service.remove, own.values())


def kept(directory: Path) -> dict[str, Service]:
    """Both servers under a directory of the caller's choice; once started they run until they are stopped."""
    return {name: make(directory / make.__name__, keep=True) for name, make in KINDS.items()}


def start_all(services: list[Service]) -> None:
    """Start servers side by side and say so."""
    if services:
        began = time.monotonic()
        say(f"starting {' and '.join(service.title for service in services)} on private ports")
        _side_by_side(Service.start, services)
        say(f"ready after {time.monotonic() - began:.1f} s")


def stop_all(services: list[Service]) -> None:
    _side_by_side(Service.stop, services)


def say(line: str) -> None:
    print(f"services: {line}", flush=True)


def _side_by_side(act: Callable[[Service], object], services: Iterable[Service]) -> None:
    with ThreadPoolExecutor() as pool:
        for done in [pool.submit(act, service) for service in services]:
            done.result()
