"""Bringing a database to this version's tables, with Alembic."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from canonical.failures import Misconfigured
from store.database import Database

MIGRATIONS = Path(__file__).parent / "migrations"
LOCK = 7_312_904_417  # any number, the same in every process: one migrates, the others wait


def migrate(database: Database) -> str:
    """Run what is missing; the version the database has then. Safe to run from several processes at once."""
    with database.connection() as connection:
        if database.dialect == "postgresql":
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")  # a large table may be written anew
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        return _version(connection) or ""


def check_version(database: Database) -> None:
    """Misconfigured unless the database has this version's tables."""
    with database.connection() as connection:
        found = _version(connection)
    wanted = ScriptDirectory.from_config(_config()).get_current_head()
    if found != wanted:
        raise Misconfigured(f"the database is at version {found or 'none'}, this program needs {wanted}: run `orderlane migrate`")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def _version(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
