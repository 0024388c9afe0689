"""Sets of rows reach both databases as they are, whatever is in them."""

import pytest

from store import archive, outbox
from store.arrays import laid_out, parameters
from store.database import Columns, Database, open_database
from store.migrating import migrate

COLUMNS: Columns = (("name", "text"), ("count", "bigint"), ("told", "json"))
ROWS = [
    ("Größe \"M\" 'x' \\ {a,b} NULL 漢字 🩺", -(2**63), {"a": [1, None, "ü"], "b": {}}),
    ("", 2**63 - 1, []),
    (None, None, None),
    ("only a name", None, None),
    ("x" * 300_000, 0, "text"),
]
SETS = {
    "one of everything": ROWS,
    "short names": [("A", 1, None), ("", -1, None), ("x" * 127, 0, None)],
    "a name of 128 characters": [("A", 1, None), ("x" * 128, 2, None)],
    "a name that is not ASCII": [("A", 1, None), ("é", 2, None)],
    "numbers of every size": [("A", n, None) for n in (0, 1, -1, 255, 256, 2**31, -(2**31), 2**32, 2**62, -(2**63), 2**63 - 1)],
    "rows alike": [("MED-00001", 7, None)] * 3,
    "alike at both ends": [("A", 1, None), ("B", 2, None), ("A", 1, None)],
    "nulls at both ends": [(None, None, None), ("B", 2, None), (None, None, None)],
    "only nulls": [(None, None, None)] * 2,
}


@pytest.mark.parametrize("rows", SETS.values(), ids=SETS)
def test_a_set_of_rows_comes_back_in_order_and_value_by_value(database: Database, rows: list[tuple[str, int, object]]) -> None:
    with database.reading() as tx:
        found = tx.rows_of_set("SELECT name, count, :more AS more FROM {rows} WHERE true", COLUMNS, rows, more=7)
    assert [(row.name, row.count, row.more) for row in found] == [(*row[:2], 7) for row in rows]


def test_json_comes_back_as_it_was_written(database: Database) -> None:
    with database.reading() as tx:
        found = tx.rows_of_set("SELECT CAST(told AS text) AS told FROM {rows} WHERE true", COLUMNS, ROWS)
    assert [row.told and row.told.replace(" ", "") for row in found[:4]] == ['{"a":[1,null,"ü"],"b":{}}', "[]", None, None]


WRITTEN = {"all": [b'{"a":1}', b"[2]"], "some": [b'{"a":1}', [2], None], "alike": [b'{"a":1}'] * 3}


@pytest.mark.parametrize("values", WRITTEN.values(), ids=WRITTEN)
def test_json_that_is_written_already_stays_as_it_is(database: Database, values: list[object]) -> None:
    with database.reading() as tx:
        found = tx.rows_of_set("SELECT told FROM {rows} WHERE true", (("told", "json"),), [(value,) for value in values])
    assert [row.told for row in found] == [value and ('{"a":1}' if value == WRITTEN["all"][0] else "[2]") for value in values]


def test_rows_are_laid_out_by_the_names_of_their_values() -> None:
    assert laid_out(COLUMNS, [{"count": 1, "name": "A", "more": 2}, {}]) == [("A", 1, None), (None, None, None)]


@pytest.mark.parametrize("row", [("A", 1), ("A", 1, None, 2)])
def test_a_row_that_does_not_fit_its_columns_is_refused(row: tuple[object, ...]) -> None:
    with pytest.raises(ValueError, match="zip"):
        parameters(COLUMNS, [row])


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
        assert tx.touched_of_set("no statement at all {rows}", COLUMNS, []) == 0


ALIKE = ("amount", "sent", "facts")


@pytest.mark.parametrize(
    "rows",
    [
        [("A", 5, True, b"{}"), ("B", 5, True, b"{}")],
        [("A", None, None, None), ("B", None, None, None)],
        [("A", 5, True, b"{}"), ("B", None, True, b"{}")],
        [("A", None, False, b"{}"), ("B", 0, False, b"{}"), ("C", None, False, b"{}")],
        [("A", 5, True, [1])],
    ],
)
def test_columns_that_may_be_alike_are_kept_as_they_are(database: Database, rows: list[tuple[object, ...]]) -> None:
    with database.transaction() as tx:
        tx.run("CREATE TABLE kept (name text, amount bigint, sent boolean, facts text)")
        kept = tx.touched_of_set(
            "INSERT INTO kept (name, amount, sent, facts) SELECT name, amount, sent, facts FROM {rows} WHERE true",
            (("name", "text"), ("amount", "bigint"), ("sent", "boolean"), ("facts", "json")),
            rows,
            alike=ALIKE,
        )
        found = tx.rows("SELECT name, amount, sent, facts FROM kept ORDER BY name")
    assert kept == len(rows)
    written = [(name, amount, sent, "[1]" if facts == [1] else facts and "{}") for name, amount, sent, facts in rows]
    assert [tuple(row) for row in found] == written


def test_postgresql_plans_a_statement_once_for_small_sets_and_large_ones(postgres_url: str) -> None:
    database = open_database(postgres_url)
    migrate(database)
    with database.reading() as tx:
        for size in [1] * 30 + [20] * 5:
            tx.rows_of_set("SELECT s.item FROM {rows} JOIN stock s ON s.item = r.name", COLUMNS[:1], [("A",)] * size)
        plans = tx.rows("SELECT custom_plans, generic_plans FROM pg_prepared_statements WHERE statement LIKE '%JOIN stock%'")
    database.close()
    assert [(one.custom_plans, one.generic_plans) for one in plans] == [(5, 25)]


def test_only_the_statement_that_says_so_commits_without_waiting_for_the_disk(postgres_url: str) -> None:
    database = open_database(postgres_url, pool_size=1)
    migrate(database)
    with database.transaction() as tx:
        tx.insert("outbox", archive.OUTBOX_COLUMNS, [("m", "order", 0, 0)])
    with database.statement() as tx:
        outbox.forget(tx, [1])
    with database.reading() as tx:
        found = (outbox.waiting(tx), tx.rows("SHOW synchronous_commit")[0].synchronous_commit)
    database.close()
    assert found == (0, "on")
