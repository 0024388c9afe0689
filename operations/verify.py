"""The ledger check: everything accepted has exactly one end or is on its way, and the sums of stock and money agree."""

import time
from collections.abc import Iterator, Sequence
from decimal import Decimal

from pydantic import Field

from canonical.amounts import to_minor
from handlers.invoice.accounts import Account, Books, Invoice
from handlers.invoice.correcting import apart, differences
from operations.access import Operations
from operations.views import View
from routing.channels import Channels, queue_name
from routing.packets import MOST_MESSAGES
from store import finance, ledger, orders
from store.database import Database, Transaction

GRACE = 60.0
SECOND = 1_000_000
BILLING = "invoice"
"""The handler that corrects what was billed."""
AT_ONCE = 500
"""Changed orders that are looked at together."""


class Difference(View):
    """One broken rule: how many rows break it, and one of them."""

    what: str
    count: int
    example: str | None = Field(description="An id to look at.")


class Verification(View):
    """The result. Handler work is counted per (message, handler): handled + on_their_way + parked + retrying + dead + discarded
    + lost is all of it; deliveries likewise per (message, endpoint). exact: nothing lost, doubled or different."""

    messages: int
    raws: dict[str, int] = Field(description="Raw messages by what became of them.")
    handled: int
    on_their_way: int
    parked: int
    retrying: int
    dead: int
    discarded: int
    lost: int = Field(description="Recorded longer ago than the grace time, not waiting anywhere, and no end.")
    deliveries: dict[str, int] = Field(description="Deliveries by status: sent, on_its_way, dead, discarded, lost.")
    doubled: int = Field(description="Effects that are there twice or more often than demanded.")
    disordered: int = Field(
        description="Messages handled after one of their channel, key and source that was recorded later: parked or retried"
        " ones, and what a partner sent at once, are overtaken rightly. A figure, not a difference."
    )
    differences: list[Difference]
    seconds: float

    @property
    def exact(self) -> bool:
        return not (self.lost or self.doubled or self.differences)


def verify_hub(hub: Operations, *, grace: float = GRACE) -> Verification:
    """`verify` on the parts of a hub; what its queues hold is on its way, however long ago it was recorded."""
    return verify(hub.database, handlers=hub.handlers, grace=grace, queued=_queued(hub.channels, hub.queues))


def _queued(channels: Channels, queues: Sequence[tuple[str, int]]) -> dict[str, int]:
    """How many messages the queues of a channel may hold. Transient when the broker is down."""
    found = channels.look([queue_name(*queue) for queue in queues])
    held: dict[str, int] = {}
    for channel, partition in queues:
        queue = found[queue_name(channel, partition)]
        held[channel] = held.get(channel, 0) + (queue.packets if queue else 0) * MOST_MESSAGES
    return held


def verify(
    database: Database, *, handlers: Sequence[str], grace: float = GRACE, queued: dict[str, int] | None = None
) -> Verification:
    """Check the whole ledger as of one moment.

    grace: seconds a message may be on its way without a trace in the database (0: everything has settled).
    queued: messages the queues may hold, per handler; so many of what would be lost are on their way.
    """
    started = time.monotonic()
    with database.reading(scans=True) as tx:
        ledger.unhurried(tx)
        sums = ledger.sums(tx)
        work, deliveries, lost = _standings(tx, handlers, grace, queued or {})
        broken = [Difference(what=row.what, count=row.n, example=row.example) for row in ledger.differences(tx, handlers=handlers)]
        doubled = [Difference(what=row.what, count=row.n, example=row.example) for row in ledger.doubled(tx)]
        disordered = int(ledger.disordered(tx).n)
        billed = [*_misbilled(tx), *_apart(tx)]
    return Verification(
        messages=sums.pop("messages"),
        raws={name.removeprefix("raw "): n for name, n in sums.items()},
        handled=work.get("handled", 0),
        on_their_way=work.get("on_its_way", 0),
        parked=work.get("parked", 0),
        retrying=work.get("retrying", 0),
        dead=work.get("dead", 0),
        discarded=work.get("discarded", 0),
        lost=work.get("lost", 0),
        deliveries=deliveries,
        doubled=sum(difference.count for difference in doubled),
        disordered=disordered,
        differences=[*lost, *doubled, *broken, *billed],
        seconds=round(time.monotonic() - started, 3),
    )


def _standings(
    tx: Transaction, handlers: Sequence[str], grace: float, queued: dict[str, int]
) -> tuple[dict[str, int], dict[str, int], list[Difference]]:
    """Handler work by standing, deliveries by standing, and what of either is lost."""
    work: dict[str, int] = {}
    deliveries: dict[str, int] = {}
    lost: list[Difference] = []
    for row in ledger.standings(tx, handlers=handlers, cutoff=ledger.now(tx) - int(grace * SECOND)):
        counted = work if row.channel in handlers else deliveries
        late = min(row.n, queued.get(row.channel, 0)) if row.standing == "lost" else 0
        counted["on_its_way"] = counted.get("on_its_way", 0) + late
        counted[row.standing] = counted.get(row.standing, 0) + row.n - late
        if row.standing == "lost" and row.n > late:
            lost.append(Difference(what=f"messages lost on the way to {row.channel}", count=row.n - late, example=row.example))
    return work, {name: n for name, n in deliveries.items() if n}, lost


def _misbilled(tx: Transaction) -> Iterator[Difference]:
    """Fully billed orders whose invoices do not sum to what the order is worth: payable + prepaid - rounding."""
    wrong = [
        row.order_no
        for row in ledger.billed_orders(tx)
        if row.gross != row.payable + _minor(row.prepaid, row.currency) - _minor(row.rounding, row.currency)
    ]
    if wrong:
        yield Difference(what="fully billed orders whose invoices do not sum to their worth", count=len(wrong), example=min(wrong))


def _apart(tx: Transaction) -> Iterator[Difference]:
    """Changed orders of which what was billed is not what the document in force makes it, and nothing is on its way that may do."""
    wrong: list[str] = []
    changed = ledger.changed_orders(tx)
    for start in range(0, len(changed), AT_ONCE):
        books = Books({kept.order_no: Account(kept) for kept in orders.read(tx, changed[start : start + AT_ONCE])})
        for invoice in finance.invoices_of(tx, books.accounts):
            books.add_invoice(Invoice(invoice))
        wrong += [order_no for order_no, account in books.accounts.items() if apart(differences(account))]
    coming = ledger.awaiting(tx, BILLING, wrong) if wrong else set()
    wrong = [order_no for order_no in wrong if order_no not in coming]
    if wrong:
        yield Difference(what="changed orders whose invoices do not follow them", count=len(wrong), example=min(wrong))


def _minor(amount: str | None, currency: str) -> int:
    return to_minor(Decimal(amount), currency) if amount else 0
