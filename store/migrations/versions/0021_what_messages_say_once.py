"""What messages say is kept once: stock names the message that states an order's demand, and no hash stands beside a message.

Both copies made an order a twentieth larger, in its rows and in PostgreSQL's log. The hash is worked out where a fact is stated
twice. A demand that no message has word for word stays where it is.
"""

import hashlib

import sqlalchemy as sa
from alembic import op

from canonical.documents.registry import DOCUMENTS
from canonical.reading import read

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

Text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

STATES_THAT = (
    "SELECT min(message_id) FROM messages m WHERE m.subject = stock_orders.order_no"
    " AND m.type IN ('order.confirmed', 'order.held') AND m.body = stock_orders.demand"
)
AT_ONCE = 1000


def upgrade() -> None:
    op.add_column("stock_orders", sa.Column("stated_in", Text))
    op.execute(f"UPDATE stock_orders SET stated_in = ({STATES_THAT}) WHERE demand IS NOT NULL")
    op.execute("UPDATE stock_orders SET demand = NULL WHERE stated_in IS NOT NULL")
    op.drop_column("messages", "content_sha256")


def downgrade() -> None:
    op.add_column("messages", sa.Column("content_sha256", Text, nullable=False, server_default=""))
    _write_hashes(op.get_bind())
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE messages ALTER COLUMN content_sha256 DROP DEFAULT")
    op.execute(
        "UPDATE stock_orders SET demand = (SELECT body FROM messages m WHERE m.message_id = stock_orders.stated_in)"
        " WHERE stated_in IS NOT NULL"
    )
    op.drop_column("stock_orders", "stated_in")


def _write_hashes(connection: sa.Connection) -> None:
    some = sa.text("SELECT message_id, type, body FROM messages WHERE message_id > :after ORDER BY message_id LIMIT :limit")
    write = sa.text("UPDATE messages SET content_sha256 = :hash WHERE message_id = :message_id")
    after = ""
    while rows := connection.execute(some, {"after": after, "limit": AT_ONCE}).fetchall():
        hashes = [(row.message_id, read(DOCUMENTS[row.type], row.body.encode()).fact()) for row in rows]
        connection.execute(write, [{"message_id": i, "hash": hashlib.sha256(fact).hexdigest()} for i, fact in hashes])
        after = rows[-1].message_id
