"""What time does to orders that wait: each is looked at once more for every version of the master data, whatever the records were
about. So data that came while an order was being decided on are not missed."""

from datetime import UTC, datetime

from canonical.documents.reviews import ReviewRequested
from canonical.envelope import told_message
from routing.routes import Router
from store import archive, master, orders
from store.database import Database

SOURCE = "orderlane/clock"
AT_ONCE = 500


def review_waiting(database: Database, router: Router) -> int:
    """Ask about orders that nobody was asked about since the master data changed; how many there were, `AT_ONCE` at most."""
    now = datetime.now(UTC)
    with database.transaction() as tx:
        version = master.version(tx)
        waiting = orders.unreviewed(tx, f" {version} clock", AT_ONCE) if version else []
        asked = [
            told_message(
                ReviewRequested(order_no=order_no, version=version, kind="clock", key="master data"),
                source=SOURCE,
                correlation_id=None,
                now=now,
            )
            for order_no in waiting
        ]
        archive.record_messages(tx, router.routed(asked))
    return len(asked)
