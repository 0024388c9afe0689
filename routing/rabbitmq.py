"""Channels on RabbitMQ with pika: one quorum queue per handler and partition, packets, batched confirms, multiple acks.

Facts this rests on, measured on RabbitMQ 3.10: a publish that is not `mandatory` to a missing queue is confirmed and
dropped; a confirming publish hangs under a memory alarm unless `blocked_connection_timeout` is set; requeueing breaks
order, so nothing here ever requeues on purpose.
"""

import logging
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.adapters.utils.connection_workflow import AMQPConnectorException, AMQPConnectorStackTimeout
from pika.exceptions import AMQPError

from canonical.failures import Misconfigured, Transient
from routing.channels import Queue, Received, queue_name
from routing.packets import CONTENT_TYPE, Packet, opened, packed
from store.outbox import Pending

log = logging.getLogger("orderlane.rabbitmq")

MOST_DEAD = 100_000
DELIVERY_LIMIT = 20
STALLED_AFTER = 60.0
PREFETCH = 16
"""Packets per queue."""
ACKNOWLEDGED_TOGETHER = 4
"""Packets: the broker writes every acknowledgement to its log, however many it is for. Fewer are acknowledged when nothing comes; a
consumer that dies before gets them again, and finds their receipts."""
FOREIGN = (AMQPError, AMQPConnectorException, OSError)
"""What pika raises: a handshake that takes too long is no AMQPError."""


REFUSALS = {403: "does not take this user and password", 530: "has no such virtual host, or keeps this user out of it"}
"""Why a broker that is there closes a connection at once, by its reply code; pika keeps that in its text only."""


def _reason(error: BaseException) -> str:
    """What went wrong in one line; pika wraps the reason of a failed connection several times."""
    inner = error
    while True:
        deeper = getattr(inner, "exception", None) or (inner.args[0] if inner.args else None)
        if isinstance(inner, AMQPConnectorStackTimeout):
            return "no handshake in time"
        if not isinstance(deeper, BaseException):
            return f"{type(inner).__name__} {inner}".strip()
        inner = deeper


class RabbitChannels:
    """The queues `<namespace>.<handler>.<partition>` on one broker."""

    def __init__(self, url: str, *, namespace: str, handlers: Sequence[str], partitions: int) -> None:
        wrong = Misconfigured("ORDERLANE_BROKER_URL: expected amqp://user:password@host:port/vhost")
        if not url.startswith(("amqp://", "amqps://")):
            raise wrong
        try:
            self.parameters = pika.URLParameters(url)
        except Exception as error:
            raise wrong from error
        self.parameters.heartbeat = 15
        self.parameters.blocked_connection_timeout = 10
        self.parameters.socket_timeout = 5
        self.parameters.stack_timeout = 10
        self.namespace = namespace
        self.handlers = tuple(handlers)
        self.partitions = partitions

    def queue(self, channel: str, partition: int) -> str:
        return f"{self.namespace}.{queue_name(channel, partition)}"

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Driver errors become Transient, with the broker's address."""
        try:
            yield
        except FOREIGN as error:
            raise self.unreachable(_reason(error)) from error

    def unreachable(self, reason: str) -> Transient:
        return Transient(f"RabbitMQ at {self.parameters.host}:{self.parameters.port}: {reason}")

    def reach(self) -> None:
        try:
            with self._admin():
                pass
        except Transient as error:
            refusal = next((told for code, told in REFUSALS.items() if f"({code})" in str(error)), None)
            if refusal is None:
                raise
            at = f"{self.parameters.host}:{self.parameters.port}"
            raise Misconfigured(f"ORDERLANE_BROKER_URL: RabbitMQ at {at} {refusal}") from error

    def declare(self) -> None:
        dead = f"{self.namespace}.dead"
        arguments = {
            "x-queue-type": "quorum",
            "x-single-active-consumer": True,
            "x-delivery-limit": DELIVERY_LIMIT,
            "x-dead-letter-exchange": dead,
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
        }
        with self._admin() as channel:
            channel.exchange_declare(self.namespace, "direct", durable=True)
            channel.exchange_declare(dead, "fanout", durable=True)
            channel.queue_declare(dead, durable=True, arguments={"x-queue-type": "quorum", "x-max-length": MOST_DEAD})
            channel.queue_bind(dead, dead)
            for handler in self.handlers:
                for partition in range(self.partitions):
                    name = self.queue(handler, partition)
                    channel.queue_declare(name, durable=True, arguments=arguments)
                    channel.queue_bind(name, self.namespace, routing_key=name)

    def delete(self) -> None:
        """Remove everything `declare` made, with what is in it."""
        with self._admin() as channel:
            for handler in self.handlers:
                for partition in range(self.partitions):
                    channel.queue_delete(self.queue(handler, partition))
            channel.queue_delete(f"{self.namespace}.dead")
            channel.exchange_delete(self.namespace)
            channel.exchange_delete(f"{self.namespace}.dead")

    def look(self, names: Collection[str]) -> dict[str, Queue | None]:
        with self._admin() as admin:
            return {name: _looked_at(admin.connection, f"{self.namespace}.{name}") for name in names}

    def publisher(self) -> "RabbitPublisher":
        return RabbitPublisher(self)

    def consumer(self, channel: str, partitions: Collection[int]) -> "RabbitConsumer":
        return RabbitConsumer(self, channel, partitions)

    @contextmanager
    def _admin(self) -> Iterator[BlockingChannel]:
        with self.translated():
            connection = pika.BlockingConnection(self.parameters)
            try:
                yield connection.channel()
            finally:
                if connection.is_open:
                    connection.close()


