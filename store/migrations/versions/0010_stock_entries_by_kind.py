"""The lot ledger is looked up by kind as well: of most lots nobody ever reports a sale."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("stock_entries_by_lot", "stock_entries")
    op.create_index("stock_entries_by_lot", "stock_entries", ["item", "lot", "serial", "kind"])


def downgrade() -> None:
    op.drop_index("stock_entries_by_lot", "stock_entries")
    op.create_index("stock_entries_by_lot", "stock_entries", ["item", "lot"])
