"""The database: PostgreSQL or SQLite behind one small transaction, the same SQL on both.

Sets of rows go to the database in one statement (`{rows}`), which is several times cheaper than a statement per row: as
one array per column on PostgreSQL, as one JSON value on SQLite. Instants are stored as microseconds since 1970 UTC,
quantities as millionths, money as minor units: whole numbers, exact and alike everywhere.
"""

import contextlib
import re
import sqlite3
import threading
import time
from collections import namedtuple
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal, NamedTuple, TypeAlias

import orjson
import psycopg
from psycopg.pq import Format, TransactionStatus
from psycopg.rows import tuple_row
from sqlalchemy import URL, Connection, Engine, PoolProxiedConnection, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from canonical.failures import Misconfigured, Transient
from canonical.known import remembered
from store import arrays, driver_errors
from store.hurried import Hurried

Columns: TypeAlias = arrays.Columns
Rows: TypeAlias = arrays.Rows
Dialect = Literal["postgresql", "sqlite"]
Row: TypeAlias = Any
"""A row: its columns are attributes."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOW = {
    "postgresql": "(SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint))",
    "sqlite": "(SELECT now_micros())",
}
"""One value for a whole statement: the clock read for each row would cost as much as three of its columns, and no index could be
asked for what is due."""
PARAMETER = re.compile(r"(?<![\w:]):([a-z_]\w*)")
JSON = {"postgresql": "json", "sqlite": "text"}
FOR_UPDATE = {"postgresql": "FOR NO KEY UPDATE", "sqlite": ""}
ADDRESS = {"postgresql": "ctid", "sqlite": "rowid"}
UNFLUSHED = {"postgresql": "(SELECT set_config('synchronous_commit', 'off', true)) = 'off'", "sqlite": "true"}
SQLITE_PICK = ("value ->> {} AS {}", "nullif(value -> {}, 'null') AS {}")
"""A value of a row that travels as JSON, and one that stays JSON."""


# Statements of the pipeline look rows up by index, however small or young a table is: a prepared plan made while it was
# empty would go on scanning it when it is large. What reads much asks for scans (`reading(scans=True)`).
LOOK_UP = ("enable_seqscan", "enable_hashjoin", "enable_mergejoin")
OPTIONS = " ".join(f"-c {name}={value}" for name, value in (
    ("statement_timeout", "30000"), ("lock_timeout", "10000"), ("jit", "off"), *((name, "off") for name in LOOK_UP),
))  # fmt: skip


@remembered
def to_micros(instant: datetime) -> int:
    """Microseconds since 1970 UTC of an aware instant; that of a batch is asked for again and again."""
    since = instant - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


@remembered
def from_micros(micros: int) -> datetime:
    """The instant again; what a handler emits because of one batch has one."""
    return EPOCH + timedelta(microseconds=micros)


class Transaction:
    """One open transaction. SQL may use `{rows}` (the set of rows given), `{among}` (after a column: is in the first column
    of the set, which PostgreSQL looks for without making rows of it or sorting what an index gives), `{now}` (the database's
    clock in microseconds, read once), `{for_update}` (row locks, in the order of the statement's ORDER BY), `{json}` (what a
    column of JSON is cast to before a value is picked from it), `{unflushed}` (always true; the commit does
    not wait for the disk, so a crash of the database may undo it), `{address}` (where a row lies, a `tid`, to be read as text;
    found without an index, good while the row is locked or never updated) and `:name` parameters.

    It speaks to the driver itself: SQLAlchemy's execution costs twice what a statement of the pipeline costs.
    """

    def __init__(self, cursor: Any, dialect: Dialect, *, all_new: bool = False) -> None:
        self._cursor = cursor
        self.dialect: Dialect = dialect
        self.all_new = all_new
        """What it keeps is taken for new: see `Database.transaction`."""

    def unless_known(self, key: str) -> str:
        """How an insert ends that leaves alone what is known by these columns, unless everything is taken for new."""
        return "" if self.all_new else f" ON CONFLICT ({key}) DO NOTHING"

    def rows(self, sql: str, /, **parameters: Any) -> Sequence[Row]:
        """The rows of a query."""
        return self._fetched(_statement(sql, self.dialect, ()), parameters)

    def run(self, sql: str, /, **parameters: Any) -> int:
        """Run a statement; how many rows it touched."""
        return self._touched(_statement(sql, self.dialect, ()), parameters)

    def run_set(self, sql: str, columns: Columns, rows: Rows, /, *, alike: tuple[str, ...] = (), **parameters: Any) -> int:
        """Run a statement over a set of rows standing for `{rows}`; how many rows it touched. Nothing for an empty set. alike:
        columns that mostly say the same in every row, which then is handed over once."""
        if not rows:
            return 0
        if not alike or self.dialect == "sqlite":
            return self._touched(_statement(sql, self.dialect, columns), self._with(columns, rows, parameters))
        turned = arrays.turned(rows)
        columns = arrays.narrowed(columns, turned, alike)
        return self._touched(_statement(sql, self.dialect, columns), arrays.of_columns(columns, turned) | parameters)

    def rows_of_set(self, sql: str, columns: Columns, rows: Rows, /, **parameters: Any) -> Sequence[Row]:
        """The rows of a query (or of RETURNING) over a set of rows standing for `{rows}`."""
        return self._fetched(_statement(sql, self.dialect, columns), self._with(columns, rows, parameters)) if rows else []

    def tuples_of_set(self, sql: str, columns: Columns, rows: Rows, /, **parameters: Any) -> Sequence[tuple[Any, ...]]:
        """The same as mere tuples: for who makes objects of rows, which one with names in between makes twice as dear."""
        if self.dialect == "sqlite":
            return self.rows_of_set(sql, columns, rows, **parameters)
        named, self._cursor.row_factory = self._cursor.row_factory, tuple_row
        try:
            return self.rows_of_set(sql, columns, rows, **parameters)
        finally:
            self._cursor.row_factory = named

    def insert(self, table: str, columns: Columns, rows: Rows) -> None:
        """Insert rows, with columns of raw bytes where there are any."""
        names = ", ".join(name for name, _ in columns)
        if self.dialect == "postgresql":
            self.run_set(f"INSERT INTO {table} ({names}) SELECT {names} FROM {{rows}}", columns, rows)
        elif rows:  # JSON, in which `{rows}` travels there, cannot carry bytes
            marks = ", ".join("?" * len(columns))
            self._cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", _as_kept(columns, rows))

    def _with(self, columns: Columns, rows: Rows, parameters: dict[str, Any]) -> Mapping[str, Any]:
        if self.dialect == "postgresql":
            return arrays.parameters(columns, rows) | parameters
        return {"rows": _json(rows)} | parameters

    def _fetched(self, statement: "Statement", parameters: Mapping[str, Any]) -> Sequence[Row]:
        fetched: Sequence[Row] = self._cursor.execute(statement.text, statement.given(parameters)).fetchall()
        return fetched

    def _touched(self, statement: "Statement", parameters: Mapping[str, Any]) -> int:
        touched: int = self._cursor.execute(statement.text, statement.given(parameters)).rowcount
        return touched


def _json(value: Any) -> str:
    return orjson.dumps(value, default=_written_already).decode()


def _written_already(value: Any) -> Any:
    """JSON as it is, in JSON."""
    if isinstance(value, bytes):
        return orjson.Fragment(value)
    raise TypeError(f"{type(value).__name__} is no JSON")


def _as_kept(columns: Columns, rows: Rows) -> list[list[Any]]:
    """Rows as SQLite keeps them: JSON as text."""
    jsons = [kind == "json" for _, kind in columns]
    return [[_json(value) if json else value for value, json in zip(row, jsons, strict=True)] for row in rows]


class Statement(NamedTuple):
    """A statement as the driver wants it. names: of its parameters, where it takes them by number."""

    text: str | bytes
    names: tuple[str, ...] | None = None

    def given(self, parameters: Mapping[str, Any]) -> Mapping[str, Any] | list[Any]:
        return parameters if self.names is None else [parameters[name] for name in self.names]


@lru_cache(maxsize=512)
def _statement(sql: str, dialect: Dialect, columns: Columns) -> Statement:
    """Made once: SQLAlchemy's own text() costs more than a small query, and psycopg reads a statement of more than 4,096 characters
    anew each time unless its parameters have numbers."""
    parts = {
        "rows": _record_set(columns, dialect),
        "among": _among(columns, dialect),
        "now": NOW[dialect],
        "for_update": FOR_UPDATE[dialect],
        "unflushed": UNFLUSHED[dialect],
        "json": JSON[dialect],
        "address": ADDRESS[dialect],
    }
    for name, part in parts.items():
        sql = sql.replace("{" + name + "}", part)
    if dialect == "sqlite":
        return Statement(sql)
    numbers: dict[str, int] = {}
    numbered = PARAMETER.sub(lambda found: f"${numbers.setdefault(found[1], len(numbers) + 1)}", sql)
    return Statement(numbered.encode(), tuple(numbers))


def _among(columns: Columns, dialect: Dialect) -> str:
    if dialect == "sqlite":
        return f"IN (SELECT {SQLITE_PICK[0].format(0, 'one')} FROM json_each(:rows))"
    return arrays.among(*columns[0]) if columns else ""


def _record_set(columns: Columns, dialect: Dialect) -> str:
    if dialect == "postgresql":
        return arrays.record_set(columns)
    picks = ", ".join(SQLITE_PICK[kind == "json"].format(i, name) for i, (name, kind) in enumerate(columns))
    return f"(SELECT {picks} FROM json_each(:rows)) AS r"


class Taken(NamedTuple):
    """A driver's connection out of the pool, with a cursor on it."""

    pooled: PoolProxiedConnection
    driver: Any
    cursor: Any

    def is_idle(self) -> bool:
        """Whether nothing is left to be committed or rolled back; never of SQLite, whose next transaction is begun by hand."""
        status: int = self.driver.pgconn.transaction_status if isinstance(self.driver, psycopg.Connection) else -1
        return status == TransactionStatus.IDLE

    def execute_hurried(self, sql: str, parameters: Mapping[str, Any]) -> None:
        """Execute a statement of PostgreSQL, whose rows the cursor then has. NotYet where it takes more than a moment."""
        statement = _statement(sql, "postgresql", ())
        self.driver.hurry(lambda: self.cursor.execute(statement.text, statement.given(parameters)))


