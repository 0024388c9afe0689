"""The audit, and indexes over what waits for a person."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

STAYS = {
    "postgresql": (
        "CREATE OR REPLACE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN RAISE EXCEPTION ''the audit is never changed''; END'",
        "CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit EXECUTE FUNCTION audit_stays()",
    ),
    "sqlite": tuple(
        f"CREATE TRIGGER audit_stays_{verb} BEFORE {verb} ON audit BEGIN SELECT RAISE(ABORT, 'the audit is never changed'); END"
        for verb in ("update", "delete")
    ),
}
WAITING = (
    ("deliveries_dead", "deliveries", "next_at", "dead"),
    ("raw_messages_quarantined", "raw_messages", "raw_id", "quarantined"),
)


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("audit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), sa.Identity(), primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
    )
    op.create_index("audit_by_target", "audit", ["target"])
    for statement in STAYS[op.get_bind().dialect.name]:
        op.execute(statement)
    for name, table, column, status in WAITING:
        some = sa.text(f"status = '{status}'")
        op.create_index(name, table, [column], postgresql_where=some, sqlite_where=some)


def downgrade() -> None:
    for name, table, *_ in WAITING:
        op.drop_index(name, table)
    op.drop_table("audit")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_stays()")
