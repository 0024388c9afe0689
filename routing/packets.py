"""Packets: messages for one queue that travel as one, written as a CloudEvents JSON batch.

What a broker and its clients do for a packet costs many times what one more message in it does (docs/adr/0008).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

import msgspec

from canonical.envelope import Message
from routing.channels import Received
from store.database import from_micros
from store.outbox import Pending

CONTENT_TYPE = "application/cloudevents-batch+json"
MOST_MESSAGES = 100
MOST_BYTES = 256 * 1024

Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class Event(msgspec.Struct, tag_field="specversion", tag="1.0", omit_defaults=True):
    """A message as a CloudEvent, attributes by their CloudEvents names; `data` is left as it came."""

    id: str
    source: str
    type: str
    subject: str
    time: Instant
    recordedtime: Instant
    dataschema: str
    partitionkey: str
    identity: str
    correlationid: str
    data: msgspec.Raw
    causationid: str | None = None
    rawid: str | None = None
    traceparent: str | None = None
    redriven: int = 0


WRITER = msgspec.json.Encoder()
READER = msgspec.json.Decoder(list[Event])


@dataclass(slots=True)
class Packet:
    """Some messages for one queue, in order: at most MOST_MESSAGES of at most MOST_BYTES together, or one of any size."""

    channel: str
    partition: int
    outbox_ids: list[int] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    size: int = 0

    def has_room(self, size: int) -> bool:
        return len(self.events) < MOST_MESSAGES and self.size + size <= MOST_BYTES

    def add(self, item: Pending) -> None:
        self.outbox_ids.append(item.outbox_id)
        self.events.append(_event(item))
        self.size += len(item.body)

    def written(self) -> bytes:
        return WRITER.encode(self.events)


def packed(batch: Sequence[Pending]) -> list[Packet]:
    """A batch in packets; those for one queue, and the messages in them, in the order of the batch."""
    packets: list[Packet] = []
    filling: dict[tuple[str, int], Packet] = {}
    for item in batch:
        queue = (item.channel, item.partition)
        packet = filling.get(queue)
        if packet is None or not packet.has_room(len(item.body)):
            packet = filling[queue] = Packet(*queue)
            packets.append(packet)
        packet.add(item)
    return packets


def opened(written: bytes, tag: Any, *, redelivered: bool) -> list[Received]:
    """The messages of a packet. ValueError for what is none.

    redelivered: a consumer died while it may have had the packet, which makes suspects of all its messages.
    """
    events = READER.decode(written)
    if not events:
        raise ValueError("an empty batch")
    return [Received(tag, _message(e), redriven=e.redriven > 0, suspect=redelivered or e.redriven > 1) for e in events]


def _event(m: Pending) -> Event:
    schema = f"urn:orderlane:schema:{m.type}:{m.schema_version}"
    return Event(
        m.message_id, m.source, m.type, m.subject, from_micros(m.occurred_at), from_micros(m.recorded_at), schema, m.partition_key,
        m.identity, m.correlation_id, msgspec.Raw(m.body), m.causation_id, m.raw_id, m.traceparent, m.redriven,
    )  # fmt: skip


def _message(e: Event) -> Message:
    return Message(
        e.id, e.type, e.source, e.subject, e.partitionkey, e.identity, e.time, e.recordedtime, e.correlationid, e.causationid,
        e.rawid, bytes(e.data), e.dataschema.rpartition(":")[2], e.traceparent,
    )  # fmt: skip
