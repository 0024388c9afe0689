"""What is due: one look at everything that waits for its time, before anything is asked for it one by one."""

from store.database import Row, Transaction

WAITING = {
    "parked": "SELECT 1 FROM parked WHERE recheck_at <= {now}",
    "retries": "SELECT 1 FROM retries WHERE next_at <= {now}",
    "deliveries": "SELECT 1 FROM deliveries WHERE status IN ('pending', 'queued') AND next_at <= {now}",
    "translations": "SELECT 1 FROM raw_messages WHERE status = 'untranslated' AND translate_at <= {now}",
}
LOOK = "SELECT " + ", ".join(f"EXISTS ({query}) AS {name}" for name, query in WAITING.items())


def due(tx: Transaction) -> Row:
    """Whether anything is due: parked, retries, deliveries, translations."""
    return tx.rows(LOOK)[0]
