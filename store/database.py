"""The database: PostgreSQL or SQLite behind one small transaction, the same SQL on both.

Sets of rows go to the database as one JSON parameter per statement (`{rows}`), which is several times cheaper than a
statement per row and works on both. Instants are stored as microseconds since 1970 UTC, quantities as millionths,
money as minor units: whole numbers, exact and alike everywhere.
"""

import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal

import orjson
from sqlalchemy import Connection, Engine, Row, TextClause, create_engine, event, text
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError

from canonical.failures import Conflict, Misconfigured, Transient

ColumnType = Literal["text", "bigint", "boolean", "json"]
Columns = tuple[tuple[str, ColumnType], ...]
Dialect = Literal["postgresql", "sqlite"]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOW = {
    "postgresql": "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)",
    "sqlite": "CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS integer) * 1000",
}
FOR_UPDATE = {"postgresql": "FOR NO KEY UPDATE", "sqlite": ""}
SKIP_LOCKED = {"postgresql": "FOR UPDATE SKIP LOCKED", "sqlite": ""}


# Statements of the pipeline look rows up by index, however small or young a table is: a prepared plan made while it was
# empty would go on scanning it when it is large. What reads much asks for scans (`reading(scans=True)`).
LOOK_UP = ("enable_seqscan", "enable_hashjoin", "enable_mergejoin")
OPTIONS = " ".join(f"-c {name}={value}" for name, value in (
    ("statement_timeout", "30000"), ("lock_timeout", "10000"), *((name, "off") for name in LOOK_UP),
))  # fmt: skip


def to_micros(instant: datetime) -> int:
    """Microseconds since 1970 UTC of an aware instant."""
    return (instant - EPOCH) // timedelta(microseconds=1)


def from_micros(micros: int) -> datetime:
    return EPOCH + timedelta(microseconds=micros)


class Transaction:
    """One open transaction. SQL may use `{rows}` (the set of rows given), `{now}` (the database's clock in
    microseconds), `{for_update}` (row locks, in the order of the statement's ORDER BY) and `:name` parameters."""

    def __init__(self, connection: Connection, dialect: Dialect) -> None:
        self.connection = connection
        self.dialect: Dialect = dialect

    def rows(self, sql: str, /, **parameters: Any) -> Sequence[Row[Any]]:
        """The rows of a query."""
        return self.connection.execute(_statement(sql, self.dialect, ()), parameters).fetchall()

    def run(self, sql: str, /, **parameters: Any) -> int:
        """Run a statement; how many rows it touched."""
        return self.connection.execute(_statement(sql, self.dialect, ()), parameters).rowcount

    def run_set(self, sql: str, columns: Columns, rows: Sequence[Mapping[str, Any]], /, **parameters: Any) -> int:
        """Run a statement over a set of rows standing for `{rows}`; how many rows it touched. Nothing for an empty set."""
        if not rows:
            return 0
        touched: int = self._over(sql, columns, rows, parameters).rowcount
        return touched

    def rows_of_set(
        self, sql: str, columns: Columns, rows: Sequence[Mapping[str, Any]], /, **parameters: Any
    ) -> Sequence[Row[Any]]:
        """The rows of a query (or of RETURNING) over a set of rows standing for `{rows}`."""
        return self._over(sql, columns, rows, parameters).fetchall() if rows else []

    def run_many(self, sql: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run a statement once per row, pipelined; for columns of raw bytes, which JSON cannot carry."""
        if rows:
            self.connection.execute(_statement(sql, self.dialect, ()), rows)

    def _over(self, sql: str, columns: Columns, rows: Sequence[Mapping[str, Any]], parameters: Mapping[str, Any]) -> Any:
        statement = _statement(sql, self.dialect, columns)
        return self.connection.execute(statement, {"rows": orjson.dumps(rows).decode(), **parameters})


@lru_cache(maxsize=512)
def _statement(sql: str, dialect: Dialect, columns: Columns) -> TextClause:
    parts = {
        "rows": _record_set(columns, dialect),
        "now": NOW[dialect],
        "for_update": FOR_UPDATE[dialect],
        "skip_locked": SKIP_LOCKED[dialect],
    }
    for name, part in parts.items():
        sql = sql.replace("{" + name + "}", part)
    return text(sql)


def _record_set(columns: Columns, dialect: Dialect) -> str:
    if dialect == "postgresql":
        return f"json_to_recordset(CAST(:rows AS json)) AS r({', '.join(f'{name} {kind}' for name, kind in columns)})"
    picks = ", ".join(f"value {'->' if kind == 'json' else '->>'} '$.{name}' AS {name}" for name, kind in columns)
    return f"(SELECT {picks} FROM json_each(:rows)) AS r"


class Database:
    """Opens transactions. Driver errors that time may heal leave as Transient, a broken constraint as Conflict."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.dialect: Dialect = "sqlite" if engine.dialect.name == "sqlite" else "postgresql"
        self._writer = engine.execution_options(writing=True)
        self._writing = threading.RLock() if self.dialect == "sqlite" else None

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """A transaction that commits when the block ends well and rolls back otherwise."""
        if self._writing is None:
            with self._translated(), self.engine.begin() as connection:
                yield Transaction(connection, self.dialect)
        else:  # SQLite has one writer: queue here, fairly, instead of spinning on its file lock
            with self._writing, self._translated(), self._writer.begin() as connection:
                yield Transaction(connection, self.dialect)

    @contextmanager
    def transaction_connection(self) -> Iterator[Connection]:
        """The bare connection of a transaction, for tools that bring their own statements (migrations)."""
        with self.transaction() as tx:
            yield tx.connection

    @contextmanager
    def reading(self, *, scans: bool = False) -> Iterator[Transaction]:
        """A transaction that only reads. scans: over much of a table, as reports do, and without a time limit."""
        with self._translated(), self.engine.connect() as connection:
            if scans and self.dialect == "postgresql":
                for name, value in (("statement_timeout", "0"), *((name, "on") for name in LOOK_UP)):
                    connection.exec_driver_sql(f"SET LOCAL {name} = {value}")
            yield Transaction(connection, self.dialect)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except IntegrityError as error:
            raise Conflict(f"database: {_first_line(error)}") from error
        except (OperationalError, InterfaceError) as error:
            raise Transient(f"database: {_first_line(error)}") from error
        except DBAPIError as error:
            if error.connection_invalidated:
                raise Transient(f"database: {_first_line(error)}") from error
            raise

    def close(self) -> None:
        self.engine.dispose()


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).strip().split("\n", 1)[0]


def open_database(url: str, *, pool_size: int = 4) -> Database:
    """The database behind a URL: `postgresql://...` or `sqlite:///path`. Nothing is connected yet. Misconfigured otherwise."""
    if url.startswith("sqlite:"):
        return Database(_sqlite(url))
    if url.startswith(("postgresql:", "postgres:")):
        bare = url.split(":", 1)[1]
        return Database(
            create_engine(
                f"postgresql+psycopg:{bare}",
                pool_size=pool_size,
                max_overflow=pool_size,
                pool_timeout=5,
                connect_args={"connect_timeout": 5, "options": OPTIONS},
            )
        )
    raise Misconfigured(f"ORDERLANE_DATABASE_URL: expected postgresql://... or sqlite:///..., found {url.split(':', 1)[0]}:")


def _sqlite(url: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": 30, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None  # transactions are begun below, not by the driver's guess
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writing") else "BEGIN")

    return engine
