"""A handler that knows nothing of orders: it counts what it saw, and can be told to fail, to park and to emit."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from msgspec.structs import replace

from canonical.documents.order_changes import LineQty, OrderCancelled
from canonical.envelope import Message, first_message
from canonical.handling import Outcome
from routing.channels import Received
from store.database import Transaction
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
    return Pending(number, channel, partition, redriven, m.message_id)


def told(*messages: Message, redriven: bool = False, suspect: bool = False) -> list[Received]:
    """What a channel says of these messages."""
    return [Received(0, m.message_id, redriven=redriven, suspect=suspect) for m in messages]


def as_kept(message: Message) -> Message:
    """The message as it arrives at a handler: its document is to be read from its bytes."""
    return replace(message, leads=True)


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
