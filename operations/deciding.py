"""Deciding about an order: a person approves, rejects, releases, holds, cancels, closes or reopens it.

One transaction: the order is locked, the decision carried out, and kept as a message with its receipt, with everything that follows
from it. A decision that is not allowed changes nothing and is told with its code.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from canonical.documents.decisions import OrderDecided, Verdict
from canonical.documents.order_changes import LineQty
from canonical.envelope import told_message
from canonical.handling import Outcome
from handlers.order.facts import Facts
from operations.access import Operations
from operations.failing import not_found
from operations.views import View
from routing.channels import partition_of
from store import archive, orders, parking, receipts
from store.database import Transaction

CHANNEL = "order"
PEOPLE = "orderlane/people"


class Decided(View):
    """A decision that was carried out: its message, where the order stands now, and what was told because of it."""

    order_no: str
    message_id: str
    seq: int
    state: str
    holds: list[str]
    emitted: list[str]


def decide(
    hub: Operations,
    order_no: str,
    verdict: Verdict,
    *,
    actor: str,
    role: str,
    reason: str,
    codes: Sequence[str] = (),
    lines: Sequence[LineQty] = (),
) -> Decided:
    """Carry out what a person decided about an order. NotFound, NotAllowed."""
    now = datetime.now(UTC)
    with hub.order_desk as desk, hub.database.transaction() as tx:
        found = orders.lock(tx, [order_no])
        if not found:
            raise not_found(tx, "order", order_no)
        seq = Facts.kept(found[0].facts).decided + 1
        document = OrderDecided(
            order_no=order_no, seq=seq, verdict=verdict, codes=tuple(codes), lines=tuple(lines), actor=actor, role=role,
            reason=reason, decided_at=now,
        )  # fmt: skip
        message = told_message(document, source=PEOPLE, correlation_id=orders.story_of(tx, order_no), now=now)
        archive.record_messages(tx, hub.intake.router.routed([message]))
        receipts.claim(tx, CHANNEL, [message.message_id])
        outcome = desk.decide(message, tx, now)
        _follow(hub, tx, outcome, now)
        (after,) = orders.lock(tx, [order_no])
        return Decided(
            order_no=order_no,
            message_id=message.message_id,
            seq=seq,
            state=after.state,
            holds=sorted(Facts.kept(after.facts).holds),
            emitted=[emission.document.message_type for emission in outcome.emitted],
        )


def _follow(hub: Operations, tx: Transaction, outcome: Outcome, now: datetime) -> None:
    """What the handler told becomes messages; what waited for it is sent again."""
    source = f"orderlane/{CHANNEL}"
    messages = outcome.messages(source=source, now=now)
    archive.record_messages(tx, hub.intake.router.routed(messages))
    freed = parking.released(tx, sorted(outcome.arrived))
    archive.send(tx, [(row.message_id, row.channel, partition_of(row.partition_key, hub.partitions)) for row in freed], redriven=1)
