"""First tables. What each column holds stands in `store/tables.py`."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

JSON = sa.Text().with_variant(postgresql.JSON(), "postgresql")
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = (
    "raw_messages", "messages", "outbox", "receipts", "parked", "retries", "dead_letters", "leases", "watermarks",
    "deliveries", "attempts", "circuits", "orders", "shipments", "tracking_numbers", "stock", "stock_moves",
    "stock_orders", "stock_lines", "invoices", "payments", "payment_refs", "allocations",
)  # fmt: skip
LARGE = (("raw_messages", "body"), ("messages", "body"), ("orders", "placed"), ("orders", "facts"))
"""Columns whose values are packed by the server: lz4 costs a fraction of the default's time."""
BUSY = "autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0"
"""Of the outbox: each row lives for milliseconds, so what is dead has to go at once, however large the table was."""


def upgrade() -> None:
    _create()
    if op.get_bind().dialect.name == "postgresql":
        _tune()


def downgrade() -> None:
    for name in reversed(TABLES):
        op.drop_table(name)


def _tune() -> None:
    known = sa.text("SELECT enumvals FROM pg_settings WHERE name = 'default_toast_compression'")
    if "lz4" in (op.get_bind().execute(known).scalar() or ()):
        for table, column in LARGE:
            op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET COMPRESSION lz4")
    op.execute(f"ALTER TABLE outbox SET ({BUSY})")


def _where(condition: str) -> dict[str, Any]:
    """Options of an index over some rows only."""
    return {"postgresql_where": sa.text(condition), "sqlite_where": sa.text(condition)}


