"""The handlers joined in memory as config/rules.yaml joins them: receipts, parking and release included."""

import random
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from canonical.documents.base import Document
from canonical.envelope import Message, caused_message, first_message
from canonical.handling import Parked
from handlers.invoice.handler import InvoiceHandler
from handlers.master.handler import MasterHandler
from handlers.order.handler import OrderHandler
from handlers.order.policies.settings import ApprovalSettings, Policies
from handlers.stock.handler import StockHandler
from store import archive
from store.archive import Routed
from store.database import Database

ROUTES = {
    "order.placed": ["order"],
    "order.changed": ["order"],
    "order.cancelled": ["order"],
    "order.decided": ["order"],
    "review.requested": ["order"],
    "shipment.tracking": ["order"],
    "delivery.confirmed": ["order"],
    "order.confirmed": ["stock", "invoice"],
    "order.held": ["stock", "invoice"],
    "order.reduced": ["stock", "invoice"],
    "stock.reserved": ["order"],
    "stock.released": ["order"],
    "stock.level": ["stock"],
    "shipment.dispatched": ["order", "stock", "invoice"],
    "payment.received": ["invoice"],
    "payment.reversed": ["invoice"],
    "payment.refunded": ["invoice"],
    "return.received": ["order", "stock", "invoice"],
    "payment.deallocated": ["order"],
    "payment.deposited": ["order"],
    "payment.withdrawn": ["order"],
    "invoice.reminded": ["order"],
    "invoice.voided": ["order"],
    "invoice.written_off": ["order"],
    "invoice.issued": ["order"],
    "payment.allocated": ["order"],
    "product.master": ["master"],
    "customer.master": ["master"],
    "price.list": ["master"],
    "licence.updated": ["master"],
    "authorisation.updated": ["master"],
    "warehouse.master": ["master"],
    "recall.opened": ["master", "stock"],
    "reservation.expired": ["stock"],
    "reservation.spoiled": ["stock"],
    "sales_out.reported": ["stock"],
}
ANYBODY = Policies(approval=ApprovalSettings(unnamed="anybody"))
"""The defaults, but for this: in every role anybody may decide."""
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def _routes(message: Message) -> list[str]:
    """As config/rules.yaml has them: invoicing hears of orders that were changed."""
    channels = ROUTES.get(message.type, [])
    return ["stock"] if message.type == "order.confirmed" and not message.document.changed else channels  # type: ignore[attr-defined]


@dataclass
class Pump:
    """Carries messages until nothing moves. sent: every document emitted, once per identity. conflicts: must stay empty."""

    database: Database
    batch: int = 1
    shuffle: random.Random | None = None
    sent: list[Document] = field(default_factory=list)
    parked: dict[str, list[Parked]] = field(default_factory=dict)
    conflicts: list[str] = field(default_factory=list)
    now: datetime = NOW

    def __post_init__(self) -> None:
        self._handlers = {
            "order": OrderHandler(ANYBODY),
            "stock": StockHandler(),
            "invoice": InvoiceHandler(),
            "master": MasterHandler(),
        }
        self._queues: dict[str, deque[Message]] = {name: deque() for name in self._handlers}
        self._bodies: dict[tuple[str, str], bytes] = {}
        self._done: set[tuple[str, str]] = set()
        self.parked = {name: [] for name in self._handlers}

    def take(self, *documents: Document, source: str = "shop-eu") -> None:
        """Documents arrive from outside, in this order, and everything that follows from them happens."""
        self.accept([first_message(d, source=source, raw_id=None, now=self.now) for d in documents])
        self.run()

    def take_each(self, *documents: Document) -> None:
        """Documents arrive one by one, each with everything that follows from it."""
        for document in documents:
            self.take(document)

    def accept_for(self, channel: str, *documents: Document) -> None:
        """Documents arrive at one handler only, as when the others are behind."""
        self._queues[channel].extend(first_message(d, source="shop-eu", raw_id=None, now=self.now) for d in documents)
        self.run()

    def accept(self, messages: Sequence[Message]) -> None:
        """Queue what is new by (type, identity); a repeat with other content is a conflict."""
        for message in messages:
            key = (message.type, message.identity)
            if self._bodies.setdefault(key, message.body) != message.body:
                self.conflicts.append(f"{key} {message.body!r} after {self._bodies[key]!r}")
            for channel in _routes(message):
                if (channel, str(key)) not in self._done:
                    self._done.add((channel, str(key)))
                    self._queues[channel].append(message)

    def run(self) -> None:
        """Handle batch after batch until every queue is empty; with `shuffle`, the handlers take turns at random."""
        while busy := [name for name, queue in self._queues.items() if queue]:
            name = self.shuffle.choice(busy) if self.shuffle else busy[0]
            queue = self._queues[name]
            self._handle(name, [queue.popleft() for _ in range(min(self.batch, len(queue)))])

    def _handle(self, name: str, batch: list[Message]) -> None:
        with self.database.transaction() as tx:
            archive.record_messages(tx, [Routed(message) for message in batch])
            outcome = self._handlers[name].handle(batch, tx, self.now)
        self.parked[name] += outcome.parked
        for channel, waiting in self.parked.items():
            free = [parked for parked in waiting if parked.waits_for in outcome.arrived]
            self.parked[channel] = [parked for parked in waiting if parked.waits_for not in outcome.arrived]
            self._queues[channel].extend(parked.message for parked in free)
        emitted = [caused_message(e.document, e.cause, source=f"orderlane/{name}", now=self.now) for e in outcome.emitted]
        new = [m for m in emitted if (m.type, m.identity) not in self._bodies]
        self.accept(emitted)
        self.sent += [m.document for m in new]

    def of(self, message_type: str, order_no: str | None = None) -> list[Document]:
        """What was sent of one type, in order."""
        return [d for d in self.sent if d.message_type == message_type and order_no in (None, getattr(d, "order_no", None))]

    def milestones(self, order_no: str) -> list[str]:
        return [d.milestone for d in self.of("order.progressed", order_no)]  # type: ignore[attr-defined]

    def counts(self) -> Counter[str]:
        return Counter(d.message_type for d in self.sent)
