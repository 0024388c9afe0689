"""SQLite: how a file is opened, and its statements, each run at once."""

import sqlite3
import time
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event

from store.rows import Row, row_type


def engine_of(url: str) -> Engine:
    """The engine of a file. Nothing is opened yet."""
    engine = create_engine(url, connect_args={"timeout": 30, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None  # transactions are begun on purpose, not by the driver's guess
        connection.row_factory = _row
        connection.create_function("convert_to", 2, lambda text, _: text.encode(), deterministic=True)
        connection.create_function("octet_length", 1, lambda text: len(text.encode()), deterministic=True)  # known to 3.43
        connection.create_function("now_micros", 0, lambda: time.time_ns() // 1000)  # its own clock tells milliseconds
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _row(cursor: sqlite3.Cursor, values: tuple[Any, ...]) -> Row:
    return row_type(tuple(column[0] for column in cursor.description))._make(values)


class AtOnce:
    """One connection's statements."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._cursor = connection.cursor()

    def begin(self, *, reading: bool = False) -> None:
        """Begin a transaction. One that only reads keeps nobody from writing."""
        self._cursor.execute("BEGIN" if reading else "BEGIN IMMEDIATE")

    def tell(self, text: str, values: Mapping[str, Any]) -> None:
        self._cursor.execute(text, values)

    def tell_each(self, text: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run a statement for each of these rows."""
        self._cursor.executemany(text, rows)

    def touched(self, text: str, values: Mapping[str, Any]) -> int:
        return self._cursor.execute(text, values).rowcount

    def rows(self, text: str, values: Mapping[str, Any]) -> Sequence[Row]:
        return self._cursor.execute(text, values).fetchall()

    def tuples(self, text: str, values: Mapping[str, Any]) -> Sequence[tuple[Any, ...]]:
        return self.rows(text, values)

    def forget(self) -> None:
        """Nothing is left to be run."""

    def finish(self) -> None:
        """Nothing is left to be run."""

    def commit(self) -> None:
        self._connection.commit()

    @property
    def idle(self) -> bool:
        """Whether it can be used for the next transaction: each gets a cursor of its own."""
        return False
