"""A lane asks PostgreSQL for an event loop: quick answers at once, slow ones later, and nothing on a connection that is lost."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import pytest

import store.lane
from canonical.failures import Conflict, Transient
from store.database import Database, open_database
from store.lane import Asking, Lane
from tests.support.services import new_database
from tools.services import pair

Outcome = list[list[int] | Exception]


@pytest.fixture
def database(services: dict[str, str]) -> Iterator[Database]:
    with new_database(services[pair.DATABASE_URL]) as url:
        database = open_database(url)
        yield database
        database.close()


def asking(*statements: str) -> Asking[list[int]]:
    """The sums of what statements answer, of which each has to do with the one before."""
    sums = [0]
    for statement in statements:
        rows = yield statement, {"before": sums[-1]}
        sums.append(sum(row.value for row in rows))
    return sums[1:]


@asynccontextmanager
async def opened(database: Database, busy: Callable[[], bool]) -> AsyncIterator[Lane]:
    lane = Lane(database, busy=busy)
    await until(lane.is_open)
    yield lane
    await lane.close()


async def until(true: Callable[[], object]) -> int:
    """How often the loop came round until then."""
    rounds = 0
    while not true():
        rounds += 1
        await asyncio.sleep(0.005)
    return rounds


def on_a_loop(
    test: Callable[[Lane], Coroutine[Any, Any, None]], database: Database, *, busy: Callable[[], bool] = lambda: False
) -> None:
    async def run() -> None:
        async with opened(database, busy) as lane:
            await test(lane)

    asyncio.run(run())


def test_each_statement_of_a_piece_of_work_gets_the_answer_of_the_one_before(database: Database) -> None:
    async def test(lane: Lane) -> None:
        told: Outcome = []
        lane.take(asking("SELECT 7 AS value", "SELECT :before::int + g AS value FROM generate_series(1, 2) g"), told.append)
        await until(lambda: told)
        assert told == [[7, 17]]

    on_a_loop(test, database)


def test_the_loop_goes_on_while_an_answer_takes_long(database: Database) -> None:
    async def test(lane: Lane) -> None:
        told: Outcome = []
        slow = "SELECT 1 AS value FROM (SELECT pg_sleep(0.3)) AS pause"
        lane.take(asking(slow, "SELECT 2 AS value", slow), told.append)
        assert not told
        assert await until(lambda: told) > 10
        assert told == [[1, 2, 1]]

    on_a_loop(test, database)


@pytest.mark.parametrize("busy", [False, True])
def test_a_loop_waits_a_moment_for_the_answer_unless_it_has_other_things_to_do(
    database: Database, monkeypatch: pytest.MonkeyPatch, busy: bool
) -> None:
    async def test(lane: Lane) -> None:
        told: Outcome = []
        monkeypatch.setattr(store.lane, "MOMENT_MS", 60_000)
        lane.take(asking("SELECT 1 AS value FROM (SELECT pg_sleep(0.2)) AS pause"), told.append)
        assert bool(told) is not busy
        await until(lambda: told)
        assert told == [[1]]

    on_a_loop(test, database, busy=lambda: busy)


def test_a_statement_larger_than_what_the_socket_takes_is_written_piece_by_piece(database: Database) -> None:
    def large() -> Asking[list[int]]:
        rows = yield "SELECT length(:text::text) AS value, pg_sleep(0.01)", {"text": "x" * 20_000_000}
        return [row.value for row in rows]

    async def test(lane: Lane) -> None:
        told: Outcome = []
        lane.take(large(), told.append)
        await until(lambda: told)
        assert told == [[20_000_000]]

    on_a_loop(test, database)


@pytest.mark.parametrize("pause", ["", ", pg_sleep(0.1)"])
def test_a_lost_connection_is_told_and_another_one_opened(database: Database, pause: str) -> None:
    async def test(lane: Lane) -> None:
        told: Outcome = []
        lane.take(asking(f"SELECT 1 AS value, pg_terminate_backend(pg_backend_pid()){pause}"), told.append)
        await until(lambda: told)
        assert isinstance(told.pop(), Transient)
        await until(lane.is_open)
        lane.take(asking("SELECT 1 AS value"), told.append)
        await until(lambda: told)
        assert told == [[1]]

    on_a_loop(test, database)


def test_a_broken_constraint_is_a_conflict(database: Database) -> None:
    with psycopg.connect(database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)) as connection:
        connection.execute("CREATE TABLE numbers (value int PRIMARY KEY)")

    async def test(lane: Lane) -> None:
        told: Outcome = []
        lane.take(asking("INSERT INTO numbers VALUES (1), (1) RETURNING value"), told.append)
        await until(lambda: told)
        assert isinstance(told[0], Conflict)

    on_a_loop(test, database)
