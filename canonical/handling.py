"""What a handler gives back: values that one place, the consumer loop, acts on."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from canonical.documents.base import Document
from canonical.envelope import Message, caused_message
from canonical.ids import new_ids


class Emission(msgspec.Struct, frozen=True):
    """A document to send because of `cause`."""

    document: Document
    cause: Message


@dataclass(frozen=True, slots=True)
class Parked:
    """A message that cannot be applied before `waits_for` is there: a token such as `order:SO-1` or `tracking:1Z999`."""

    message: Message
    waits_for: str


@dataclass(slots=True)
class Outcome:
    """The result of handling one batch.

    emitted: in the order they are to be sent. parked: left for later, nothing of them applied.
    arrived: tokens that parked messages of any handler may have waited for.
    """

    emitted: list[Emission] = field(default_factory=list)
    parked: list[Parked] = field(default_factory=list)
    arrived: set[str] = field(default_factory=set)

    def emit(self, document: Document, cause: Message) -> None:
        self.emitted.append(Emission(document, cause))

    def messages(self, *, source: str, now: datetime) -> list[Message]:
        """What was emitted, in messages."""
        ids = new_ids(len(self.emitted))
        return [
            caused_message(e.document, e.cause, source=source, now=now, message_id=message_id)
            for message_id, e in zip(ids, self.emitted, strict=True)
        ]

    def park(self, message: Message, waits_for: str) -> None:
        self.parked.append(Parked(message, waits_for))


Batch = Sequence[Message]
