"""The audit, and indexes over what waits for a person."""

from alembic import op

from store.auditing import audit

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    audit.create(op.get_bind(), checkfirst=True)
    op.execute("CREATE INDEX IF NOT EXISTS deliveries_dead ON deliveries (next_at) WHERE status = 'dead'")
    op.execute("CREATE INDEX IF NOT EXISTS raw_messages_quarantined ON raw_messages (raw_id) WHERE status = 'quarantined'")


def downgrade() -> None:
    op.execute("DROP INDEX IF EXISTS raw_messages_quarantined")
    op.execute("DROP INDEX IF EXISTS deliveries_dead")
    audit.drop(op.get_bind())
