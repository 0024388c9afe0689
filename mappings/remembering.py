"""What a mapping function makes of a whole list and asks for again at each of its rows."""

import threading
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

Made = TypeVar("Made")


class Remembered(threading.local, Generic[Made]):
    """Keeps what was last made of a list, by the list's identity; each thread its own."""

    def __init__(self, make: Callable[[Sequence[Any]], Made]) -> None:
        self._make = make
        self._rows: Sequence[Any] | None = None
        self._made: Made | None = None

    def of(self, rows: Sequence[Any]) -> Made:
        """What is made of this very list."""
        if self._rows is not rows or self._made is None:
            self._rows, self._made = rows, self._make(rows)
        return self._made
