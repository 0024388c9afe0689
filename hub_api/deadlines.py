"""Time limits of requests, all looked at by one timer: one for each request costs more than what it guards."""

import asyncio
from collections.abc import Callable, Hashable
from itertools import takewhile
from typing import Generic, TypeVar

Waiting = TypeVar("Waiting", bound=Hashable)
LOOK_EVERY = 0.25


class Deadlines(Generic[Waiting]):
    """Calls `expire` for what was not stopped in time, a quarter of a second late at most; all are given the same time."""

    def __init__(self, expire: Callable[[Waiting], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._expire = expire
        self._due: dict[Waiting, float] = {}
        self._timer: asyncio.TimerHandle | None = None

    def start(self, waiting: Waiting, seconds: float) -> None:
        self._due[waiting] = self._loop.time() + seconds
        if self._timer is None:
            self._timer = self._loop.call_later(LOOK_EVERY, self._look)

    def stop(self, waiting: Waiting) -> None:
        self._due.pop(waiting, None)

    def _look(self) -> None:
        """What waits is in the order in which it falls due."""
        now = self._loop.time()
        late = [waiting for waiting, _ in takewhile(lambda item: item[1] <= now, self._due.items())]
        for waiting in late:
            self.stop(waiting)
            self._expire(waiting)
        self._timer = self._loop.call_later(LOOK_EVERY, self._look) if self._due else None
