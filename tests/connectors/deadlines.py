"""Deadlines of exchanges, counted from where a test wants it: how long a slow machine took to get there says nothing."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpcore
import pytest

from connectors.dialling import Deadline
from tests.support.waiting import PATIENCE, until


@contextmanager
def counted_from(reached: Callable[[], object]) -> Iterator[None]:
    """Whoever reads an answer waits until the other side is where the test wants it; only then the deadline begins."""
    seconds: list[float] = []
    left = Deadline.left

    def set_(self: Deadline, given: float) -> None:
        seconds[:] = [given]
        self.until = time.monotonic() + PATIENCE

    def left_(self: Deadline, late: type[Exception]) -> float:
        if late is httpcore.ReadTimeout and seconds:
            until(reached, "the other side is where it never ends")
            given = seconds.pop()
            self.until = time.monotonic() + given
            return given  # what is there by now is read, were this process asleep meanwhile
        return left(self, late)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Deadline, "set", set_)
        patch.setattr(Deadline, "left", left_)
        yield


@contextmanager
def far_away() -> Iterator[None]:
    """No exchange is stopped by its deadline."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Deadline, "set", lambda self, seconds: setattr(self, "until", time.monotonic() + PATIENCE))
        yield
