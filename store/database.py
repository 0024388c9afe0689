"""The database: PostgreSQL or SQLite behind one small transaction, the same SQL on both.

Sets of rows go to the database in one statement (`{rows}`), which is several times cheaper than a statement per row: as
one array per column on PostgreSQL, as one JSON value on SQLite. Instants are stored as microseconds since 1970 UTC,
quantities as millionths, money as minor units: whole numbers, exact and alike everywhere.
"""

import contextlib
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal, NamedTuple, TypeAlias

import orjson
import psycopg
from sqlalchemy import URL, Connection, Engine, PoolProxiedConnection, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from canonical.failures import Misconfigured, Transient
from canonical.known import remembered
from store import arrays, driver_errors, rows
from store.pipeline import Pipeline, Steps
from store.sqlite import AtOnce, engine_of

Columns: TypeAlias = arrays.Columns
Rows: TypeAlias = arrays.Rows
Dialect = Literal["postgresql", "sqlite"]
Row: TypeAlias = rows.Row

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

    What asks for nothing may run later, before the next answer or the commit, and with it what it fails with; that spares the
    journeys. It speaks to the driver itself: SQLAlchemy's execution costs twice what a statement of the pipeline costs.
    """

    def __init__(self, driver: Any, dialect: Dialect, *, all_new: bool = False) -> None:
        self._driver = driver
        self.dialect: Dialect = dialect
        self.all_new = all_new
        """What it keeps is taken for new: see `Database.transaction`."""

    def unless_known(self, key: str) -> str:
        """How an insert ends that leaves alone what is known by these columns, unless everything is taken for new."""
        return "" if self.all_new else f" ON CONFLICT ({key}) DO NOTHING"

    def rows(self, sql: str, /, **parameters: Any) -> Sequence[Row]:
        """The rows of a query."""
        return self._fetched(_statement(sql, self.dialect, ()), parameters)

    def run(self, sql: str, /, **parameters: Any) -> None:
        """Run a statement."""
        self._told(_statement(sql, self.dialect, ()), parameters)

    def touched(self, sql: str, /, **parameters: Any) -> int:
        """Run a statement; how many rows it touched."""
        return self._touched(_statement(sql, self.dialect, ()), parameters)

    def run_set(self, sql: str, columns: Columns, rows: Rows, /, *, alike: tuple[str, ...] = (), **parameters: Any) -> None:
        """Run a statement over a set of rows standing for `{rows}`. Nothing for an empty set. alike: columns that mostly say the
        same in every row, which then is handed over once."""
        if rows:
            self._told(*self._over(sql, columns, rows, alike, parameters))

    def touched_of_set(self, sql: str, columns: Columns, rows: Rows, /, *, alike: tuple[str, ...] = (), **parameters: Any) -> int:
        """The same; how many rows it touched."""
        return self._touched(*self._over(sql, columns, rows, alike, parameters)) if rows else 0

    def insert_new(self, sql: str, columns: Columns, rows: Rows, key: str, /, *, alike: tuple[str, ...] = ()) -> int:
        """Run an insert that leaves alone what is known by the columns of its key; how many rows were new: all, and nobody waits
        for the answer, where everything is taken for new."""
        if self.all_new:
            self.run_set(sql, columns, rows, alike=alike)
            return len(rows)
        return self.touched_of_set(sql + self.unless_known(key), columns, rows, alike=alike)

    def rows_of_set(self, sql: str, columns: Columns, rows: Rows, /, **parameters: Any) -> Sequence[Row]:
        """The rows of a query (or of RETURNING) over a set of rows standing for `{rows}`."""
        return self._fetched(_statement(sql, self.dialect, columns), self._with(columns, rows, parameters)) if rows else []

    def tuples_of_set(self, sql: str, columns: Columns, rows: Rows, /, **parameters: Any) -> Sequence[tuple[Any, ...]]:
        """The same as mere tuples: for who makes objects of rows, which one with names in between makes twice as dear."""
        if not rows:
            return []
        statement = _statement(sql, self.dialect, columns)
        found: Sequence[tuple[Any, ...]] = self._driver.tuples(
            statement.text, statement.given(self._with(columns, rows, parameters))
        )
        return found

    def insert(self, table: str, columns: Columns, rows: Rows) -> None:
        """Insert rows, with columns of raw bytes where there are any."""
        names = ", ".join(name for name, _ in columns)
        if self.dialect == "postgresql":
            self.run_set(f"INSERT INTO {table} ({names}) SELECT {names} FROM {{rows}}", columns, rows)
        elif rows:  # JSON, in which `{rows}` travels there, cannot carry bytes
            marks = ", ".join("?" * len(columns))
            self._driver.tell_each(f"INSERT INTO {table} ({names}) VALUES ({marks})", _as_kept(columns, rows))

    def _over(
        self, sql: str, columns: Columns, rows: Rows, alike: tuple[str, ...], parameters: dict[str, Any]
    ) -> tuple["Statement", Mapping[str, Any]]:
        """A statement over a set of rows, with its parameters."""
        if not alike or self.dialect == "sqlite":
            return _statement(sql, self.dialect, columns), self._with(columns, rows, parameters)
        turned = arrays.turned(rows)
        columns = arrays.narrowed(columns, turned, alike)
        return _statement(sql, self.dialect, columns), arrays.of_columns(columns, turned) | parameters

    def _with(self, columns: Columns, rows: Rows, parameters: dict[str, Any]) -> Mapping[str, Any]:
        if self.dialect == "postgresql":
            return arrays.parameters(columns, rows) | parameters
        return {"rows": _json(rows)} | parameters

    def _fetched(self, statement: "Statement", parameters: Mapping[str, Any]) -> Sequence[Row]:
        fetched: Sequence[Row] = self._driver.rows(statement.text, statement.given(parameters))
        return fetched

    def _touched(self, statement: "Statement", parameters: Mapping[str, Any]) -> int:
        touched: int = self._driver.touched(statement.text, statement.given(parameters))
        return touched

    def _told(self, statement: "Statement", parameters: Mapping[str, Any]) -> None:
        self._driver.tell(statement.text, statement.given(parameters))


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
    """Made once: SQLAlchemy's own text() costs more than a small query."""
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
    """A connection out of the pool, and what speaks to it."""

    pooled: PoolProxiedConnection
    driver: Pipeline | AtOnce


