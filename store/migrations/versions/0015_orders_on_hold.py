"""Orders that wait for people or data are found when master data come."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

WAITING = sa.text("state IN ('on_hold', 'approval')")


def upgrade() -> None:
    op.create_index("orders_waiting", "orders", ["order_no"], postgresql_where=WAITING, sqlite_where=WAITING)


def downgrade() -> None:
    op.drop_index("orders_waiting", "orders")
