"""Roles are loops that run until told to stop: on threads of one process, until a signal comes or one of them dies."""

import logging
import signal
import sys
import threading
from collections.abc import Callable

from orderlane.memory import LOOK_EVERY_S, settle_in_large_pages, spare_the_collector

log = logging.getLogger("orderlane")

Role = Callable[[threading.Event], None]
STOPPING = (signal.SIGTERM, signal.SIGINT)


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
            stop.set()  # a signal alone would not wake the main thread, which waits for this
            signal.raise_signal(signal.SIGTERM)

    def keep_in_large_pages() -> None:
        while not stop.wait(LOOK_EVERY_S):
            settle_in_large_pages(stop.wait)

    threads = [threading.Thread(target=guarded, args=item, name=item[0], daemon=True) for item in roles.items()]
    threads.append(threading.Thread(target=keep_in_large_pages, name="memory", daemon=True))
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
