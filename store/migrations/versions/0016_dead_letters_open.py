"""Dead letters that nobody has decided about yet are found at once: every batch of a handler asks whether there are any."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    dead = sa.text("status = 'dead'")
    op.create_index("dead_letters_open", "dead_letters", ["channel"], postgresql_where=dead, sqlite_where=dead)


def downgrade() -> None:
    op.drop_index("dead_letters_open", "dead_letters")
