"""A lane: one connection, whose answers an event loop gets without being kept from other things.

Most statements are answered in a millisecond or two, and for those the loop waits: what comes meanwhile is then found together, and
there is no thread that it and the loop would have to wake for every statement. Where the answer takes longer the loop goes on, and
comes back when the server has written something.
"""

import asyncio
import contextlib
from collections.abc import Callable, Generator, Mapping, Sequence
from functools import partial
from typing import Any, TypeAlias, TypeVar

from psycopg.waiting import READY_R, READY_W

from canonical.failures import Transient
from store import driver_errors
from store.database import Database, Lent, Row
from store.hurried import NotYet

Result = TypeVar("Result")
Asking: TypeAlias = Generator[tuple[str, Mapping[str, Any]], Sequence[Row], Result]
"""Work that yields statements with their parameters, each its own transaction, is sent the rows of each, and returns a result."""


class Lane:
    """Carries out one piece of work after the other on the event loop it is made on, while its connection works."""

    def __init__(self, database: Database) -> None:
        self._loop = asyncio.get_running_loop()
        self._database = database
        self._taken: Lent | None = None
        self._opening = self._loop.run_in_executor(None, self._open)

    def is_open(self) -> bool:
        """Whether it takes work. Where it does not it tries to open again, on a thread: that takes as long as the network likes."""
        if self._taken is None and self._opening.done():
            self._opening = self._loop.run_in_executor(None, self._open)
        return self._taken is not None

    async def close(self) -> None:
        """Give the connection back. No work is under way."""
        await self._opening
        if self._taken is not None:
            self._taken.pooled.close()

    def take(self, work: Asking[Result], done: Callable[[Result | Exception], None]) -> None:
        """Begin work; what was begun before has ended. done: called with what it returned or raised, now or later."""
        self._go_on(work, done, partial(next, work))

    def _open(self) -> None:
        with contextlib.suppress(Transient):
            self._taken = self._database.lend()

    def _go_on(self, work: Asking[Any], done: Callable[[Any], None], step: Callable[[], tuple[str, Mapping[str, Any]]]) -> None:
        """Take a step of work, and those after it as far as answers are there."""
        assert self._taken is not None
        try:
            question = step()
            while True:
                question = work.send(self._rows(partial(self._taken.execute_hurried, *question)))
        except StopIteration as end:
            done(end.value)
        except NotYet as later:
            self._come_back(later, work, done)
        except Exception as error:
            done(error)

    def _come_back(self, later: NotYet, work: Asking[Any], done: Callable[[Any], None]) -> None:
        assert self._taken is not None
        driver = self._taken.driver
        socket = driver.fileno()

        def ready(kind: int) -> None:
            self._loop.remove_reader(socket)
            self._loop.remove_writer(socket)
            self._go_on(work, done, lambda: work.send(self._rows(partial(driver.go_on, later.rest, kind))))

        self._loop.add_reader(socket, ready, READY_R)
        if later.writable:
            self._loop.add_writer(socket, ready, READY_W)

    def _rows(self, execute: Callable[[], object]) -> Sequence[Row]:
        """The rows of a statement. A connection that failed is not used again."""
        assert self._taken is not None
        try:
            with driver_errors.translated():
                execute()
                rows: Sequence[Row] = self._taken.cursor.fetchall()
                return rows
        except NotYet:
            raise
        except Exception:
            self._taken.pooled.invalidate()
            self._taken = None
            raise
