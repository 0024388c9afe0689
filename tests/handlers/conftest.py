"""A database with the tables, empty; on SQLite and on PostgreSQL."""

from collections.abc import Iterator

import pytest

from store.database import Database, open_database
from store.tables import metadata
from tests.handlers.pump import Pump


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = open_database(database_url, pool_size=8)
    metadata.create_all(database.engine)
    yield database
    database.close()


@pytest.fixture
def pump(database: Database) -> Pump:
    return Pump(database)