class Database:
    """Opens transactions. Driver errors that time may heal leave as Transient, a broken constraint as Conflict."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.dialect: Dialect = "sqlite" if engine.dialect.name == "sqlite" else "postgresql"
        # SQLite has one writer: queue here, fairly, instead of spinning on its file lock
        self._writing = threading.RLock() if self.dialect == "sqlite" else contextlib.nullcontext()
        self._at_hand: list[Taken] = []
        """The connection used last: to give it back to the pool and to take it again costs as much as a small statement."""

    @contextmanager
    def transaction(self, *, all_new: bool = False) -> Iterator[Transaction]:
        """A transaction that commits when the block ends well and rolls back otherwise.

        all_new: what it keeps is hardly ever known already. Then no row is looked for before it is inserted, which PostgreSQL does
        at a tenth of an order's cost; where one is known after all, nothing is kept: Conflict, to be tried again without.
        """
        with self._writing, self._cursor("BEGIN IMMEDIATE") as (connection, cursor):
            yield Transaction(cursor, self.dialect, all_new=all_new)
            connection.commit()

    @contextmanager
    def statement(self) -> Iterator[Transaction]:
        """A transaction of one statement, which commits by itself: a third of the round trips."""
        if self.dialect == "sqlite":
            with self.transaction() as tx:
                yield tx
        else:
            with self._cursor(alone=True) as (_, cursor):
                yield Transaction(cursor, self.dialect)

    @contextmanager
    def reading(self, *, scans: bool = False) -> Iterator[Transaction]:
        """Only reads. On PostgreSQL every statement sees what was committed when it began, with or without a transaction around.
        scans: over much of a table, as reports do, and without a time limit."""
        with self._cursor("BEGIN", alone=not scans) as (_, cursor):
            if scans and self.dialect == "postgresql":
                for name, value in (("statement_timeout", "0"), *((name, "on") for name in LOOK_UP)):
                    cursor.execute(f"SET LOCAL {name} = {value}")
            yield Transaction(cursor, self.dialect)

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A SQLAlchemy connection in a transaction, for tools that bring their own statements (migrations)."""
        with self._writing, driver_errors.translated(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def _cursor(self, begin: str = "", *, alone: bool = False) -> Iterator[tuple[Any, Any]]:
        """A pooled driver connection and a cursor on it; rolled back unless committed, thrown away when it is broken.
        begin: how SQLite is told. alone: PostgreSQL commits each statement by itself."""
        with driver_errors.translated():
            taken, ended_well = self._taken(), False
            try:
                if self.dialect == "sqlite":
                    taken.cursor.execute(begin)
                elif taken.driver.autocommit is not alone:
                    taken.driver.autocommit = alone
                yield taken.driver, taken.cursor
                ended_well = True
            except psycopg.Error:
                if getattr(taken.driver, "broken", False) or getattr(taken.driver, "closed", False):
                    taken.pooled.invalidate()
                raise
            finally:
                if ended_well and not self._at_hand and taken.is_idle():
                    self._at_hand.append(taken)
                else:
                    taken.pooled.close()

    def _taken(self) -> "Taken":
        with contextlib.suppress(IndexError):
            return self._at_hand.pop()
        pooled = self.engine.raw_connection()
        driver: Any = pooled.driver_connection
        if self.dialect == "sqlite":
            return Taken(pooled, driver, driver.cursor())
        cursor = psycopg.RawCursor(driver)
        cursor.format = Format.BINARY  # numbers are read in a third of the time, and texts alike
        return Taken(pooled, driver, cursor)

    def lend(self) -> Taken:
        """A connection to PostgreSQL that works and commits each statement by itself, for whoever keeps one. Transient."""
        with driver_errors.translated():
            taken = self._taken()
            try:
                taken.driver.autocommit = True
                taken.cursor.execute("SELECT 1")
            except psycopg.Error:
                taken.pooled.invalidate()
                raise
            return taken

    def keeps_us_out(self, failure: Transient) -> bool:
        """Whether the server is there and does not let us in, or is named wrongly: of a first try a mistake, not an outage."""
        return driver_errors.keeps_us_out(self.engine, failure)

    def close(self) -> None:
        while self._at_hand:
            self._at_hand.pop().pooled.close()
        self.engine.dispose()


def open_database(url: str, *, pool_size: int = 4) -> Database:
    """The database behind a URL: `postgresql://...` or `sqlite:///path`. Nothing is connected yet. Misconfigured otherwise."""
    scheme, _, bare = url.partition("://")
    if scheme == "sqlite":
        return Database(_sqlite(url))
    if scheme in {"postgresql", "postgres"}:
        engine = create_engine(
            _read_url(f"postgresql+psycopg://{bare}"),
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_timeout=5,
            connect_args={"connect_timeout": 5, "options": OPTIONS, "row_factory": _psycopg_rows},
        )
        event.listen(engine, "do_connect", lambda _dialect, _record, arguments, named: Hurried.connect(*arguments, **named))
        event.listen(engine, "connect", lambda connection, _: arrays.teach(connection))
        event.listen(engine, "begin", _needs_commit)
        return Database(engine)
    raise Misconfigured(f"ORDERLANE_DATABASE_URL: expected postgresql://... or sqlite:///..., found {scheme.split(':')[0]}:")


def _read_url(url: str) -> URL:
    """The parts of an address; Misconfigured where it has none."""
    try:
        return make_url(url)
    except (ArgumentError, ValueError):  # what went wrong may hold the password
        raise Misconfigured("ORDERLANE_DATABASE_URL: expected postgresql://user:password@host:port/name") from None


def _needs_commit(connection: Connection) -> None:
    """What SQLAlchemy begins is a transaction, whatever the connection did before (`Database.statement`)."""
    driver: Any = connection.connection.driver_connection
    driver.autocommit = False


def _sqlite(url: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": 30, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None  # transactions are begun on purpose, not by the driver's guess
        connection.row_factory = _sqlite_row
        connection.create_function("convert_to", 2, lambda text, _: text.encode(), deterministic=True)
        connection.create_function("now_micros", 0, lambda: time.time_ns() // 1000)  # its own clock tells milliseconds
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _sqlite_row(cursor: sqlite3.Cursor, values: tuple[Any, ...]) -> Row:
    return _row_type(tuple(column[0] for column in cursor.description))._make(values)


def _psycopg_rows(cursor: Any) -> Any:
    result = cursor.pgresult  # its names come as bytes; cursor.description would make an object of each column
    names = tuple(result.fname(i) for i in range(result.nfields)) if result else ()
    return _psycopg_row_type(names)._make


@lru_cache(maxsize=512)
def _psycopg_row_type(names: tuple[bytes, ...]) -> Any:
    return _row_type(tuple(name.decode() for name in names))


@lru_cache(maxsize=512)
def _row_type(names: tuple[str, ...]) -> Any:
    return namedtuple("Row", names, rename=True)