def _create() -> None:
    op.create_table(
        "raw_messages",
        sa.Column("raw_id", sa.Text, primary_key=True),
        sa.Column("endpoint", sa.Text, nullable=False),
        sa.Column("dedupe_key", sa.Text, nullable=False),
        sa.Column("document", sa.Text),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("headers", JSON, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("message_ids", JSON, nullable=False),
        sa.Column("problems", JSON, nullable=False),
        sa.Column("translate_at", sa.BigInteger, nullable=False, server_default="0"),
    )
    op.create_index("raw_messages_once", "raw_messages", ["endpoint", "dedupe_key"], unique=True)
    op.create_index("raw_messages_untranslated", "raw_messages", ["translate_at"], **_where("status = 'untranslated'"))
    op.create_table(
        "messages",
        sa.Column("message_id", sa.Text, primary_key=True),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("partition_key", sa.Text, nullable=False),
        sa.Column("identity", sa.Text, nullable=False),
        sa.Column("occurred_at", sa.BigInteger, nullable=False),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
        sa.Column("correlation_id", sa.Text, nullable=False),
        sa.Column("causation_id", sa.Text),
        sa.Column("raw_id", sa.Text),
        sa.Column("schema_version", sa.Text, nullable=False),
        sa.Column("traceparent", sa.Text),
        sa.Column("content_sha256", sa.Text, nullable=False),
        sa.Column("channels", JSON, nullable=False),
        sa.Column("body", JSON, nullable=False),
    )
    op.create_index("messages_by_story", "messages", ["correlation_id"])
    op.create_index("messages_by_subject", "messages", ["subject"])
    op.create_index("messages_once", "messages", ["type", "identity"], unique=True)
    op.create_table(
        "outbox",
        sa.Column("outbox_id", SERIAL, sa.Identity(), primary_key=True),
        sa.Column("message_id", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("partition", sa.Integer, nullable=False),
        sa.Column("redriven", sa.Integer, nullable=False, server_default="0"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "receipts",
        sa.Column("receipt_id", SERIAL, sa.Identity(), primary_key=True),
        sa.Column("message_id", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("handled_at", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("receipts_once", "receipts", ["message_id", "channel"], unique=True)
    op.create_table(
        "parked",
        sa.Column("message_id", sa.Text, primary_key=True),
        sa.Column("channel", sa.Text, primary_key=True),
        sa.Column("waits_for", sa.Text, nullable=False),
        sa.Column("parked_at", sa.BigInteger, nullable=False),
        sa.Column("recheck_at", sa.BigInteger, nullable=False),
        sa.Column("rechecks", sa.Integer, nullable=False, server_default="0"),
        sa.Column("alarm_at", sa.BigInteger, nullable=False),
    )
    op.create_index("parked_by_time", "parked", ["recheck_at"])
    op.create_index("parked_by_wait", "parked", ["waits_for"])
    op.create_table(
        "retries",
        sa.Column("retry_id", SERIAL, sa.Identity(), primary_key=True),
        sa.Column("message_id", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("partition_key", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_at", sa.BigInteger),
        sa.Column("last_error", sa.Text),
        sqlite_autoincrement=True,
    )
    op.create_index("retries_by_key", "retries", ["channel", "partition_key"])
    op.create_index("retries_once", "retries", ["message_id", "channel"], unique=True)
    op.create_table(
        "dead_letters",
        sa.Column("message_id", sa.Text, primary_key=True),
        sa.Column("channel", sa.Text, primary_key=True),
        sa.Column("died_at", sa.BigInteger, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("decided_by", sa.Text),
        sa.Column("decided_at", sa.BigInteger),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("token", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "watermarks",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.create_table(
        "deliveries",
        sa.Column("delivery_id", sa.Text, primary_key=True),
        sa.Column("message_id", sa.Text, nullable=False),
        sa.Column("endpoint", sa.Text, nullable=False),
        sa.Column("partition_key", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("next_at", sa.BigInteger, nullable=False),
        sa.Column("outcome", sa.Text),
        sa.Column("partner_id", sa.Text),
    )
    op.create_index("deliveries_due", "deliveries", ["next_at"], **_where("status IN ('pending', 'queued')"))
    op.create_index("deliveries_once", "deliveries", ["message_id", "endpoint"], unique=True)
    op.create_index(
        "deliveries_open", "deliveries", ["endpoint", "partition_key", "delivery_id"], **_where("status IN ('pending', 'queued')")
    )
    op.create_table(
        "attempts",
        sa.Column("delivery_id", sa.Text, primary_key=True),
        sa.Column("attempt", sa.Integer, primary_key=True),
        sa.Column("began_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("outcome", sa.Text),
        sa.Column("detail", sa.Text),
        sa.Column("answer", sa.LargeBinary),
    )
    op.create_table(
        "circuits",
        sa.Column("endpoint", sa.Text, primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("open_until", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "orders",
        sa.Column("order_no", sa.Text, primary_key=True),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("source_order_id", sa.Text),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("fulfilment", sa.Text, nullable=False),
        sa.Column("billing", sa.Text, nullable=False),
        sa.Column("payment", sa.Text, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("payable", sa.BigInteger),
        sa.Column("placed_at", sa.BigInteger, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.Column("placed", JSON, nullable=False),
        sa.Column("facts", JSON, nullable=False),
    )
    op.create_index("orders_by_source", "orders", ["source_order_id"])
    op.create_index("orders_by_time", "orders", ["placed_at", "order_no"])
    op.create_table(
        "shipments",
        sa.Column("shipment_no", sa.Text, primary_key=True),
        sa.Column("order_nos", JSON, nullable=False),
        sa.Column("carrier", sa.Text),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("dispatched_at", sa.BigInteger),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sa.Column("facts", JSON, nullable=False),
    )
    op.create_table(
        "tracking_numbers",
        sa.Column("tracking_no", sa.Text, primary_key=True),
        sa.Column("shipment_no", sa.Text, primary_key=True),
    )
    op.create_table(
        "stock",
        sa.Column("item", sa.Text, primary_key=True),
        sa.Column("location", sa.Text, primary_key=True),
        sa.Column("on_hand", sa.BigInteger, nullable=False),
        sa.Column("reserved", sa.BigInteger, nullable=False),
        sa.Column("as_of", sa.BigInteger, nullable=False),
        sa.CheckConstraint("reserved >= 0 AND reserved <= on_hand", name="stock_never_below_zero"),
    )
    op.create_table(
        "stock_moves",
        sa.Column("move_id", sa.Text, primary_key=True),
        sa.Column("item", sa.Text, nullable=False),
        sa.Column("location", sa.Text, nullable=False),
        sa.Column("moved_at", sa.BigInteger, nullable=False),
        sa.Column("qty", sa.BigInteger, nullable=False),
    )
    op.create_index("stock_moves_since", "stock_moves", ["item", "location", "moved_at"])
    op.create_table(
        "stock_orders",
        sa.Column("order_no", sa.Text, primary_key=True),
        sa.Column("demand", JSON),
        sa.Column("confirmed_at", sa.BigInteger),
        sa.Column("told", sa.Integer, nullable=False),
        sa.Column("shipments", sa.Integer, nullable=False),
    )
    op.create_table(
        "stock_lines",
        sa.Column("order_no", sa.Text, primary_key=True),
        sa.Column("line_no", sa.Text, primary_key=True),
        sa.Column("item", sa.Text, nullable=False),
        sa.Column("location", sa.Text, nullable=False),
        sa.Column("demanded", sa.BigInteger, nullable=False),
        sa.Column("cancelled", sa.BigInteger, nullable=False),
        sa.Column("shipped", sa.BigInteger, nullable=False),
        sa.Column("reserved", sa.BigInteger, nullable=False),
        sa.Column("backordered", sa.BigInteger, nullable=False),
        sa.Column("reserved_at", sa.BigInteger),
        sa.CheckConstraint("reserved >= 0 AND backordered >= 0", name="stock_lines_not_negative"),
    )
    op.create_index("stock_lines_holding", "stock_lines", ["item", "location"], **_where("reserved > 0"))
    op.create_index("stock_lines_waiting", "stock_lines", ["item", "order_no"], **_where("backordered > 0"))
    op.create_table(
        "invoices",
        sa.Column("invoice_no", sa.Text, primary_key=True),
        sa.Column("order_no", sa.Text, nullable=False),
        sa.Column("shipment_no", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("gross", sa.BigInteger, nullable=False),
        sa.Column("allocated", sa.BigInteger, nullable=False),
        sa.Column("issued_on", sa.Text, nullable=False),
        sa.Column("due_on", sa.Text, nullable=False),
        sa.Column("document", JSON, nullable=False),
        sa.CheckConstraint("allocated >= 0 AND allocated <= gross", name="invoices_not_overpaid"),
    )
    op.create_index("invoices_by_order", "invoices", ["order_no"])
    op.create_index("invoices_once", "invoices", ["shipment_no", "order_no"], unique=True)
    op.create_table(
        "payments",
        sa.Column("payment_ref", sa.Text, primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("allocated", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("value_date", sa.Text, nullable=False),
        sa.Column("document", JSON, nullable=False),
        sa.CheckConstraint("allocated >= 0 AND allocated <= amount", name="payments_not_overspent"),
    )
    op.create_table(
        "payment_refs",
        sa.Column("reference", sa.Text, primary_key=True),
        sa.Column("payment_ref", sa.Text, primary_key=True),
    )
    op.create_index("payment_refs_by_payment", "payment_refs", ["payment_ref"])
    op.create_table(
        "allocations",
        sa.Column("payment_ref", sa.Text, primary_key=True),
        sa.Column("invoice_no", sa.Text, primary_key=True),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("allocated_at", sa.BigInteger, nullable=False),
    )
    op.create_index("allocations_by_invoice", "allocations", ["invoice_no"])
