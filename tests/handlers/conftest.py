"""All handlers around one database, on SQLite and on PostgreSQL."""

import pytest

from store.database import Database
from tests.handlers.pump import Pump


@pytest.fixture
def pump(database: Database) -> Pump:
    return Pump(database)
