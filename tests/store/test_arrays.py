"""Sets of rows reach both databases as they are, whatever is in them."""

import pytest

from store import outbox
from store.database import Columns, Database, open_database
from store.migrating import migrate

COLUMNS: Columns = (("name", "text"), ("count", "bigint"), ("told", "json"))
ROWS = [
    {"name": "Größe \"M\" 'x' \\ {a,b} NULL 漢字 🩺", "count": -(2**63), "told": {"a": [1, None, "ü"], "b": {}}},
    {"name": "", "count": 2**63 - 1, "told": []},
    {"name": None, "count": None},
    {"name": "only a name"},
    {"name": "x" * 300_000, "count": 0, "told": "text"},
]


def test_a_set_of_rows_comes_back_in_order_and_value_by_value(database: Database) -> None:
    with database.reading() as tx:
        found = tx.rows_of_set(
            "SELECT name, count, CAST(told AS text) AS told, :more AS more FROM {rows} WHERE true", COLUMNS, ROWS, more=7
        )
    assert [(row.name, row.count, row.more) for row in found] == [(one["name"], one.get("count"), 7) for one in ROWS]
    assert [row.told and row.told.replace(" ", "") for row in found[:4]] == ['{"a":[1,null,"ü"],"b":{}}', "[]", None, None]


def test_a_statement_may_use_the_set_twice(database: Database) -> None:
    with database.reading() as tx:
        found = tx.rows_of_set("SELECT count FROM {rows} WHERE name IN (SELECT name FROM {rows}) ORDER BY count", COLUMNS, ROWS[:2])
    assert [row.count for row in found] == [-(2**63), 2**63 - 1]


@pytest.mark.parametrize("before", ["reading", "statement"])
def test_what_is_not_committed_is_gone_whatever_the_connection_did_before(database: Database, before: str) -> None:
    with database.transaction() as tx:
        tx.run("CREATE TABLE kept (number integer)")
    with getattr(database, before)() as tx:
        assert tx.rows("SELECT number FROM kept") == []
    with pytest.raises(ZeroDivisionError), database.transaction() as tx:
        tx.run("INSERT INTO kept VALUES (1)")
        raise ZeroDivisionError
    with getattr(database, before)() as tx:
        assert tx.rows("SELECT number FROM kept") == []
    with pytest.raises(ZeroDivisionError), database.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO kept VALUES (2)")
        raise ZeroDivisionError
    with database.statement() as tx:
        tx.run("INSERT INTO kept VALUES (3)")
    with database.reading() as tx:
        assert [row.number for row in tx.rows("SELECT number FROM kept")] == [3]


def test_an_empty_set_asks_nothing(database: Database) -> None:
    with database.reading() as tx:
        assert tx.rows_of_set("no statement at all {rows}", COLUMNS, []) == []
        assert tx.run_set("no statement at all {rows}", COLUMNS, []) == 0


def test_postgresql_plans_a_statement_once_for_small_sets_and_large_ones(postgres_url: str) -> None:
    database = open_database(postgres_url)
    migrate(database)
    with database.reading() as tx:
        for size in [1] * 30 + [20] * 5:
            tx.rows_of_set("SELECT s.item FROM {rows} JOIN stock s ON s.item = r.name", COLUMNS[:1], [{"name": "A"}] * size)
        plans = tx.rows("SELECT custom_plans, generic_plans FROM pg_prepared_statements WHERE statement LIKE '%JOIN stock%'")
    database.close()
    assert [(one.custom_plans, one.generic_plans) for one in plans] == [(5, 25)]


def test_only_the_statement_that_says_so_commits_without_waiting_for_the_disk(postgres_url: str) -> None:
    database = open_database(postgres_url, pool_size=1)
    migrate(database)
    with database.transaction() as tx:
        outbox_row = {"message_id": "m", "channel": "order", "partition": 0, "redriven": 0}
        tx.insert(
            "outbox", (("message_id", "text"), ("channel", "text"), ("partition", "bigint"), ("redriven", "bigint")), [outbox_row]
        )
    with database.statement() as tx:
        outbox.forget(tx, [1])
    with database.reading() as tx:
        found = (outbox.waiting(tx), tx.rows("SHOW synchronous_commit")[0].synchronous_commit)
    database.close()
    assert found == (0, "on")
