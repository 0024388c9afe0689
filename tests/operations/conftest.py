"""A small hub on SQLite and on PostgreSQL."""

from collections.abc import Iterator

import pytest

from store.database import open_database
from tests.operations.small_hub import SmallHub


@pytest.fixture
def hub(database_url: str) -> Iterator[SmallHub]:
    database = open_database(database_url, pool_size=4)
    yield SmallHub(database)
    database.close()
