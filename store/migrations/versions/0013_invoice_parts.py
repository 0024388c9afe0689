"""A shipment is billed once more for goods that its order covered later: each invoice of it is a part."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("invoices", sa.Column("part", sa.Integer, nullable=False, server_default="0"))
    _once("shipment_no", "order_no", "part")


def downgrade() -> None:
    op.execute("UPDATE invoices SET shipment_no = shipment_no || '-A' || part WHERE part > 0 AND kind = 'normal'")
    _once("shipment_no", "order_no")
    op.drop_column("invoices", "part")


def _once(*columns: str) -> None:
    normal = sa.text("kind = 'normal'")
    op.drop_index("invoices_once", "invoices")
    op.create_index("invoices_once", "invoices", columns, unique=True, postgresql_where=normal, sqlite_where=normal)
