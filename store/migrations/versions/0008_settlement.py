"""What becomes of invoices and money: credit notes, what went back, matches, payers, write-offs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

JSON = sa.Text().with_variant(postgresql.JSON(), "postgresql")
TEXTS = {"invoices": ("customer_no", "original_no", "collected_in"), "payments": ("payer", "customer_no"), "allocations": ()}
AMOUNTS = {"invoices": ("credited", "written_off"), "payments": ("fee", "returned", "deposited"), "allocations": ()}
COUNTS = {"invoices": ("disputed", "decisions"), "payments": ("told", "decisions"), "allocations": ("changes",)}
INDEXES = (
    ("invoices_by_customer", "invoices", ["customer_no"], None),
    ("invoices_by_original", "invoices", ["original_no"], None),
    ("invoices_by_collective", "invoices", ["collected_in"], None),
    ("invoices_open", "invoices", ["due_on"], "state IN ('issued', 'part_paid')"),
    ("payments_waiting", "payments", ["payer"], "state = 'suspense'"),
    ("payments_by_date", "payments", ["value_date", "payment_ref"], None),
)
LINKS = (
    "INSERT INTO payment_orders (payment_ref, order_no)"
    " SELECT a.payment_ref, i.order_no FROM allocations a JOIN invoices i ON i.invoice_no = a.invoice_no"
    " UNION SELECT f.payment_ref, o.order_no FROM payment_refs f JOIN orders o ON o.order_no = f.reference"
    " UNION SELECT f.payment_ref, o.order_no FROM payment_refs f JOIN orders o ON o.source_order_id = f.reference"
    " UNION SELECT f.payment_ref, i.order_no FROM payment_refs f JOIN invoices i ON i.invoice_no = f.reference"
)


def upgrade() -> None:
    for table, texts in TEXTS.items():
        for name in texts:
            op.add_column(table, sa.Column(name, sa.Text))
    for kind, columns in ((sa.BigInteger, AMOUNTS), (sa.Integer, COUNTS)):
        for table, numbers in columns.items():
            for name in numbers:
                op.add_column(table, sa.Column(name, kind, nullable=False, server_default="0"))
    op.add_column("invoices", sa.Column("reminded", sa.Integer))
    op.drop_index("invoices_once", "invoices")
    _partial("invoices_once", "invoices", ["shipment_no", "order_no"], "kind = 'normal'", unique=True)
    for index, table, names, where in INDEXES:
        _partial(index, table, names, where)
    _tables()
    op.execute(LINKS)


def _partial(name: str, table: str, columns: list[str], where: str | None, *, unique: bool = False) -> None:
    condition = sa.text(where) if where else None
    op.create_index(name, table, columns, unique=unique, postgresql_where=condition, sqlite_where=condition)


def _tables() -> None:
    op.create_table(
        "payment_orders",
        sa.Column("payment_ref", sa.Text, primary_key=True),
        sa.Column("order_no", sa.Text, primary_key=True),
    )
    op.create_index("payment_orders_by_order", "payment_orders", ["order_no"])
    op.create_table(
        "payment_matches",
        sa.Column("payment_ref", sa.Text, primary_key=True),
        sa.Column("invoice_no", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
    )
    op.create_index("payment_matches_by_invoice", "payment_matches", ["invoice_no"])
    op.create_table(
        "payment_returns",
        sa.Column("refund_ref", sa.Text, primary_key=True),
        sa.Column("payment_ref", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("value_date", sa.Text, nullable=False),
        sa.Column("document", JSON, nullable=False),
    )
    op.create_index("payment_returns_by_payment", "payment_returns", ["payment_ref"])
    op.create_table(
        "write_offs",
        sa.Column("invoice_no", sa.Text, primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("requested_by", sa.Text, nullable=False),
        sa.Column("decided_by", sa.Text),
    )
    op.create_table(
        "payers",
        sa.Column("payer", sa.Text, primary_key=True),
        sa.Column("customer_no", sa.Text, primary_key=True),
        sa.Column("times", sa.Integer, nullable=False),
        sa.Column("stated", sa.Integer, nullable=False, server_default="0"),
    )


def downgrade() -> None:
    for table in ("payers", "write_offs", "payment_returns", "payment_matches", "payment_orders"):
        op.drop_table(table)
    for index, table, _, _ in INDEXES:
        op.drop_index(index, table)
    op.drop_index("invoices_once", "invoices")
    op.execute("DELETE FROM invoices WHERE kind <> 'normal'")
    op.create_index("invoices_once", "invoices", ["shipment_no", "order_no"], unique=True)
    op.drop_column("invoices", "reminded")
    for columns in (COUNTS, AMOUNTS, TEXTS):
        for table, dropped in columns.items():
            for name in dropped:
                op.drop_column(table, name)