def _looked_at(connection: pika.BlockingConnection, queue: str) -> Queue | None:
    """On a channel of its own, which asking for a missing queue closes."""
    try:
        found = connection.channel().queue_declare(queue, passive=True).method
    except pika.exceptions.ChannelClosedByBroker:
        return None
    return Queue(found.message_count, found.consumer_count)


class RabbitPublisher:
    """Publishes packets and waits for all their confirms at once, on the thread of its caller."""

    def __init__(self, channels: RabbitChannels, *, timeout: float = 15.0) -> None:
        self._channels = channels
        self._timeout = timeout
        self._ready = False
        self._error: str | None = None
        self._channel: Any = None
        self._open: dict[int, Packet] = {}
        self._confirmed: list[int] = []
        self._last_tag = 0
        self._connection = pika.SelectConnection(
            channels.parameters,
            on_open_callback=lambda connection: connection.channel(on_open_callback=self._opened),
            on_open_error_callback=lambda _, error: self._failed(error),
            on_close_callback=lambda _, error: self._failed(error),
        )
        self._loop = self._connection.ioloop
        self._loop.activate_poller()
        self._work_until(lambda: self._ready)
        if not self._ready:
            self.close()
            raise channels.unreachable(self._error or "no connection in time")

    def _opened(self, channel: Any) -> None:
        self._channel = channel
        channel.add_on_return_callback(self._on_return)
        channel.add_on_close_callback(lambda _, error: self._failed(error))
        channel.confirm_delivery(self._on_confirm, callback=self._on_ready)

    def _on_ready(self, _frame: Any) -> None:
        self._ready = True

    def _failed(self, error: BaseException) -> None:
        self._error = self._error or _reason(error)

    def _work_until(self, done: Callable[[], bool]) -> None:
        """Read and write until `done`, until the connection fails, or until the time is up."""
        deadline = time.monotonic() + self._timeout
        while not done() and not self._error and time.monotonic() < deadline:
            self._work()

    def _work(self) -> None:
        """Read and write what there is, and wait for something where there is nothing."""
        try:
            self._loop.poll()
            self._loop.process_timeouts()
        except FOREIGN as error:
            self._failed(error)

    def publish(self, batch: Sequence[Pending]) -> list[int]:
        self._confirmed = []
        try:
            for packet in packed(batch):
                self._send(packet)
        except FOREIGN as error:
            self._failed(error)
        self._work_until(lambda: not self._open)
        if self._open and not self._confirmed:
            raise self._channels.unreachable(self._error or "no confirm in time")
        return self._confirmed

    def _send(self, packet: Packet) -> None:
        self._last_tag += 1
        properties = pika.BasicProperties(content_type=CONTENT_TYPE, delivery_mode=2, message_id=str(self._last_tag))
        queue = self._channels.queue(packet.channel, packet.partition)
        self._open[self._last_tag] = packet
        self._channel.basic_publish(self._channels.namespace, queue, packet.written(), properties, mandatory=True)

    def _on_return(self, _channel: Any, _method: Any, properties: Any, _body: bytes) -> None:
        self._open.pop(int(properties.message_id), None)

    def _on_confirm(self, frame: Any) -> None:
        acked = isinstance(frame.method, pika.spec.Basic.Ack)
        last = frame.method.delivery_tag
        for tag in [t for t in self._open if t <= last] if frame.method.multiple else [last]:
            packet = self._open.pop(tag, None)
            if acked and packet is not None:
                self._confirmed += packet.outbox_ids

    def attend(self) -> None:
        self._loop.add_callback(lambda: None)  # something to do: so it looks without waiting
        self._work()

    def close(self) -> None:
        if self._connection.is_open and not self._error:
            self._connection.close()
            self._work_until(lambda: bool(self._connection.is_closed))
        self._loop.close()


