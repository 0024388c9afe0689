"""Statements that need no answer travel to PostgreSQL with the next one that does; what fails is told then, and nothing is kept."""

from collections.abc import Iterator

import pytest

from canonical.failures import Conflict
from store.database import Database, open_database

TEXTS = (("value", "text"),)


@pytest.fixture
def database(postgres_url: str) -> Iterator[Database]:
    database = open_database(postgres_url)
    with database.statement() as tx:
        tx.run("CREATE TABLE notes (value text PRIMARY KEY)")
    yield database
    database.close()


def kept(database: Database) -> list[str]:
    with database.reading() as tx:
        return [row.value for row in tx.rows("SELECT value FROM notes ORDER BY value")]


def test_what_needs_no_answer_is_sent_with_the_next_that_does(database: Database) -> None:
    states = "SELECT state, query FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with database.transaction() as tx, database.reading() as other:
        before = other.rows(states)
        tx.run("INSERT INTO notes VALUES ('a')")
        assert other.rows(states) == before
        assert tx.rows("SELECT value FROM notes") == [("a",)]
        assert [row.state for row in other.rows(states)] == ["idle in transaction"]
    assert kept(database) == ["a"]


def test_statements_run_in_the_order_they_were_given_in(database: Database) -> None:
    for _ in range(10):  # with the sixth time the server keeps them
        with database.transaction() as tx:
            tx.run("DELETE FROM notes WHERE value = :value", value="a")
            tx.run_set("INSERT INTO notes SELECT value FROM {rows}", TEXTS, [("a",), ("b",)])
            assert tx.touched("DELETE FROM notes WHERE value > :value", value="a") == 1
            tx.run("INSERT INTO notes VALUES (:value)", value="c")
            tx.run("DELETE FROM notes WHERE value = :value", value="c")
    assert kept(database) == ["a"]


def test_what_failed_is_told_by_the_commit_and_nothing_is_kept(database: Database) -> None:
    with pytest.raises(Conflict), database.transaction() as tx:
        tx.run("INSERT INTO notes VALUES ('a')")
        tx.run("INSERT INTO notes VALUES ('a')")
        tx.run("INSERT INTO notes VALUES ('b')")
    assert kept(database) == []


def test_what_failed_is_told_by_the_next_answer(database: Database) -> None:
    with database.transaction() as tx:
        tx.run_set("INSERT INTO notes SELECT value FROM {rows}", TEXTS, [("a",)] * 2)
        with pytest.raises(Exception, match="duplicate key"):
            tx.rows("SELECT 1")
    assert kept(database) == []


def test_what_was_said_in_a_block_that_failed_is_not_sent(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.transaction() as tx:
        tx.run("INSERT INTO notes VALUES ('a')")
        raise ZeroDivisionError
    with database.transaction() as tx:
        tx.run("INSERT INTO notes VALUES ('b')")
    assert kept(database) == ["b"]


def test_a_transaction_in_which_nothing_was_said_is_none(database: Database) -> None:
    with database.transaction():
        pass
    assert kept(database) == []


def test_more_than_the_sockets_take_goes_both_ways_at_once(database: Database) -> None:
    with database.transaction() as tx:
        for number in range(20):
            tx.run("SELECT repeat('x', 1000000), :text", text="y" * 1_000_000)
            tx.run("INSERT INTO notes VALUES (:value)", value=str(number))
        (row,) = tx.rows("SELECT repeat('z', 5000000) AS value, (SELECT count(*) FROM notes) AS notes")
    assert (len(row.value), row.notes) == (5_000_000, 20)
