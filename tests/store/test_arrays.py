"""Sets of rows reach both databases as they are, whatever is in them."""

import pytest

from store.database import Columns, Database

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
