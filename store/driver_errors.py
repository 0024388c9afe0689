"""What drivers of databases raise, as kinds of failure, by SQLSTATE where there is one: messages are in its language."""

import socket
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import pq
from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from canonical.failures import Conflict, Misconfigured, Transient

FOREIGN = (psycopg.Error, sqlite3.Error, DatabaseError, InterfaceError, PoolTimeout)
INTEGRITY = (psycopg.IntegrityError, sqlite3.IntegrityError, IntegrityError)
PASSING = (
    psycopg.OperationalError, psycopg.InterfaceError, sqlite3.OperationalError, OperationalError, InterfaceError, PoolTimeout,
)  # fmt: skip
PASSING_CLASSES = frozenset({"08", "28", "3D", "40", "53", "55", "57", "58"})
"""The connection, the login, the database's name, a race, what is full, what is locked, an operator, the system."""
PASSING_STATES = frozenset({"25006", "42501"})
"""Only reading is allowed, or a right was taken away: no message is to blame."""
KEPT_OUT = frozenset({"28", "3D", "42"})
BROKEN_FILE = frozenset({sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT})


@contextmanager
def translated() -> Iterator[None]:
    """Driver errors become kinds of failure, here and nowhere else: Transient what time or an operator may heal, Conflict a broken
    constraint. What is left is a mistake of ours."""
    try:
        yield
    except INTEGRITY as error:
        raise Conflict(f"database: {_first_line(error)}") from error
    except FOREIGN as error:
        if _passing(error):
            raise Transient(f"database: {_first_line(error)}") from error
        if getattr(_inner(error), "sqlite_errorcode", None) in BROKEN_FILE:
            raise Misconfigured(f"ORDERLANE_DATABASE_URL: {_first_line(error)}") from error
        raise


def keeps_us_out(engine: Engine, failure: Transient) -> bool:
    """Whether the database of a failure is there and does not let us in, or its host has no address: a mistake of a person and
    no outage, where nothing has worked before."""
    if engine.dialect.name != "postgresql" or failure.__cause__ is None:
        return False
    state = _state(failure.__cause__)
    if state:
        return state[:2] in KEPT_OUT
    # libpq tells no SQLSTATE of a failed login and its text comes in the server's language. Whether the server answers anybody
    # who asks for no login tells a refusal from an outage.
    url = engine.url.set(drivername="postgresql").update_query_dict({"connect_timeout": "5"})
    return pq.PGconn.ping(url.render_as_string(hide_password=False).encode()) == pq.Ping.OK or _nowhere(engine.url.host)


def _nowhere(host: str | None) -> bool:
    try:
        return bool(host) and not socket.getaddrinfo(host, None)
    except OSError:
        return True


def _passing(error: Exception) -> bool:
    state = _state(error)
    return state in PASSING_STATES or state[:2] in PASSING_CLASSES if state else isinstance(error, PASSING)


def _state(error: BaseException) -> str | None:
    found: str | None = getattr(_inner(error), "sqlstate", None)
    return found


def _inner(error: BaseException) -> BaseException:
    """The driver's own error, where SQLAlchemy stands between."""
    return getattr(error, "orig", None) or error


def _first_line(error: Exception) -> str:
    return str(_inner(error)).strip().split("\n", 1)[0]
