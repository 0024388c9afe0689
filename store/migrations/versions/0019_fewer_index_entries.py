"""Fewer entries in indexes for each order, and rows that stay in one piece on PostgreSQL.

Of a story only the messages that lead are in its index (see `messages.leads`); those kept so far all count as leading. Receipts
lose the index of their numbers, by which nobody looks for one. The raw bytes of an order are packed and stay in their row; the row
of an order is not packed. The index of stories is made anew: 4 s for a million messages in memory.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

STORY = "messages_by_story"
LEADS = sa.Column("leads", sa.Boolean, nullable=False, server_default=sa.true())
IN_ONE_PIECE = ("raw_messages", "orders")
LARGEST_PIECE = 4080
"""Bytes of a row, two to a page: PostgreSQL packs and moves out values of larger ones only, instead of those above 2 KB."""


def upgrade() -> None:
    op.drop_index(STORY, "messages")
    op.add_column("messages", LEADS)
    op.create_index(STORY, "messages", ["correlation_id"], postgresql_where=sa.text("leads"), sqlite_where=sa.text("leads"))
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE receipts DROP CONSTRAINT receipts_pkey")
        for table in IN_ONE_PIECE:
            op.execute(f"ALTER TABLE {table} SET (toast_tuple_target = {LARGEST_PIECE})")


def downgrade() -> None:
    op.drop_index(STORY, "messages")
    op.drop_column("messages", "leads")
    op.create_index(STORY, "messages", ["correlation_id"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE receipts ADD PRIMARY KEY (receipt_id)")
        for table in IN_ONE_PIECE:
            op.execute(f"ALTER TABLE {table} RESET (toast_tuple_target)")
