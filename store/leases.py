"""Leases: one holder at a time for work that must not be done twice at once, by the database's clock."""

from store.database import Transaction


def hold(tx: Transaction, name: str, holder: str, *, seconds: int) -> int | None:
    """Take or renew a lease; its fencing token (grows with every new holder), or None while somebody else has it."""
    rows = tx.rows(
        "INSERT INTO leases (name, holder, token, expires_at) VALUES (:name, :holder, 1, {now} + :span)"
        " ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at,"
        " token = leases.token + CASE WHEN leases.holder = excluded.holder THEN 0 ELSE 1 END"
        " WHERE leases.holder = excluded.holder OR leases.expires_at < {now} RETURNING token",
        name=name,
        holder=holder,
        span=seconds * 1_000_000,
    )
    return int(rows[0].token) if rows else None


def let_go(tx: Transaction, name: str, holder: str) -> None:
    """Give the lease back, so that the next holder need not wait for its end."""
    tx.run("UPDATE leases SET expires_at = 0 WHERE name = :name AND holder = :holder", name=name, holder=holder)
