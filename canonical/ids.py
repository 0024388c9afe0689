"""Identifiers the hub makes."""

import os
import random
import threading
import time

TICKS = 4096  # in a millisecond: the twelve bits after a UUID's version


class _Ticker:
    """Time in ticks, never the same one twice in this process: later ids are larger, also when the clock steps back."""

    def __init__(self) -> None:
        self._last = 0
        self._lock = threading.Lock()

    def next(self) -> int:
        now = time.time_ns() * TICKS // 1_000_000
        with self._lock:
            self._last = max(now, self._last + 1)
            return self._last


_ticker = _Ticker()
_chance = random.Random()  # its own: a test or library that seeds the common one shall not make ids repeat
os.register_at_fork(after_in_child=_chance.seed)


def new_id() -> str:
    """A UUID version 7 (RFC 9562, with method 3 of its section 6.2) as 36 characters: ordered by time, so indexes stay dense
    however much is stored, and what a process makes one after the other sorts so. Hard to meet twice, not hard to guess."""
    millis, tick = divmod(_ticker.next(), TICKS)
    value = (millis << 80) | (0x7 << 76) | (tick << 64) | (0x2 << 62) | _chance.getrandbits(62)
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
