"""Identifiers the hub makes."""

import os
import random
import threading
import time

TICKS = 4096  # in a millisecond: the twelve bits after a UUID's version
TICK = [f"{tick:03x}" for tick in range(TICKS)]
VARIANT = {f"{digit:x}": f"{digit & 3 | 8:x}" for digit in range(16)}
"""The digit that tells which kind of UUID it is, for each of chance."""


class _Ticker:
    """Time in ticks, never the same one twice in this process: later ids are larger, also when the clock steps back."""

    def __init__(self) -> None:
        self._last = 0
        self._lock = threading.Lock()

    def next(self, count: int) -> int:
        """The first of so many in a row."""
        now = time.time_ns() * TICKS // 1_000_000
        with self._lock:
            first = max(now, self._last + 1)
            self._last = first + count - 1
            return first


_ticker = _Ticker()
_chance = random.Random()  # its own: a test or library that seeds the common one shall not make ids repeat
os.register_at_fork(after_in_child=_chance.seed)


def new_id() -> str:
    """A UUID version 7 (RFC 9562, with method 3 of its section 6.2) as 36 characters: ordered by time, so indexes stay dense
    however much is stored, and what a process makes one after the other sorts so. Hard to meet twice, not hard to guess."""
    return new_ids(1)[0]


def new_ids(count: int) -> list[str]:
    """So many of them, in order: five times cheaper than one by one."""
    ids: list[str] = []
    first, chance = _ticker.next(count), _chance.randbytes(8 * count).hex()
    for number in range(count):
        millis, tick = divmod(first + number, TICKS)
        if not number or not tick:
            time_of = f"{millis:012x}"
            begin = f"{time_of[:8]}-{time_of[8:]}-7"
        at = 16 * number
        ids.append(f"{begin}{TICK[tick]}-{VARIANT[chance[at]]}{chance[at + 1 : at + 4]}-{chance[at + 4 : at + 16]}")
    return ids
