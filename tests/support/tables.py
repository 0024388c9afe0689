"""A database with this version's tables: on SQLite a copy of a file that was migrated once, a tenth of the work."""

import tempfile
from functools import cache
from pathlib import Path

from store.database import Database, open_database
from store.migrating import migrate


def with_tables(database: Database) -> None:
    """Give a new database its tables."""
    file = Path(database.engine.url.database or "")
    if database.dialect == "sqlite" and not file.exists():
        file.write_bytes(_migrated())
    else:
        migrate(database)


@cache
def _migrated() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "migrated.db")
        database = open_database(f"sqlite:///{file}")
        migrate(database)
        database.close()
        return file.read_bytes()
