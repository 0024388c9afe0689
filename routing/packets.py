"""Packets: messages for one queue that travel as one, written as a CloudEvents JSON batch, and named, not carried (Claim Check).

What a broker and its clients do for a packet costs many times what one more message in it does (docs/adr/0008).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from routing.channels import Received
from store.outbox import Pending

CONTENT_TYPE = "application/cloudevents-batch+json"
SOURCE, TYPE = "/outbox", "orderlane.message"
MOST_MESSAGES = 250


class Event(msgspec.Struct, tag_field="specversion", tag="1.0", omit_defaults=True):
    """Tells a handler of a message, as a CloudEvent. id: the message's own. dataref: where the hub's API gives it out; absent in
    packets of versions that sent messages whole."""

    id: str
    source: str
    type: str
    dataref: str | None = None
    redriven: int = 0


WRITER = msgspec.json.Encoder()
READER = msgspec.json.Decoder(list[Event])


@dataclass(slots=True)
class Packet:
    """Some messages for one queue, in order: at most MOST_MESSAGES."""

    channel: str
    partition: int
    outbox_ids: list[int] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    def add(self, item: Pending) -> None:
        self.outbox_ids.append(item.outbox_id)
        self.events.append(Event(item.message_id, SOURCE, TYPE, f"/messages/{item.message_id}", item.redriven))

    def written(self) -> bytes:
        return WRITER.encode(self.events)


def packed(batch: Sequence[Pending]) -> list[Packet]:
    """A batch in packets; those for one queue, and the messages in them, in the order of the batch."""
    packets: list[Packet] = []
    filling: dict[tuple[str, int], Packet] = {}
    for item in batch:
        queue = (item.channel, item.partition)
        packet = filling.get(queue)
        if packet is None or len(packet.events) == MOST_MESSAGES:
            packet = filling[queue] = Packet(*queue)
            packets.append(packet)
        packet.add(item)
    return packets


def opened(written: bytes, tag: Any, *, redelivered: bool) -> list[Received]:
    """The messages that a packet names. ValueError for what is none.

    redelivered: a consumer died while it may have had the packet, which makes suspects of all its messages.
    """
    events = READER.decode(written)
    if not events:
        raise ValueError("an empty batch")
    return [Received(tag, e.id, redriven=e.redriven > 0, suspect=redelivered or e.redriven > 1) for e in events]
