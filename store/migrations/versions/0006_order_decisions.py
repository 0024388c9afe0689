"""The document in force, the customer and the credit an order uses; what was decided about it and why."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

JSON = sa.Text().with_variant(postgresql.JSON(), "postgresql")
COLUMNS = (
    sa.Column("effective", JSON),
    sa.Column("revision", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("customer_no", sa.Text),
    sa.Column("credit_account", sa.Text),
    sa.Column("credit_share", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("credit_due", sa.Text),
)
OF_AN_ACCOUNT = sa.text("credit_account IS NOT NULL")


def upgrade() -> None:
    for column in COLUMNS:
        op.add_column("orders", column)
    op.create_index(
        "orders_by_account",
        "orders",
        ["credit_account", "credit_due"],
        postgresql_where=OF_AN_ACCOUNT,
        sqlite_where=OF_AN_ACCOUNT,
    )
    op.create_table(
        "order_decisions",
        sa.Column("order_no", sa.Text, primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column("step", sa.Text, nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("decided_at", sa.BigInteger, nullable=False),
        sa.Column("decisions", JSON, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("order_decisions")
    op.drop_index("orders_by_account", "orders")
    for column in COLUMNS:
        op.drop_column("orders", column.name)
