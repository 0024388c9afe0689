"""Fixtures that give a test its database and its broker, the same way on both kinds of machinery.

A test that asks for `mode`, `database`, `database_url`, `empty_url` or `broker_url` runs twice: embedded (SQLite in a file,
broker in memory) and on services (PostgreSQL, RabbitMQ). `postgres_url` and `rabbit_url` are for what only services have. The
tables are made once; each test gets a copy of that database. Whatever needs services is marked so, and `pytest -m "not
services"` leaves it out. Servers come from ORDERLANE_DATABASE_URL and ORDERLANE_BROKER_URL (`make test` sets both) or are
started when the first test needs them.
"""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from psycopg import sql

from store.database import Database, open_database
from tests.support.tables import file_with_tables, make_tables
from tools.services import pair

SERVICE_FIXTURES = {"services", "template", "copied_url", "postgres_url", "rabbit_url"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs services, before `-m` picks."""
    for item in items:
        mode = getattr(item, "callspec", None) and item.callspec.params.get("mode")
        asked = set(getattr(item, "fixturenames", ()))
        if mode == "services" or (mode is None and asked & SERVICE_FIXTURES):
            item.add_marker("services")


@pytest.fixture(scope="session")
def services() -> Iterator[dict[str, str]]:
    """Both URLs, by the names of their environment variables."""
    with pair.running(os.environ) as urls:
        yield urls


@pytest.fixture(params=["embedded", "services"])
def mode(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def namespace() -> str:
    """A prefix of exchange and queue names that no other test uses."""
    return f"test-{uuid.uuid4().hex[:10]}"


@contextmanager
def new_database(server: str, *, template: str = "template0") -> Iterator[str]:
    """The URL of a new PostgreSQL database on a server, dropped afterwards; empty, or a copy of another one."""
    name = f"test_{uuid.uuid4().hex[:10]}"
    _run(server, sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
    try:
        yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    finally:
        _run(server, sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def template(services: dict[str, str]) -> Iterator[str]:
    """The name of a PostgreSQL database with this version's tables, to be copied."""
    with new_database(services[pair.DATABASE_URL]) as url:
        make_tables(url)
        yield urlsplit(url).path.removeprefix("/")


@pytest.fixture
def copied_url(services: dict[str, str], template: str) -> Iterator[str]:
    """A new PostgreSQL database with this version's tables, dropped after the test."""
    with new_database(services[pair.DATABASE_URL], template=template) as url:
        yield url


@pytest.fixture
def postgres_url(services: dict[str, str]) -> Iterator[str]:
    """A new, empty PostgreSQL database, dropped after the test."""
    with new_database(services[pair.DATABASE_URL]) as url:
        yield url


@pytest.fixture
def rabbit_url(services: dict[str, str]) -> str:
    """The RabbitMQ that all tests share; each keeps to the names its `namespace` begins."""
    return services[pair.BROKER_URL]


@pytest.fixture
def empty_url(mode: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """A new database without tables: a SQLite file or a PostgreSQL database."""
    if mode == "embedded":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    return request.getfixturevalue("postgres_url")


@pytest.fixture
def database_url(mode: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """A new database with this version's tables, empty."""
    if mode == "embedded":
        return file_with_tables(tmp_path / "orderlane.db")
    return request.getfixturevalue("copied_url")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A new database with this version's tables, empty, opened."""
    database = open_database(database_url, pool_size=8)
    yield database
    database.close()


@pytest.fixture
def broker_url(mode: str, request: pytest.FixtureRequest) -> str | None:
    """None, which stands for queues in memory as in the settings, or RabbitMQ; use it with `namespace`."""
    return None if mode == "embedded" else request.getfixturevalue("rabbit_url")


def _run(server: str, statement: sql.Composed) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)
