"""Room on the pages of tables whose rows change again soon: the new version of a row stays on its page, and no index is touched."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

PACKED = {"orders": 60, "stock": 50}
"""How full a page is packed with new rows, in percent."""


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table, percent in PACKED.items():
            op.execute(f"ALTER TABLE {table} SET (fillfactor = {percent})")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in PACKED:
            op.execute(f"ALTER TABLE {table} RESET (fillfactor)")
