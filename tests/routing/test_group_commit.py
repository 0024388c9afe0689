"""Group commit: items that wait together are committed together, and each gets its own result."""

import threading
from collections.abc import Iterator, Sequence

import pytest

from canonical.failures import Conflict, Throttled, Transient
from routing import group_commit
from routing.group_commit import GroupCommitter
from tests.support.waiting import PATIENCE, until


class Held:
    """A commit that waits until it is let go, fails on the items it is told to, and remembers its groups."""

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self.groups: list[list[int]] = []
        self.failing: dict[int, Exception] = {}
        self.outcomes: dict[str, int | Exception] = {}
        self.delivered = threading.Condition()
        self.committer: GroupCommitter[int, int, str] = GroupCommitter(self.commit, self.deliver)

    def commit(self, items: Sequence[int]) -> Sequence[int]:
        self.groups.append(list(items))
        assert self.let_go.wait(PATIENCE)
        for item in items:
            if item in self.failing:
                raise self.failing[item]
        return [item * 10 for item in items]

    def deliver(self, outcomes: Sequence[tuple[str, int | Exception]]) -> None:
        with self.delivered:
            self.outcomes.update(outcomes)
            self.delivered.notify_all()

    def submit(self, *items: int) -> None:
        for item in items:
            self.committer.submit((f"token-{item}", item))

    def until(self, count: int) -> None:
        with self.delivered:
            assert self.delivered.wait_for(lambda: len(self.outcomes) >= count, timeout=PATIENCE), self.outcomes


@pytest.fixture
def held() -> Iterator[Held]:
    held = Held()
    yield held
    held.let_go.set()
    held.committer.close()


def first_under_way(held: Held) -> None:
    """One item is being committed; whatever comes now waits for the next group."""
    held.submit(0)
    until(lambda: held.groups, "the first is being committed")


def test_what_came_while_a_commit_ran_is_committed_next_together(held: Held) -> None:
    first_under_way(held)
    held.submit(1, 2, 3)
    held.let_go.set()
    held.until(4)
    assert held.groups == [[0], [1, 2, 3]]


def test_each_token_gets_the_result_of_its_own_item(held: Held) -> None:
    first_under_way(held)
    held.submit(*range(1, 50))
    held.let_go.set()
    held.until(50)
    assert held.outcomes == {f"token-{n}": n * 10 for n in range(50)}


def test_an_item_that_cannot_be_committed_fails_alone(held: Held) -> None:
    bad = ValueError("this one is bad")
    held.failing = {2: bad}
    first_under_way(held)
    held.submit(1, 2, 3)
    held.let_go.set()
    held.until(4)
    assert held.outcomes == {"token-0": 0, "token-1": 10, "token-2": bad, "token-3": 30}
    assert held.groups == [[0], [1, 2, 3], [1], [2], [3]]


def test_a_database_that_is_down_fails_the_whole_group_without_trying_one_by_one(held: Held) -> None:
    down = Transient("database: down")
    held.failing = {2: down}
    first_under_way(held)
    held.submit(1, 2, 3)
    held.let_go.set()
    held.until(4)
    assert held.outcomes == {"token-0": 0, "token-1": down, "token-2": down, "token-3": down}
    assert held.groups == [[0], [1, 2, 3]]


def test_a_conflict_with_another_process_is_looked_at_again_even_for_a_single_item(held: Held) -> None:
    held.let_go.set()
    raced: list[list[int]] = []

    def commit(items: Sequence[int]) -> Sequence[int]:
        raced.append(list(items))
        if len(raced) == 1:
            raise Conflict("another process kept the same meanwhile")
        return [item * 10 for item in items]

    committer: GroupCommitter[int, int, str] = GroupCommitter(commit, held.deliver)
    committer.submit(("token-7", 7))
    held.until(1)
    committer.close()
    assert (raced, held.outcomes) == ([[7], [7]], {"token-7": 70})


def test_closing_commits_what_was_handed_in_and_takes_nothing_more(held: Held) -> None:
    first_under_way(held)
    held.submit(1, 2)
    closing = threading.Thread(target=held.committer.close)
    closing.start()
    held.let_go.set()
    closing.join(timeout=PATIENCE)
    assert not closing.is_alive()
    assert held.outcomes == {"token-0": 0, "token-1": 10, "token-2": 20}
    with pytest.raises(Throttled):
        held.submit(3)
    assert "token-3" not in held.outcomes


def test_the_queue_is_bounded_and_more_is_refused_with_a_time_to_come_back(held: Held, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_commit, "LONGEST_QUEUE", 10)
    first_under_way(held)
    held.submit(*range(1, 11))
    with pytest.raises(Throttled) as refused:
        held.submit(11)
    assert refused.value.after == 1.0
    held.let_go.set()
    held.until(11)
    assert "token-11" not in held.outcomes


def test_a_group_has_at_most_its_largest_size(held: Held, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_commit, "LARGEST_GROUP", 4)
    first_under_way(held)
    held.submit(*range(1, 10))
    held.let_go.set()
    held.until(10)
    assert held.groups == [[0], [1, 2, 3, 4], [5, 6, 7, 8], [9]]
