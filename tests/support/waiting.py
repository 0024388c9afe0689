"""How long a test waits for what must come: until it is there, however slow the machine. Only one that fails waits to the end."""

import time
from collections.abc import Callable
from typing import TypeVar

import pytest

from routing import consumer, delivery
from store import parking

Found = TypeVar("Found")

PATIENCE = 180.0
"""Seconds."""


@pytest.fixture
def time_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    """What failed and what is parked does not come due by itself, only when a test says so."""
    monkeypatch.setattr(consumer, "RETRY_PAUSES", [3600.0] * 4)
    monkeypatch.setattr(delivery, "FIRST_PAUSE", 3600.0)
    monkeypatch.setattr(parking, "FIRST_LOOK", 3600 * 1_000_000)


def until(look: Callable[[], Found], what: str) -> Found:
    """What `look` gives once that is true."""
    deadline = time.monotonic() + PATIENCE
    while not (found := look()):
        assert time.monotonic() < deadline, f"{what}: not after {PATIENCE:.0f} s"
        time.sleep(0.01)
    return found
