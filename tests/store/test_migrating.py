"""Migrations: a migrated database has exactly the tables the program works with, on both kinds of database."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect

from canonical.envelope import first_message
from canonical.failures import Misconfigured
from store import orders, stock
from store.archive import Routed, record_messages
from store.auditing import audit
from store.database import Database, open_database
from store.migrating import MIGRATIONS, _config, check_version, migrate
from store.tables import Json, Text, metadata
from tests.canonical.test_writing import canonical_documents

NEWEST = max(file.name[:4] for file in (MIGRATIONS / "versions").glob("*.py"))


@pytest.fixture
def database(empty_url: str) -> Iterator[Database]:
    database = open_database(empty_url)
    yield database
    database.close()


def constraints(database: Database) -> dict[str, set[str]]:
    """The check constraints of each table, by name."""
    with database.connection() as connection:
        inspector = inspect(connection)
        return {name: {str(c["name"]) for c in inspector.get_check_constraints(name)} for name in metadata.tables}


def to(database: Database, way: Callable[[Config, str], None], revision: str) -> None:
    """Bring the tables of another version."""
    with database.connection() as connection:
        config = _config()
        config.attributes["connection"] = connection
        way(config, revision)


def test_migrated_tables_are_the_tables_of_the_program(database: Database) -> None:
    assert audit.metadata is metadata
    assert migrate(database) == NEWEST
    with database.connection() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": database.dialect == "postgresql"})
        assert compare_metadata(context, metadata) == []


def test_check_constraints_are_there_too(database: Database) -> None:
    """Alembic does not compare these."""
    migrate(database)
    wanted = {
        name: {str(c.name) for c in table.constraints if "CheckConstraint" in repr(c)} for name, table in metadata.tables.items()
    }
    assert constraints(database) == wanted


def test_a_database_that_is_up_to_date_is_left_alone(database: Database) -> None:
    with pytest.raises(Misconfigured, match="run `orderlane migrate`"):
        check_version(database)
    assert [migrate(database), migrate(database)] == [NEWEST, NEWEST]
    check_version(database)


def test_several_processes_may_migrate_at_once(database: Database) -> None:
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(lambda _: migrate(database), range(3))) == [NEWEST] * 3


def test_every_migration_can_be_taken_back(database: Database) -> None:
    migrate(database)
    to(database, command.downgrade, "base")
    with database.connection() as connection:
        assert set(inspect(connection).get_table_names()) - {"sqlite_sequence"} == {"alembic_version"}
    assert migrate(database) == NEWEST


def test_ids_are_never_used_again(database: Database) -> None:
    """What counts on it: "everything up to this id is dealt with"."""
    migrate(database)
    insert = "INSERT INTO outbox (message_id, channel, partition) VALUES ('m', 'order', 0)"
    for _ in range(2):
        with database.transaction() as tx:
            tx.run(insert)
            tx.run("DELETE FROM outbox")
    with database.transaction() as tx:
        tx.run(insert)
        assert tx.rows("SELECT outbox_id FROM outbox")[0].outbox_id == 3


def test_the_audit_cannot_be_changed(database: Database) -> None:
    migrate(database)
    with database.transaction() as tx:
        tx.run("INSERT INTO audit (at, actor, action, target, reason) VALUES (1, 'a', 'b', 'c', 'd')")
    for change in ("UPDATE audit SET actor = 'x'", "DELETE FROM audit"):
        with pytest.raises(Exception, match="the audit is never changed"), database.transaction() as tx:
            tx.run(change)


def test_postgresql_leaves_room_for_updates_where_rows_change_soon(postgres_url: str) -> None:
    database = open_database(postgres_url)
    migrate(database)
    with database.reading() as tx:
        rows = tx.rows("SELECT relname, reloptions FROM pg_class WHERE relname IN ('orders', 'stock') ORDER BY relname")
    database.close()
    assert [(row.relname, row.reloptions) for row in rows] == [
        ("orders", ["toast_tuple_target=4080", "fillfactor=30"]),
        ("stock", ["fillfactor=50"]),
    ]


def test_postgresql_compares_text_byte_by_byte(postgres_url: str) -> None:
    database = open_database(postgres_url)
    migrate(database)
    with database.reading() as tx:
        found = tx.rows(
            "SELECT table_name || '.' || column_name AS name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND collation_name = 'C'"
        )
    database.close()
    assert {row.name for row in found} == {
        f"{t.name}.{c.name}" for t in metadata.tables.values() for c in t.columns if c.type is Text
    }


def test_what_a_database_holds_is_the_same_after_every_way_of_keeping_text(database: Database) -> None:
    body = '{"of": "Größe", "n": 1.00}'
    migrate(database)
    with database.transaction() as tx:
        tx.run(
            "INSERT INTO shipments (shipment_no, order_nos, state, changed_at, facts) VALUES ('S1', '[\"SO-1\"]', 'x', 1, :body)",
            body=body,
        )
    for way, revision in ((command.downgrade, "0017"), (command.upgrade, "head")):
        to(database, way, revision)
    with database.reading() as tx:
        (row,) = tx.rows("SELECT * FROM shipments")
    assert (row.shipment_no, row.order_nos, row.facts) == ("S1", '["SO-1"]', body)


def test_postgresql_packs_bodies_with_lz4_and_clears_the_outbox_early(postgres_url: str) -> None:
    database = open_database(postgres_url)
    migrate(database)
    with database.reading() as tx:
        known = tx.rows("SELECT enumvals FROM pg_settings WHERE name = 'default_toast_compression'")[0].enumvals
        packed: dict[str, Any] = {
            f"{row.relname}.{row.attname}": row.attcompression
            for row in tx.rows(
                "SELECT c.relname, a.attname, a.attcompression FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
                " WHERE c.relkind = 'r' AND a.attcompression <> '' AND NOT a.attisdropped"
            )
        }
        (outbox,) = tx.rows("SELECT reloptions FROM pg_class WHERE relname = 'outbox'")
    database.close()
    json = {f"{t.name}.{c.name}" for t in metadata.tables.values() for c in t.columns if c.type is Json}
    assert packed == dict.fromkeys({"raw_messages.body", *json} if "lz4" in known else (), "l")
    assert sorted(outbox.reloptions) == [
        "autovacuum_vacuum_cost_delay=0", "autovacuum_vacuum_scale_factor=0", "autovacuum_vacuum_threshold=2000",
    ]  # fmt: skip


def test_an_order_names_the_message_with_its_document_or_keeps_what_no_message_says(database: Database) -> None:
    to(database, command.upgrade, "0019")
    with database.transaction() as tx:
        for message_id, subject, body in (("M-1", "SO-1", "{}"), ("M-2", "SO-1", '{"revision":1}'), ("M-3", "SO-2", "{}")):
            tx.run(
                "INSERT INTO messages (message_id, type, source, subject, partition_key, identity, occurred_at, recorded_at,"
                " correlation_id, schema_version, content_sha256, channels, body)"
                " VALUES (:id, 'order.placed', 's', :subject, :subject, :id, 0, 0, :id, '1', '', '[]', :body)",
                id=message_id,
                subject=subject,
                body=body,
            )
        for order_no, placed in (("SO-1", '{"revision":1}'), ("SO-2", '{"by":"hand"}'), ("SO-3", "{}")):
            tx.run(
                "INSERT INTO orders (order_no, origin, state, fulfilment, billing, payment, currency, placed_at, changed_at,"
                " placed, facts) VALUES (:no, 's', 'confirmed', 'none', 'none', 'unpaid', 'EUR', 0, 0, :placed, '{}')",
                no=order_no,
                placed=placed,
            )
    migrate(database)
    with database.reading() as tx:
        kept = {
            row.order_no: (row.placed_in, row.effective) for row in tx.rows("SELECT order_no, placed_in, effective FROM orders")
        }
        documents = {row.order_no: row.document for row in orders.read(tx, kept)}
    assert kept == {"SO-1": ("M-2", None), "SO-2": ("M-3", '{"by":"hand"}'), "SO-3": ("", "{}")}
    assert documents == {"SO-1": '{"revision":1}', "SO-2": '{"by":"hand"}', "SO-3": "{}"}


def test_stock_names_the_message_that_states_a_demand_or_keeps_what_no_message_says(database: Database) -> None:
    to(database, command.upgrade, "0020")
    with database.transaction() as tx:
        for message_id, subject, kind, body in (
            ("M-1", "SO-1", "order.held", '{"is":"held"}'),
            ("M-2", "SO-1", "order.confirmed", '{"is":"sure"}'),
            ("M-3", "SO-2", "order.confirmed", '{"is":"sure"}'),
        ):
            tx.run(
                "INSERT INTO messages (message_id, type, source, subject, partition_key, identity, occurred_at, recorded_at,"
                " correlation_id, schema_version, content_sha256, channels, body)"
                " VALUES (:id, :kind, 's', :subject, :subject, :id, 0, 0, :id, '1', '', '[]', :body)",
                id=message_id,
                kind=kind,
                subject=subject,
                body=body,
            )
        for order_no, demand in (("SO-1", '{"is":"sure"}'), ("SO-2", '{"is": "sure"}'), ("SO-3", None)):
            tx.run(
                "INSERT INTO stock_orders (order_no, demand, told, shipments) VALUES (:no, :demand, 0, 0)",
                no=order_no,
                demand=demand,
            )
    migrate(database)
    with database.reading() as tx:
        kept = {row.order_no: (row.stated_in, row.demand) for row in tx.rows("SELECT * FROM stock_orders")}
        demands = {one.order_no: one.demand for one in stock.orders(tx, kept)}
    assert kept == {"SO-1": ("M-2", None), "SO-2": (None, '{"is": "sure"}'), "SO-3": (None, None)}
    assert demands == {"SO-1": '{"is":"sure"}', "SO-2": '{"is": "sure"}', "SO-3": None}


def test_copies_of_what_messages_say_come_back_with_an_earlier_version(database: Database) -> None:
    migrate(database)
    document = next(one for one in canonical_documents() if one.message_type == "shipment.tracking" and one.extensions)
    message = first_message(document, source="s", raw_id=None, now=datetime.now(UTC))
    with database.transaction() as tx:
        record_messages(tx, [Routed(message)])
        stock.insert_orders(tx, [("SO-1", message.message_id, None, 0, 0, None, None), ("SO-2", None, None, 0, 0, None, None)])
    to(database, command.downgrade, "0020")
    with database.reading() as tx:
        assert [row.content_sha256 for row in tx.rows("SELECT content_sha256 FROM messages")] == [message.content_sha256]
        demands = [row.demand for row in tx.rows("SELECT demand FROM stock_orders ORDER BY order_no")]
    assert demands == [message.body.decode(), None]
