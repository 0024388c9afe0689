"""What is due: one look at everything that waits for its time, before anything is asked for it one by one."""

from store.database import Row, Transaction

WAITING = {
    "parked": "SELECT 1 FROM parked WHERE recheck_at <= (SELECT {now})",
    "retries": "SELECT 1 FROM retries WHERE next_at <= (SELECT {now})",
    "deliveries": "SELECT 1 FROM deliveries WHERE status IN ('pending', 'queued') AND next_at <= (SELECT {now})",
    "translations": "SELECT 1 FROM raw_messages WHERE status = 'untranslated' AND translate_at <= (SELECT {now})",
}
"""`(SELECT {now})` is one value; a bare `{now}`, which changes from row to row, would make the database read all that wait."""
LOOK = "SELECT " + ", ".join(f"EXISTS ({query}) AS {name}" for name, query in WAITING.items())


def due(tx: Transaction) -> Row:
    """Whether anything is due: parked, retries, deliveries, translations."""
    return tx.rows(LOOK)[0]
