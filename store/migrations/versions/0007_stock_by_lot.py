"""Stock by lot: bins, holds, the lot ledger, recalls, goods on their way to us, cases; soft reservations."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

JSON = sa.Text().with_variant(postgresql.JSON(), "postgresql")


def _text(name: str, default: str = "") -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default=default)


COLUMNS: dict[str, list[sa.Column[Any]]] = {
    "stock": [_text("holder"), sa.Column("detailed", sa.Integer, nullable=False, server_default="0")],
    "stock_moves": [_text("lot"), _text("serial"), _text("status", "released")],
    "stock_orders": [sa.Column("soft_until", sa.BigInteger), sa.Column("early", JSON)],
    "stock_lines": [
        sa.Column("lotted", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("soft", sa.Integer, nullable=False, server_default="0"),
        _text("shipped_from"),
    ],
}
ENTRY = (
    "item", "lot", "serial", "kind", "location", "status", "party", "to_party", "region", "order_no", "line_no", "document",
    "message_id",
)  # fmt: skip


def upgrade() -> None:
    for table, columns in COLUMNS.items():
        for column in columns:
            op.add_column(table, column)
    _partly("stock_orders_soft", "stock_orders", ["soft_until"], "soft_until IS NOT NULL")
    _partly("stock_lines_soft", "stock_lines", ["item", "soft"], "soft > 0 AND reserved > 0")
    _bins()
    _ledger()
    _others()


def _partly(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, postgresql_where=sa.text(where), sqlite_where=sa.text(where))


def _bins() -> None:
    op.create_table(
        "stock_lots",
        *(sa.Column(name, sa.Text, primary_key=True) for name in ("item", "location", "lot", "serial", "status")),
        sa.Column("expiry", sa.Text),
        sa.Column("mfg_date", sa.Text),
        sa.Column("on_hand", sa.BigInteger, nullable=False),
        sa.Column("reserved", sa.BigInteger, nullable=False),
        sa.CheckConstraint("reserved >= 0 AND reserved <= on_hand", name="stock_lots_never_below_zero"),
    )
    op.create_table(
        "stock_holds",
        *(sa.Column(name, sa.Text, primary_key=True) for name in ("order_no", "line_no", "lot", "serial")),
        sa.Column("qty", sa.BigInteger, nullable=False),
        sa.CheckConstraint("qty > 0", name="stock_holds_above_zero"),
    )


def _ledger() -> None:
    op.create_table(
        "stock_entries",
        sa.Column("entry_id", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ENTRY),
        sa.Column("qty", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("expiry", sa.Text),
        sa.Column("mfg_date", sa.Text),
        sa.Column("stated", sa.Integer, nullable=False),
    )
    op.create_index("stock_entries_by_lot", "stock_entries", ["item", "lot"])
    op.create_index("stock_entries_by_serial", "stock_entries", ["item", "serial"])
    op.create_index("stock_entries_by_order", "stock_entries", ["order_no"])


def _others() -> None:
    op.create_table(
        "stock_recalls",
        sa.Column("recall_no", sa.Text, primary_key=True),
        sa.Column("item", sa.Text, nullable=False),
        sa.Column("as_of", sa.BigInteger, nullable=False),
        sa.Column("document", JSON, nullable=False),
    )
    op.create_index("stock_recalls_by_item", "stock_recalls", ["item"])
    op.create_table(
        "stock_receipts",
        sa.Column("receipt_id", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("shipment_no", "item", "location", "lot")),
        sa.Column("expiry", sa.Text),
        sa.Column("qty", sa.BigInteger, nullable=False),
        sa.Column("due_on", sa.Text, nullable=False),
        sa.Column("arrived_at", sa.BigInteger),
    )
    op.create_index("stock_receipts_by_item", "stock_receipts", ["item", "due_on"])
    op.create_index("stock_receipts_by_shipment", "stock_receipts", ["shipment_no"])
    op.create_table(
        "stock_cases",
        sa.Column("case_no", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("code", "item", "lot", "serial")),
        sa.Column("opened_at", sa.BigInteger, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("document", JSON, nullable=False),
    )
    op.create_index("stock_cases_by_item", "stock_cases", ["item"])


def downgrade() -> None:
    for table in ("stock_cases", "stock_receipts", "stock_recalls", "stock_entries", "stock_holds", "stock_lots"):
        op.drop_table(table)
    op.drop_index("stock_lines_soft", "stock_lines")
    op.drop_index("stock_orders_soft", "stock_orders")
    for table, columns in COLUMNS.items():
        for column in columns:
            op.drop_column(table, column.name)
