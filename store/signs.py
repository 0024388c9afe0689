"""Signs of life: when a part that leaves no other trace was last at work, by the database's clock."""

from store.database import Row, Transaction

SCHEDULE = "schedule"


def leave(tx: Transaction, name: str) -> None:
    """Say that this part is at work now."""
    tx.run(
        "INSERT INTO watermarks (name, value) VALUES (:name, CAST({now} AS text))"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        name=name,
    )


def seconds_since(tx: Transaction, name: str) -> float | None:
    """How long ago the part last said so; None where it never did. Transient where the database does not answer."""
    row: Row = tx.rows("SELECT {now} AS now, (SELECT value FROM watermarks WHERE name = :name) AS left_at", name=name)[0]
    return None if row.left_at is None else max(0.0, (row.now - int(row.left_at)) / 1_000_000)
