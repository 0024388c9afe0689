"""How long a test waits for what must come: until it is there, however slow the machine. Only one that fails waits to the end."""

import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")

PATIENCE = 180.0
"""Seconds."""


def until(look: Callable[[], Found], what: str) -> Found:
    """What `look` gives once that is true."""
    deadline = time.monotonic() + PATIENCE
    while not (found := look()):
        assert time.monotonic() < deadline, f"{what}: not after {PATIENCE:.0f} s"
        time.sleep(0.01)
    return found
