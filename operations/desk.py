"""The desk of the order handler: decisions of people are carried out one at a time, for a handler is not shared by threads."""

import threading
from datetime import datetime
from types import TracebackType
from typing import Protocol

from canonical.envelope import Message
from canonical.handling import Outcome
from handlers.order.handler import OrderHandler
from store.database import Transaction


class Decides(Protocol):
    def decide(self, decision: Message, tx: Transaction, now: datetime) -> Outcome:
        """Carry a decision out. NotAllowed, and nothing has changed."""


class OrderDesk:
    """Lends the handler to one thread at a time (`with desk as handler`)."""

    def __init__(self, handler: Decides | None = None) -> None:
        self._handler: Decides = handler if handler is not None else OrderHandler()
        self._alone = threading.Lock()

    def __enter__(self) -> Decides:
        self._alone.acquire()
        return self._handler

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._alone.release()
