"""Reading stories: every message that is about some business object, by the subjects it is known under."""

from collections.abc import Sequence

from store.database import Columns, Row, Transaction
from store.queries import HEAD, IDS

SUBJECTS: Columns = (("type", "text"), ("subject", "text"))


def about(tx: Transaction, subjects: Sequence[tuple[str, str]], limit: int) -> Sequence[Row]:
    """Messages of these (type, subject) pairs with their bodies as text, in the order they were recorded."""
    return tx.rows_of_set(
        f"SELECT {HEAD}, m.body FROM {{rows}} JOIN messages m ON m.subject = r.subject AND m.type = r.type"
        " ORDER BY m.recorded_at, m.message_id LIMIT :limit",
        SUBJECTS,
        [(kind, subject) for kind, subject in subjects],
        limit=limit,
    )


def waiting_for(tx: Transaction, tokens: Sequence[str]) -> Sequence[str]:
    """Ids of parked messages that wait for one of the tokens."""
    rows = tx.rows_of_set(
        "SELECT DISTINCT p.message_id FROM {rows} JOIN parked p ON p.waits_for = r.token",
        (("token", "text"),),
        [(token,) for token in tokens],
    )
    return [row.message_id for row in rows]


def with_body(tx: Transaction, message_ids: Sequence[str]) -> Sequence[Row]:
    """These messages with their bodies as text; unknown ids are absent."""
    return tx.rows_of_set(
        f"SELECT {HEAD}, m.body FROM {{rows}} JOIN messages m ON m.message_id = r.message_id",
        IDS,
        [(i,) for i in message_ids],
    )