class RabbitConsumer:
    """Consumes some partitions of one handler on one connection; acks are multiple, and some packets late."""

    def __init__(self, channels: RabbitChannels, channel: str, partitions: Collection[int]) -> None:
        self._arrived: deque[tuple[Any, bytes]] = deque()
        self._dealt_with = self._acknowledged = 0
        self._cancelled = False
        self._active_at = time.monotonic()
        self._queues = [channels.queue(channel, p) for p in sorted(partitions)]
        self._channels = channels
        with channels.translated():
            self._connection = pika.BlockingConnection(channels.parameters)
            self._channel = self._connection.channel()
            self._channel.add_on_cancel_callback(self._on_cancel)
            self._channel.basic_qos(prefetch_count=PREFETCH)
            for queue in self._queues:
                self._channel.basic_consume(queue, self._on_packet)

    def _on_cancel(self, _frame: Any) -> None:
        self._cancelled = True

    def _on_packet(self, _channel: Any, method: Any, _properties: Any, body: bytes) -> None:
        self._arrived.append((method, body))

    def receive(self, limit: int, wait: float) -> list[Received]:
        with self._channels.translated():
            self._connection.process_data_events(time_limit=0 if self._arrived else wait)
            if self._arrived:
                self._active_at = time.monotonic()
            else:
                self._acknowledge()
                if time.monotonic() - self._active_at > STALLED_AFTER:
                    self._check_stalled()
            if self._cancelled:
                raise self._channels.unreachable("a queue went away")
            batch: list[Received] = []
            while self._arrived and len(batch) < limit:
                batch += self._opened(*self._arrived.popleft())
        return batch

    def _opened(self, method: Any, body: bytes) -> list[Received]:
        try:
            return opened(body, method.delivery_tag, redelivered=method.redelivered)
        except ValueError as error:
            log.error("foreign message rejected", extra={"queue": method.routing_key, "error": repr(error)})
            self._channel.basic_reject(method.delivery_tag, requeue=False)
            return []

    def _check_stalled(self) -> None:
        """A consumer that gets nothing while messages are ready is not to be trusted: leave and come back."""
        self._active_at = time.monotonic()
        ready = sum(self._channel.queue_declare(q, passive=True).method.message_count for q in self._queues)
        if ready:
            raise self._channels.unreachable(f"{ready} packets ready and none delivered for {STALLED_AFTER:.0f} s")

    def ack(self, last: Received) -> None:
        self._dealt_with = last.tag
        if self._dealt_with - self._acknowledged >= ACKNOWLEDGED_TOGETHER:
            with self._channels.translated():
                self._acknowledge()

    def _acknowledge(self) -> None:
        if self._dealt_with > self._acknowledged:
            self._channel.basic_ack(self._dealt_with, multiple=True)
            self._acknowledged = self._dealt_with

    def pause(self, seconds: float) -> None:
        with self._channels.translated():
            self._acknowledge()
            self._connection.sleep(seconds)

    def close(self) -> None:
        with self._channels.translated():
            if self._connection.is_open:
                self._acknowledge()
                self._connection.close()
