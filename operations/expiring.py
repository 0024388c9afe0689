"""What time does by itself: reservations of held orders whose time is over, lots that have grown too old since they were set aside,
and approvals that nobody gave in time, are told as messages, like everything else."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import orjson

from canonical.documents.reservations import ReservationExpired, ReservationSpoiled
from canonical.documents.reviews import ReviewRequested
from canonical.envelope import told_message
from canonical.reading import part
from handlers.order.expiring import KIND, expiry_of
from handlers.order.policies.settings import ApprovalSettings
from handlers.stock.picking import keeps_until
from handlers.stock.wanted import Wanted
from routing.routes import Router
from store import archive, orders, stock
from store.database import Database, Transaction, from_micros

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


def spoil_reservations(database: Database, router: Router, zone: str, now: datetime) -> int:
    """Tell of every order of which lots that are set aside live too short a time by today; how many there were. Told again on the
    same day, it is one fact. zone: of calendar days."""
    today = now.astimezone(ZoneInfo(zone)).date()
    with database.transaction() as tx:
        told = [
            told_message(ReservationSpoiled(order_no=order_no, day=today), source=SOURCE, correlation_id=None, now=now)
            for order_no in _spoiled(tx, today)
        ]
        archive.record_messages(tx, router.routed(told))
    return len(told)


def _spoiled(tx: Transaction, today: date) -> list[str]:
    """The orders, each once, by the rule that lots are given out by."""
    found: dict[str, None] = {}
    for row in stock.held_of_lots_that_age(tx, today.isoformat()):
        wanted = part(Wanted, row.demand)
        line = next((one for one in wanted.lines if one.line_no == row.line_no), None)
        if row.expiry < keeps_until(wanted, line, today):
            found[row.order_no] = None
    return list(found)


def expire_approvals(database: Database, router: Router, settings: ApprovalSettings, now: datetime) -> int:
    """Tell of every approval that nobody gave in time; how many there were. Told again, it is one fact."""
    with database.transaction() as tx:
        told = [
            told_message(
                ReviewRequested(order_no=order_no, kind=KIND, key=order_no, version=1, looked_at=expired),
                source=SOURCE,
                correlation_id=None,
                now=now,
            )
            for order_no, expired in _expired(tx, settings, now)
        ]
        archive.record_messages(tx, router.routed(told))
    return len(told)


def _expired(tx: Transaction, settings: ApprovalSettings, now: datetime) -> Iterator[tuple[str, datetime]]:
    """(order, when its approval expired), all of them, `AT_ONCE` read at a time."""
    after = ""
    while found := orders.in_approval(tx, after, AT_ONCE):
        for row in found:
            facts = row.facts if isinstance(row.facts, dict) else orjson.loads(row.facts)
            expiry = expiry_of(facts.get("approval", {}), settings)
            if expiry is not None and expiry <= now:
                yield row.order_no, expiry
        after = found[-1].order_no
