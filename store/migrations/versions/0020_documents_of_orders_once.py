"""The document that placed an order is kept once: in its message, which is never changed. The order names that message.

Without it a row is small and the next version of it, which knows more facts, larger than the first: pages get more room for these.
An order whose document no message has word for word keeps it as the one in force. On PostgreSQL the room that the copies took is
free once the rows are written again (`VACUUM FULL orders`), or little by little.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

ROOM, ROOM_BEFORE = 30, 60
"""How full a page is packed with new rows, in percent."""
Text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

PLACED_IT = "SELECT min(message_id) FROM messages m WHERE m.subject = orders.order_no AND m.type = 'order.placed'"
SAYS_THAT = f"{PLACED_IT} AND m.body = orders.placed"


def upgrade() -> None:
    op.add_column("orders", sa.Column("placed_in", Text, nullable=False, server_default=""))
    op.execute(f"UPDATE orders SET placed_in = coalesce(({SAYS_THAT}), '')")
    op.execute("UPDATE orders SET effective = placed WHERE effective IS NULL AND placed_in = ''")
    op.execute(f"UPDATE orders SET placed_in = coalesce(({PLACED_IT}), '') WHERE placed_in = ''")
    op.drop_column("orders", "placed")
    _pack(ROOM)


def downgrade() -> None:
    op.add_column("orders", sa.Column("placed", sa.Text, nullable=False, server_default=""))
    op.execute(
        "UPDATE orders SET placed = coalesce((SELECT body FROM messages m WHERE m.message_id = orders.placed_in), effective, '')"
    )
    op.drop_column("orders", "placed_in")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE orders ALTER COLUMN placed DROP DEFAULT")
    _pack(ROOM_BEFORE)


def _pack(percent: int) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE orders SET (fillfactor = {percent})")
