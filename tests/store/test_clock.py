"""The database's clock, by which what is due is found."""

from datetime import UTC, datetime

from store.database import Database, to_micros


def test_the_clock_of_either_database_is_not_behind_the_hubs_own(database: Database) -> None:
    for _ in range(50):
        before = to_micros(datetime.now(UTC))
        with database.reading() as tx:
            (row,) = tx.rows("SELECT {now} AS now")
        assert before <= row.now <= to_micros(datetime.now(UTC))
