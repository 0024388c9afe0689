"""Connections to PostgreSQL that need not wait until they have an answer."""

import select
from collections.abc import Callable
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.waiting import READY_R, READY_W, WAIT_R, WAIT_W

Result = TypeVar("Result")

MOMENT_MS = 5


class NotYet(Exception):
    """The server has not answered within a moment. rest: what psycopg has still to do. writable: whether it waits to write, too."""

    def __init__(self, rest: PQGen[Any], *, writable: bool) -> None:
        super().__init__("not answered yet")
        self.rest = rest
        self.writable = writable


class Hurried(psycopg.Connection[Any]):
    """A connection that waits as any other, unless it is told to hurry."""

    _hurries = False

    def hurry(self, execute: Callable[[], Result]) -> Result:
        """Execute a statement. NotYet where that takes more than a moment; it then goes on with `go_on`."""
        self._hurries = True
        try:
            return execute()
        finally:
            self._hurries = False

    def go_on(self, rest: PQGen[Result], ready: int | None) -> Result:
        """Do what is left of a statement. ready: what the socket is ready for, None at its beginning. NotYet as before."""
        try:
            while True:
                wanted = rest.send(ready)  # type: ignore[arg-type]
                ready = _ready(self.pgconn.socket, wanted)
                if not ready:
                    raise NotYet(rest, writable=bool(wanted & WAIT_W))
        except StopIteration as end:
            result: Result = end.value
            return result

    def wait(self, gen: PQGen[Result], *limits: Any, **named: Any) -> Result:
        """How psycopg waits for whatever it does."""
        return self.go_on(gen, None) if self._hurries else super().wait(gen, *limits, **named)


def _ready(socket: int, wanted: int) -> int:
    """What the socket is ready for within a moment; 0: nothing."""
    poll = select.poll()
    poll.register(socket, (select.POLLIN if wanted & WAIT_R else 0) | (select.POLLOUT if wanted & WAIT_W else 0))
    events = sum(found for _, found in poll.poll(MOMENT_MS))
    return (READY_R if events & ~select.POLLOUT else 0) | (READY_W if events & select.POLLOUT else 0)
