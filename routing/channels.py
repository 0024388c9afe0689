"""The channel port: how messages travel to the handlers. `rabbitmq` and `local` are the two ways."""

import zlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from store.outbox import Pending


class Received(msgspec.Struct, frozen=True):
    """A message that a consumer is told of. redriven: sent again by us; suspect: a consumer died while it may have had it."""

    tag: Any
    message_id: str
    redriven: bool
    suspect: bool


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue as it stands. packets: ready in it. consumers: who takes from it; None where that is not known."""

    packets: int
    consumers: int | None


class Publisher(Protocol):
    def publish(self, batch: Sequence[Pending]) -> list[int]:
        """Hand a batch over, in order; the outbox ids that are safely with the channel now. Transient when it is down."""

    def attend(self) -> None:
        """Do what keeps the connection alive; to be called every few seconds while there is nothing to publish."""

    def close(self) -> None: ...


class Consumer(Protocol):
    def receive(self, limit: int, wait: float) -> list[Received]:
        """Whole packets until they hold `limit` messages or more, as soon as there is one, or none after `wait` seconds. Transient
        when the channel is down."""

    def ack(self, last: Received) -> None:
        """Everything received up to and including `last`, the last message of what `receive` gave, is dealt with."""

    def pause(self, seconds: float) -> None:
        """Wait, keeping the connection alive."""

    def close(self) -> None: ...


class Channels(Protocol):
    """A kind of transport: opens publishers and consumers, each used by one thread."""

    def reach(self) -> None:
        """Returns when the transport lets us in. Misconfigured where it does not, Transient when the broker is down."""

    def declare(self) -> None:
        """Make every queue that is missing. Transient when the broker is down."""

    def publisher(self) -> Publisher: ...

    def consumer(self, channel: str, partitions: Collection[int]) -> Consumer: ...

    def look(self, names: Collection[str]) -> dict[str, Queue | None]:
        """What these queues (`queue_name`) hold; None for one that is missing. Transient when the broker is down."""


def queue_name(channel: str, partition: int) -> str:
    """The name of a channel's queue, within the namespace."""
    return f"{channel}.{partition}"


def partition_of(key: str, partitions: int) -> int:
    """Which partition a key belongs to: the same in every process and every version."""
    return zlib.crc32(key.encode()) % partitions
