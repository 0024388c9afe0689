"""PostgreSQL compares text byte by byte and keeps JSON as text, as SQLite does; JSON that is packed is packed with lz4.

Text in the order of a language takes several times as long to compare, and PostgreSQL's own type for JSON reads each document again
to see that it is JSON. Every table is locked while its indexes are made anew, one with JSON while it is written anew: some
minutes for a million orders, and as much room on the disk as the largest table takes.
"""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

JSON: Mapping[str, tuple[str, ...]] = {
    "raw_messages": ("headers", "message_ids", "problems"), "messages": ("channels", "body"),
    "orders": ("placed", "effective", "facts"), "order_decisions": ("decisions",), "stock_orders": ("demand", "early"),
    "shipments": ("order_nos", "facts"), "invoices": ("document",), "payments": ("document",), "payment_returns": ("document",),
    "stock_cases": ("document",), "stock_recalls": ("document",), "master_records": ("body",),
}  # fmt: skip
PLAIN = (
    "outbox", "receipts", "parked", "retries", "dead_letters", "leases", "watermarks", "poll_watermarks", "deliveries", "attempts",
    "circuits", "used_tokens", "cross_references", "credit_accounts", "credit_deposits", "tracking_numbers", "stock", "stock_lots",
    "stock_holds", "stock_moves", "stock_lines", "stock_entries", "stock_receipts", "allocations", "payment_refs",
    "payment_orders", "payment_matches", "payers", "write_offs", "audit",
)  # fmt: skip
"""Tables with text and without JSON."""
PROSE = frozenset({("dead_letters", "reason")})
"""Searched without regard to upper and lower case, which takes a language."""
PACKED_BEFORE = frozenset({("messages", "body"), ("orders", "placed"), ("orders", "facts")})
LZ4 = "SELECT 'lz4' = ANY (enumvals) FROM pg_settings WHERE name = 'default_toast_compression'"
COLUMNS = """SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = :table
 AND data_type = 'text' ORDER BY ordinal_position"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in (*PLAIN, *JSON):
            jsons = JSON.get(table, ())
            texts = [f'ALTER {column} TYPE text COLLATE "C"' for column in _texts(table)]
            _alter(table, [*texts, *(f"ALTER {column} TYPE text" for column in jsons)], packed=jsons)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in (*PLAIN, *JSON):
            jsons = JSON.get(table, ())
            texts = [f"ALTER {column} TYPE text" for column in _texts(table) if column not in jsons]
            changes = [*texts, *(f"ALTER {column} TYPE json USING CAST({column} AS json)" for column in jsons)]
            _alter(table, changes, packed=[column for column in jsons if (table, column) in PACKED_BEFORE])


def _alter(table: str, changes: Sequence[str], *, packed: Sequence[str]) -> None:
    """All changes at once: a table is written anew once. packed: with lz4, where the server knows it."""
    known = op.get_bind().execute(sa.text(LZ4)).scalar()
    lz4 = [f"ALTER {column} SET COMPRESSION lz4" for column in packed if known]
    op.execute(f"ALTER TABLE {table} {', '.join([*changes, *lz4])}")


def _texts(table: str) -> list[str]:
    """The columns of text that are compared."""
    columns = op.get_bind().execute(sa.text(COLUMNS), {"table": table}).scalars()
    return [column for column in columns if (table, column) not in PROSE]
