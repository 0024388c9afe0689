"""What time does to orders that wait: each is looked at once more for every version of the master data, whatever the records were
about, so data that came while an order was being decided on are not missed; and when a record becomes or ceases to be effective by
date, whatever it is about; and those that wait for credit when their account stands otherwise."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

from canonical.documents.master import Master
from canonical.documents.registry import DOCUMENTS
from canonical.documents.reviews import ReviewRequested
from canonical.envelope import told_message
from canonical.reading import read
from handlers.master.healing import concerned, review_of
from handlers.order.reviewing import CREDIT
from routing.routes import Router
from store import archive, master, orders
from store.database import Database, Transaction, from_micros, to_micros

SOURCE = "orderlane/clock"
AT_ONCE = 500
OVERLAP = timedelta(minutes=10)
"""How far a look goes back before the last one: what was being decided on while that one looked is seen by this one."""
LONGEST = timedelta(days=31)
"""Where the last look was longer ago, or there was none, every record in force counts as one that has turned."""

EVER = from_micros(0)


def review_waiting(database: Database, router: Router) -> int:
    """Ask about orders that nobody was asked about since the master data changed; how many there were, `AT_ONCE` at most."""
    with database.transaction() as tx:
        version = master.version(tx)
        waiting = orders.unreviewed(tx, f" {version} clock", AT_ONCE) if version else []
        asked = [review_of(order_no, None, version) for order_no in waiting]
        _ask(tx, router, asked, datetime.now(UTC))
    return len(asked)


def review_credit(database: Database, router: Router) -> int:
    """Ask about orders that are held for their buyer's credit, once for each way their account stands; how many there were,
    `AT_ONCE` at most."""
    with database.transaction() as tx:
        asked = [
            ReviewRequested(order_no=row.order_no, kind=f"{CREDIT}{row.stands}", key=row.order_no, version=1)
            for row in orders.waiting_for_credit(tx, AT_ONCE)
        ]
        _ask(tx, router, asked, datetime.now(UTC))
    return len(asked)


def review_turned(database: Database, router: Router, zone: str, now: datetime) -> int:
    """Ask about orders that a record is about which has become or ceased to be effective by date since the last look; how many
    there were. One statement finds the records, and how far it looked is kept with what is asked. zone: of calendar days."""
    with database.transaction() as tx:
        version = master.version(tx)
        last = from_micros(master.look_from(tx, now=to_micros(now)))
        if not version or last >= now:
            return 0
        since, days = (last - OVERLAP, _days(last - OVERLAP, now, ZoneInfo(zone))) if now - last <= LONGEST else (EVER, [])
        found = master.turned(tx, since=to_micros(since), now=to_micros(now), days=days)
        records = [cast(Master, read(DOCUMENTS[row.kind], row.body)) for row in found]
        asked = [review_of(order_no, record, version, now) for order_no, record in concerned(records, tx)]
        _ask(tx, router, asked, now)
    return len(asked)


def _days(since: datetime, now: datetime, zone: ZoneInfo) -> list[date]:
    """The calendar days that have begun in this time."""
    first, last = since.astimezone(zone).date(), now.astimezone(zone).date()
    return [first + timedelta(days=number) for number in range(1, (last - first).days + 1)]


def _ask(tx: Transaction, router: Router, reviews: Sequence[ReviewRequested], now: datetime) -> None:
    asked = [told_message(review, source=SOURCE, correlation_id=None, now=now) for review in reviews]
    archive.record_messages(tx, router.routed(asked))