class Lent(NamedTuple):
    """A connection to PostgreSQL that somebody keeps, and what speaks to it."""

    pooled: PoolProxiedConnection
    driver: Pipeline


def asked(driver: Pipeline, sql: str, parameters: Mapping[str, Any]) -> Steps[Sequence[Row]]:
    """The rows of a query of PostgreSQL, for whoever waits in another way."""
    statement: Any = _statement(sql, "postgresql", ())
    return driver.asked(statement.text, statement.given(parameters))


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
        with self._writing, self._driver() as driver:
            driver.begin()
            yield Transaction(driver, self.dialect, all_new=all_new)
            driver.commit()

    @contextmanager
    def statement(self) -> Iterator[Transaction]:
        """A transaction of one statement, which commits by itself."""
        if self.dialect == "sqlite":
            with self.transaction() as tx:
                yield tx
        else:
            with self._driver() as driver:
                yield Transaction(driver, self.dialect)
                driver.finish()

    @contextmanager
    def reading(self, *, scans: bool = False) -> Iterator[Transaction]:
        """Only reads. On PostgreSQL every statement sees what was committed when it began, with or without a transaction around.
        scans: over much of a table, as reports do, and without a time limit."""
        with self._driver() as driver:
            tx = Transaction(driver, self.dialect)
            if isinstance(driver, AtOnce):
                driver.begin(reading=True)
            elif scans:
                driver.begin()
                for name, value in (("statement_timeout", "0"), *((name, "on") for name in LOOK_UP)):
                    tx.run(f"SET LOCAL {name} = {value}")
            yield tx

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A SQLAlchemy connection in a transaction, for tools that bring their own statements (migrations)."""
        with self._writing, driver_errors.translated(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def _driver(self) -> Iterator[Pipeline | AtOnce]:
        """What speaks to a pooled connection; rolled back unless committed, thrown away when it is broken."""
        with driver_errors.translated():
            taken, ended_well = self._taken(), False
            try:
                yield taken.driver
                ended_well = True
            except psycopg.Error:
                if getattr(taken.pooled.driver_connection, "closed", False):
                    taken.pooled.invalidate()
                raise
            finally:
                if ended_well and not self._at_hand and taken.driver.idle:
                    self._at_hand.append(taken)
                else:
                    taken.pooled.close()

    def _taken(self) -> Taken:
        with contextlib.suppress(IndexError):
            taken = self._at_hand.pop()
            taken.driver.forget()
            return taken
        pooled = self.engine.raw_connection()
        connection: Any = pooled.driver_connection
        if self.dialect == "sqlite":
            return Taken(pooled, AtOnce(connection))
        driver: Pipeline | None = pooled.info.get("pipeline")  # it knows what its server has prepared
        if driver is None:
            driver = pooled.info["pipeline"] = Pipeline(connection)
        driver.forget()
        return Taken(pooled, driver)

    def lend(self) -> Lent:
        """A connection to PostgreSQL that works, for whoever keeps one. Transient."""
        with driver_errors.translated():
            pooled, driver = self._taken()
            assert isinstance(driver, Pipeline)
            try:
                driver.rows(b"SELECT 1", [])
            except psycopg.Error:
                pooled.invalidate()
                raise
            return Lent(pooled, driver)

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
        return Database(engine_of(url))
    if scheme in {"postgresql", "postgres"}:
        engine = create_engine(
            _read_url(f"postgresql+psycopg://{bare}"),
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_timeout=5,
            connect_args={"connect_timeout": 5, "options": OPTIONS},
        )
        event.listen(engine, "connect", lambda connection, _: arrays.teach(connection))
        return Database(engine)
    raise Misconfigured(f"ORDERLANE_DATABASE_URL: expected postgresql://... or sqlite:///..., found {scheme.split(':')[0]}:")


def _read_url(url: str) -> URL:
    """The parts of an address; Misconfigured where it has none."""
    try:
        return make_url(url)
    except (ArgumentError, ValueError):  # what went wrong may hold the password
        raise Misconfigured("ORDERLANE_DATABASE_URL: expected postgresql://user:password@host:port/name") from None
