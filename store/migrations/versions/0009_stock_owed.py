"""What left a place beyond what was there is owed to it, until the news that explain it come or it is counted."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("stock", "stock_lots"):
        op.add_column(table, sa.Column("owed", sa.BigInteger, nullable=False, server_default="0"))


def downgrade() -> None:
    for table in ("stock", "stock_lots"):
        op.drop_column(table, "owed")
