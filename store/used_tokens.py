"""Tokens that prove one message and no other: who sends one again with another message is refused."""

from collections.abc import Sequence
from dataclasses import dataclass

from store.database import Columns, Transaction

COLUMNS: Columns = (("endpoint", "text"), ("token", "text"), ("sha256", "text"))
KEPT = 3_600_000_000
"""Microseconds a used token is remembered: far longer than any window in which it would be taken."""


@dataclass(frozen=True, slots=True, order=True)
class UsedToken:
    """A token an endpoint was shown, and the message that came with it, by its hash."""

    endpoint: str
    token: str
    sha256: str


def replayed(tx: Transaction, shown: Sequence[UsedToken]) -> set[UsedToken]:
    """Those that came with another message before; all are remembered from now on."""
    if not shown:
        return set()
    rows = [(one.endpoint, one.token, one.sha256) for one in sorted(set(shown))]
    tx.run("DELETE FROM used_tokens WHERE used_at < {now} - :kept", kept=KEPT)
    tx.run_set(
        "INSERT INTO used_tokens (endpoint, token, sha256, used_at) SELECT endpoint, token, sha256, {now} FROM {rows} WHERE true"
        " ON CONFLICT (endpoint, token) DO NOTHING",
        COLUMNS,
        rows,
    )
    found = tx.rows_of_set(
        "SELECT r.endpoint, r.token, r.sha256 FROM {rows} JOIN used_tokens u ON u.endpoint = r.endpoint AND u.token = r.token"
        " WHERE u.sha256 <> r.sha256",
        COLUMNS,
        rows,
    )
    return {UsedToken(row.endpoint, row.token, row.sha256) for row in found}
