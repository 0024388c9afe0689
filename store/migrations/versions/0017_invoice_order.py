"""Which came first of the invoices and credit notes of one order: what each of them bills builds on those before."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("invoices", sa.Column("seq", sa.Integer, nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("invoices", "seq")
