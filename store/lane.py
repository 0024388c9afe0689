"""A lane: one connection, whose answers an event loop gets without being kept from other things.

Small statements are answered in a millisecond or two, and for those a loop with nothing else to do waits: what comes meanwhile is
found together, and there is no thread that it and the loop would have to wake for every statement. Where the answer takes longer,
as that to a large group does, the loop goes on, and comes back when the server has written something.
"""

import asyncio
import contextlib
import select
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

from canonical.failures import Transient
from store import driver_errors
from store.database import Database, Lent, Row, asked
from store.pipeline import Pipeline, Steps

Result = TypeVar("Result")
Asking: TypeAlias = Generator[tuple[str, Mapping[str, Any]], Sequence[Row], Result]
"""Work that yields statements with their parameters, each its own transaction, is sent the rows of each, and returns a result."""

MOMENT_MS = 2
"""The longest that the loop does nothing else."""


class Lane:
    """Carries out one piece of work after the other on the event loop it is made on, while its connection works."""

    def __init__(self, database: Database, *, busy: Callable[[], bool] = lambda: False) -> None:
        """busy: whether there is something that the loop should rather do than wait a moment."""
        self._busy = busy
        self._loop = asyncio.get_running_loop()
        self._database = database
        self._lent: Lent | None = None
        self._opening = self._loop.run_in_executor(None, self._open)

    def is_open(self) -> bool:
        """Whether it takes work. Where it does not it tries to open again, on a thread: that takes as long as the network likes."""
        if self._lent is None and self._opening.done():
            self._opening = self._loop.run_in_executor(None, self._open)
        return self._lent is not None

    async def close(self) -> None:
        """Give the connection back. No work is under way."""
        await self._opening
        if self._lent is not None:
            self._lent.pooled.close()

    def take(self, work: Asking[Result], done: Callable[[Result | Exception], None]) -> None:
        """Begin work; what was begun before has ended. done: called with what it returned or raised, now or later."""
        assert self._lent is not None
        driver = self._lent.driver
        self._go_on(driver, _steps(driver, work), None, done)

    def _open(self) -> None:
        with contextlib.suppress(Transient):
            self._lent = self._database.lend()

    def _go_on(self, driver: Pipeline, steps: Steps[Any], events: int | None, done: Callable[[Any], None]) -> None:
        """Take steps as far as the server lets us. events: of the socket; None at the beginning."""
        try:
            while True:
                wanted = steps.send(events)  # type: ignore[arg-type]
                if not (events := driver.ready(wanted, 0 if self._busy() else MOMENT_MS)):
                    self._come_back(driver, steps, wanted, done)
                    return
        except StopIteration as end:
            done(end.value)
        except Exception as error:
            self._throw_away()
            done(error)

    def _come_back(self, driver: Pipeline, steps: Steps[Any], wanted: int, done: Callable[[Any], None]) -> None:
        def ready(event: int) -> None:
            self._loop.remove_reader(driver.socket)
            self._loop.remove_writer(driver.socket)
            self._go_on(driver, steps, event, done)

        self._loop.add_reader(driver.socket, ready, select.POLLIN)
        if wanted & select.POLLOUT:
            self._loop.add_writer(driver.socket, ready, select.POLLOUT)

    def _throw_away(self) -> None:
        """A connection on which something failed is not used again."""
        if self._lent is not None:
            self._lent.pooled.invalidate()
            self._lent = None


def _steps(driver: Pipeline, work: Asking[Result]) -> Steps[Result]:
    """What work does with the server."""
    try:
        question = next(work)
        while True:
            with driver_errors.translated():
                rows = yield from asked(driver, *question)
            question = work.send(rows)
    except StopIteration as end:
        result: Result = end.value
        return result
