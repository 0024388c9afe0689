"""A handler that knows nothing of orders: it counts what it saw, and can be told to fail, to park and to emit."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from canonical.documents.order_changes import LineQty, OrderCancelled
from canonical.envelope import Message, first_message
from canonical.handling import Outcome
from routing.packets import opened, packed
from store.database import Transaction, to_micros
from store.outbox import Pending

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def note(key: str, number: int = 0) -> Message:
    """A message of key `key` that tells itself apart by `number`."""
    document = OrderCancelled(
        order_no=key, lines=(LineQty(line_no="1", qty=Decimal(number + 1)),), reason_code="toy", requested_by="test"
    )
    return first_message(document, source="tests", raw_id="-", now=datetime.now(UTC))


def number_of(message: Message) -> int:
    return int(message.document.lines[0].qty) - 1


def waiting(m: Message, number: int = 1, *, channel: str = "toy", partition: int = 0, redriven: int = 0) -> Pending:
    """The message in the outbox, under that number."""
    return Pending(
        number, channel, partition, redriven, m.message_id, m.type, m.source, m.subject, m.partition_key, m.identity,
        to_micros(m.occurred_at), to_micros(m.recorded_at), m.correlation_id, m.causation_id, m.raw_id, m.schema_version,
        m.traceparent, m.body.decode(),
    )  # fmt: skip


def travelled(message: Message) -> Message:
    """The message as it arrives at a handler."""
    (packet,) = packed([waiting(message)])
    return opened(packet.written(), 1, redelivered=False)[0].message


class Toy:
    """Keeps (key, number) of what it handled, in order; written in the transaction, so a rollback forgets it."""

    def __init__(self, decide: Callable[[Message, Outcome], None] = lambda message, outcome: None) -> None:
        self.decide = decide
        self.calls = 0

    def handle(self, batch: Sequence[Message], tx: Transaction, now: datetime) -> Outcome:
        self.calls += 1
        outcome = Outcome()
        for message in batch:
            self.decide(message, outcome)
            if all(p.message is not message for p in outcome.parked):
                tx.run("INSERT INTO seen (key, number) VALUES (:key, :number)", key=message.subject, number=number_of(message))
        return outcome
