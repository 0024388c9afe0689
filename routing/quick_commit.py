"""Quick commit: what came while PostgreSQL worked on the last group is committed next, on an event loop."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Generic

from canonical.failures import Throttled, Transient
from routing.group_commit import LARGEST_GROUP, LONGEST_QUEUE, GroupCommitter, Item, Result, Token
from store.lane import Asking, Lane


class QuickCommitter(Generic[Item, Result, Token]):
    """Commits items in groups on a lane of the event loop. What fails, what the quick way leaves, and everything while the lane is
    closed, goes to the thorough committer, which has a thread to wait on.

    commit(items): all of them in one statement, one result each, None for each it leaves; where it raises nothing is committed.
    deliver(outcomes): called on the loop with (token, result or error), once per item.
    """

    def __init__(
        self,
        lane: Lane,
        commit: Callable[[Sequence[Item]], Asking[Sequence[Result | None]]],
        deliver: Callable[[Sequence[tuple[Token, Result | Exception]]], None],
        thorough: GroupCommitter[Item, Result, Token],
    ) -> None:
        self._lane = lane
        self._commit = commit
        self._deliver = deliver
        self._thorough = thorough
        self._waiting: list[tuple[Token, Item]] = []
        self._under_way = False

    def submit(self, *handed_in: tuple[Token, Item]) -> None:
        """Hand items in, which are then committed in one group as far as it goes. Throttled when the database cannot keep up."""
        if len(self._waiting) >= LONGEST_QUEUE:
            raise Throttled("too many requests are waiting for the database", after=1.0)
        self._waiting += handed_in
        if not self._under_way:
            self._go_on()

    async def close(self) -> None:
        """Commit what was handed in; the thorough committer may still have some of it."""
        while self._under_way:
            await asyncio.sleep(0.01)
        await self._lane.close()

    def _go_on(self) -> None:
        self._under_way = bool(self._waiting) and self._lane.is_open()
        most = LARGEST_GROUP if self._under_way else len(self._waiting)
        group, self._waiting = self._waiting[:most], self._waiting[most:]
        if self._under_way:
            self._lane.take(self._commit([item for _, item in group]), partial(self._committed, group))
        else:
            self._hand_over(group)

    def _committed(self, group: Sequence[tuple[Token, Item]], outcome: Sequence[Result | None] | Exception) -> None:
        match outcome:
            case Transient():
                self._deliver([(token, outcome) for token, _ in group])
            case Exception():
                self._hand_over(group)
            case results:
                ended = list(zip(group, results, strict=True))
                self._deliver([(token, result) for (token, _), result in ended if result is not None])
                self._hand_over([left for left, result in ended if result is None])
        self._go_on()

    def _hand_over(self, group: Sequence[tuple[Token, Item]]) -> None:
        try:
            if group:
                self._thorough.submit(*group)
        except Throttled as error:
            self._deliver([(token, error) for token, _ in group])
