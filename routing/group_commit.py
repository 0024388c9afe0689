"""Group commit: whatever was handed in while the last commit ran is committed next, together. No timers."""

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from canonical.failures import Conflict, Throttled, Transient

Item = TypeVar("Item")
Result = TypeVar("Result")
Token = TypeVar("Token")

LARGEST_GROUP = 200
LONGEST_QUEUE = 5000


class GroupCommitter(Generic[Item, Result, Token]):
    """Commits items in groups on one thread.

    commit(items): all of them in one transaction, one result each; may raise.
    deliver(outcomes): called on the committing thread with (token, result or error), once per item.
    """

    def __init__(
        self,
        commit: Callable[[Sequence[Item]], Sequence[Result]],
        deliver: Callable[[Sequence[tuple[Token, Result | Exception]]], None],
    ) -> None:
        self._commit = commit
        self._deliver = deliver
        self._waiting: list[tuple[Token, Item]] = []
        self._arrived = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="group-commit", daemon=True)
        self._thread.start()

    def submit(self, *handed_in: tuple[Token, Item]) -> None:
        """Hand items in, which are then committed in one group as far as it goes. Throttled when the database cannot keep up."""
        with self._arrived:
            if len(self._waiting) >= LONGEST_QUEUE or self._closing:
                raise Throttled("too many requests are waiting for the database", after=1.0)
            self._waiting += handed_in
            self._arrived.notify()

    def close(self) -> None:
        """Commit what was handed in, then stop."""
        with self._arrived:
            self._closing = True
            self._arrived.notify()
        self._thread.join(timeout=30)

    def _run(self) -> None:
        while True:
            with self._arrived:
                while not self._waiting and not self._closing:
                    self._arrived.wait()
                if not self._waiting:
                    return
                group, self._waiting = self._waiting[:LARGEST_GROUP], self._waiting[LARGEST_GROUP:]
            tokens = [token for token, _ in group]
            self._deliver(list(zip(tokens, self._results([item for _, item in group]), strict=True)))

    def _results(self, items: Sequence[Item]) -> Sequence[Result | Exception]:
        try:
            return self._commit(items)
        except Transient as error:
            return [error] * len(items)
        except Exception as error:
            return self._one_by_one(items, error)

    def _one_by_one(self, items: Sequence[Item], error: Exception) -> Sequence[Result | Exception]:
        """A group that fails as a whole fails nobody but whom it must. A Conflict means that another process kept the same
        thing meanwhile: looking again finds it."""
        if len(items) == 1 and not isinstance(error, Conflict):
            return [error]
        results: list[Result | Exception] = []
        for item in items:
            try:
                results.extend(self._commit([item]))
            except Exception as alone:
                results.append(alone)
        return results
