"""What time does by itself: reservations of held orders whose time is over are told as messages, like everything else."""

from datetime import UTC, datetime

from canonical.documents.reservations import ReservationExpired
from canonical.envelope import told_message
from routing.routes import Router
from store import archive, stock
from store.database import Database, from_micros

SOURCE = "orderlane/clock"
AT_ONCE = 500


def expire_reservations(database: Database, router: Router) -> int:
    """Tell of every soft reservation whose time is over; how many there were, `AT_ONCE` at most. Told again, it is one fact."""
    now = datetime.now(UTC)
    with database.transaction() as tx:
        expired = [
            told_message(
                ReservationExpired(order_no=row.order_no, until=from_micros(row.soft_until)),
                source=SOURCE,
                correlation_id=None,
                now=now,
            )
            for row in stock.softly_held_past_their_time(tx, AT_ONCE)
        ]
        archive.record_messages(tx, router.routed(expired))
    return len(expired)
