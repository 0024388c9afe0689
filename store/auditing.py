"""The audit: who decided what about which message, and why. Rows are added, never changed: triggers see to it."""

from collections.abc import Sequence

from sqlalchemy import BigInteger, Column, Identity, Index, Table

from store.database import Columns, Row, Transaction
from store.tables import Serial, Text, metadata

audit = Table(
    "audit",
    metadata,
    Column("audit_id", Serial, Identity(), primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    # a message id, a raw id, or a message id and channel joined by a colon
    Column("target", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Index("audit_by_target", "target"),
)

ENTRY: Columns = (("target", "text"),)


def record(tx: Transaction, targets: Sequence[str], *, actor: str, action: str, reason: str) -> None:
    """Write down one decision about each target."""
    tx.run_set(
        "INSERT INTO audit (at, actor, action, target, reason) SELECT {now}, :actor, :action, target, :reason FROM {rows}"
        " WHERE true",
        ENTRY,
        [(target,) for target in targets],
        actor=actor,
        action=action,
        reason=reason,
    )


def entries(tx: Transaction, targets: Sequence[str]) -> Sequence[Row]:
    """What was decided about these targets, oldest first: at, actor, action, target, reason."""
    return tx.rows_of_set(
        "SELECT at, actor, action, target, reason FROM audit WHERE target IN (SELECT target FROM {rows}) ORDER BY audit_id",
        ENTRY,
        [(target,) for target in targets],
    )
