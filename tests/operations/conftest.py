"""A small hub on SQLite and on PostgreSQL."""

import pytest

from store.database import Database
from tests.operations.small_hub import SmallHub


@pytest.fixture
def hub(database: Database, time_stands_still: None) -> SmallHub:
    return SmallHub(database)
