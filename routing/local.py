"""Channels inside one process, on kombu's in-memory transport: for `orderlane up` with nothing installed.

What is in memory at a crash is sent again from the database at the next start. The queues are kept short, because the
outbox is the real queue.
"""

import threading
from collections.abc import Collection, Sequence
from queue import Empty
from typing import Any

from kombu.connection import Connection

from routing.channels import Queue, Received
from routing.packets import opened, packed
from store.outbox import Pending

LONGEST_QUEUE = 200
"""Packets."""


class LocalChannels:
    """One in-memory queue per handler; messages of all partitions share it, in order."""

    def __init__(self, *, namespace: str, handlers: Sequence[str]) -> None:
        self.namespace = namespace
        self.handlers = tuple(handlers)
        self.arrived = threading.Condition()
        self._connection = Connection(f"memory://{namespace}")
        self._admin = self._connection.channel()

    def queue(self, channel: str) -> str:
        return f"{self.namespace}.{channel}"

    def reach(self) -> None:
        """Memory lets everybody in."""

    def declare(self) -> None:
        for handler in self.handlers:
            self._admin.queue_declare(self.queue(handler))

    def depth(self, channel: str) -> int:
        """Packets ready for a handler."""
        return int(self._admin._size(self.queue(channel)))

    def look(self, names: Collection[str]) -> dict[str, Queue | None]:
        return {name: Queue(self.depth(name.rpartition(".")[0]), None) for name in names}

    def publisher(self) -> "LocalPublisher":
        return LocalPublisher(self, self._connection.clone().channel())

    def consumer(self, channel: str, partitions: Collection[int]) -> "LocalConsumer":
        return LocalConsumer(self, channel, self._connection.clone().channel())


class LocalPublisher:
    def __init__(self, channels: LocalChannels, channel: Any) -> None:
        self._channels = channels
        self._channel = channel

    def publish(self, batch: Sequence[Pending]) -> list[int]:
        taken: list[int] = []
        full = {h for h in self._channels.handlers if self._channels.depth(h) >= LONGEST_QUEUE}
        for packet in packed(batch):
            if packet.channel not in full:
                message = self._channel.prepare_message(packet.written())
                self._channel.basic_publish(message, exchange="", routing_key=self._channels.queue(packet.channel))
                taken += packet.outbox_ids
        with self._channels.arrived:
            self._channels.arrived.notify_all()
        return taken

    def attend(self) -> None:
        """Memory needs no care."""

    def close(self) -> None:
        self._channel.close()


class LocalConsumer:
    def __init__(self, channels: LocalChannels, channel: str, transport_channel: Any) -> None:
        self._channels = channels
        self._queue = channels.queue(channel)
        self._name = channel
        self._channel = transport_channel
        self._open: list[Any] = []

    def receive(self, limit: int, wait: float) -> list[Received]:
        with self._channels.arrived:
            if not self._channels.depth(self._name):
                self._channels.arrived.wait(wait)
        batch: list[Received] = []
        while len(batch) < limit:
            try:
                taken = self._channel.basic_get(self._queue)
            except Empty:
                break
            if taken is None:
                break
            self._open.append(taken.delivery_tag)
            batch += opened(taken.body, taken.delivery_tag, redelivered=False)
        return batch

    def ack(self, last: Received) -> None:
        upto = self._open.index(last.tag) + 1
        for tag in self._open[:upto]:
            self._channel.basic_ack(tag)
        del self._open[:upto]

    def pause(self, seconds: float) -> None:
        threading.Event().wait(seconds)

    def close(self) -> None:
        self._channel.close()
