"""What we call a thing and what an endpoint's partner calls it."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cross_references",
        sa.Column("our_id", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("endpoint", sa.Text, primary_key=True),
        sa.Column("their_id", sa.Text, nullable=False),
        sa.Column("seen_in", sa.Text, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
    )
    op.create_index("cross_references_theirs", "cross_references", ["their_id", "kind", "endpoint"], unique=True)


def downgrade() -> None:
    op.drop_table("cross_references")
