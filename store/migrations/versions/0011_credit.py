"""Credit accounts: what orders use of their limits, and the money that lies ready on them."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "credit_accounts",
        sa.Column("account", sa.Text, primary_key=True),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("exposure", sa.BigInteger, nullable=False),
        sa.Column("deposits", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "credit_deposits",
        sa.Column("payment_ref", sa.Text, primary_key=True),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
    )
    op.create_index("credit_deposits_by_account", "credit_deposits", ["account"])


def downgrade() -> None:
    op.drop_table("credit_deposits")
    op.drop_table("credit_accounts")
