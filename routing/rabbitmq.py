"""Channels on RabbitMQ with pika: one quorum queue per handler and partition, batched confirms, multiple acks.

Facts this rests on, measured on RabbitMQ 3.10: a publish that is not `mandatory` to a missing queue is confirmed and
dropped; a confirming publish hangs under a memory alarm unless `blocked_connection_timeout` is set; requeueing breaks
order, so nothing here ever requeues on purpose.
"""

import logging
import threading
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError

from canonical.envelope import message_from
from canonical.failures import Misconfigured, Transient
from routing import amqp_tables
from routing.channels import Received
from store.outbox import Pending

log = logging.getLogger("orderlane.rabbitmq")

PREFIX = "cloudEvents_"
MOST_DEAD = 100_000
DELIVERY_LIMIT = 20
STALLED_AFTER = 60.0


def _reason(error: BaseException) -> str:
    """What went wrong in one line; pika wraps the reason of a failed connection several times."""
    inner = error
    while True:
        deeper = getattr(inner, "exception", None) or (inner.args[0] if inner.args else None)
        if not isinstance(deeper, BaseException):
            return f"{type(inner).__name__} {inner}".strip()
        inner = deeper


class RabbitChannels:
    """The queues `<namespace>.<handler>.<partition>` on one broker."""

    def __init__(self, url: str, *, namespace: str, handlers: Sequence[str], partitions: int) -> None:
        try:
            self.parameters = pika.URLParameters(url)
        except Exception as error:
            raise Misconfigured("ORDERLANE_BROKER_URL: expected amqp://user:password@host:port/vhost") from error
        amqp_tables.install()
        self.parameters.heartbeat = 15
        self.parameters.blocked_connection_timeout = 10
        self.parameters.socket_timeout = 5
        self.parameters.stack_timeout = 10
        self.namespace = namespace
        self.handlers = tuple(handlers)
        self.partitions = partitions

    def queue(self, channel: str, partition: int) -> str:
        return f"{self.namespace}.{channel}.{partition}"

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Driver errors become Transient, with the broker's address."""
        try:
            yield
        except (AMQPError, OSError) as error:
            raise self.unreachable(_reason(error)) from error

    def unreachable(self, reason: str) -> Transient:
        return Transient(f"RabbitMQ at {self.parameters.host}:{self.parameters.port}: {reason}")

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

    def depth(self, channel: str, partition: int) -> int | None:
        with self._admin() as admin:
            try:
                return int(admin.queue_declare(self.queue(channel, partition), passive=True).method.message_count)
            except pika.exceptions.ChannelClosedByBroker:
                return None

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


class RabbitPublisher:
    """Publishes batches and waits for all confirms at once. Its connection lives on a thread of its own."""

    def __init__(self, channels: RabbitChannels, *, timeout: float = 15.0) -> None:
        self._channels = channels
        self._timeout = timeout
        self._ready = threading.Event()
        self._settled = threading.Event()
        self._error: str | None = None
        self._channel: Any = None
        self._tags: dict[int, int] = {}
        self._returned: set[str] = set()
        self._confirmed: list[int] = []
        self._next_tag = 0
        self._connection = pika.SelectConnection(
            channels.parameters,
            on_open_callback=lambda connection: connection.channel(on_open_callback=self._opened),
            on_open_error_callback=lambda _, error: self._failed(error),
            on_close_callback=lambda _, error: self._failed(error),
        )
        self._thread = threading.Thread(target=self._loop, name="publisher", daemon=True)
        self._thread.start()
        if not self._ready.wait(timeout) or self._error:
            self.close()
            raise channels.unreachable(self._error or "no connection in time")

    def _loop(self) -> None:
        try:
            self._connection.ioloop.start()
        except (AMQPError, OSError) as error:
            self._failed(error)

    def _opened(self, channel: Any) -> None:
        self._channel = channel
        channel.add_on_return_callback(self._on_return)
        channel.add_on_close_callback(lambda _, error: self._failed(error))
        channel.confirm_delivery(self._on_confirm, callback=lambda _: self._ready.set())

    def _failed(self, error: BaseException) -> None:
        self._error = _reason(error)
        self._ready.set()
        self._settled.set()
        self._connection.ioloop.stop()

    def publish(self, batch: Sequence[Pending]) -> list[int]:
        if self._error:
            raise self._channels.unreachable(self._error)
        self._settled.clear()
        self._confirmed, self._returned = [], set()
        self._connection.ioloop.add_callback_threadsafe(lambda: self._send(batch))
        settled = self._settled.wait(self._timeout)
        if (not settled or self._error) and not self._confirmed:
            raise self._channels.unreachable(self._error or "no confirm in time")
        return list(self._confirmed)

    def _send(self, batch: Sequence[Pending]) -> None:
        exchange = self._channels.namespace
        for item in batch:
            self._next_tag += 1
            self._tags[self._next_tag] = item.outbox_id
            try:
                self._channel.basic_publish(
                    exchange,
                    self._channels.queue(item.channel, item.partition),
                    item.message.body,
                    _properties(item),
                    mandatory=True,
                )
            except (AMQPError, OSError) as error:
                self._failed(error)
                return

    def _on_return(self, _channel: Any, _method: Any, properties: Any, _body: bytes) -> None:
        self._returned.add(properties.correlation_id)

    def _on_confirm(self, frame: Any) -> None:
        acked = isinstance(frame.method, pika.spec.Basic.Ack)
        tags = [t for t in self._tags if t <= frame.method.delivery_tag] if frame.method.multiple else [frame.method.delivery_tag]
        for tag in tags:
            outbox_id = self._tags.pop(tag, None)
            if outbox_id is not None and acked and str(outbox_id) not in self._returned:
                self._confirmed.append(outbox_id)
        if not self._tags:
            self._settled.set()

    def close(self) -> None:
        if self._connection.is_open and not self._error:
            self._connection.ioloop.add_callback_threadsafe(self._connection.close)
        self._thread.join(timeout=5)


def _properties(item: Pending) -> pika.BasicProperties:
    headers: dict[str, Any] = {PREFIX + name: value for name, value in item.message.attributes().items()}
    headers["redriven"] = item.redriven
    return pika.BasicProperties(
        content_type="application/json",
        delivery_mode=2,
        message_id=item.message.message_id,
        correlation_id=str(item.outbox_id),
        headers=headers,
    )


class RabbitConsumer:
    """Consumes some partitions of one handler on one connection; acks are multiple."""

    def __init__(self, channels: RabbitChannels, channel: str, partitions: Collection[int], *, prefetch: int = 250) -> None:
        self._arrived: list[Received] = []
        self._cancelled = False
        self._active_at = time.monotonic()
        self._queues = [channels.queue(channel, p) for p in sorted(partitions)]
        self._channels = channels
        with channels.translated():
            self._connection = pika.BlockingConnection(channels.parameters)
            self._channel = self._connection.channel()
            self._channel.add_on_cancel_callback(self._on_cancel)
            self._channel.basic_qos(prefetch_count=prefetch)
            for queue in self._queues:
                self._channel.basic_consume(queue, self._on_message)

    def _on_cancel(self, _frame: Any) -> None:
        self._cancelled = True

    def _on_message(self, channel: Any, method: Any, properties: Any, body: bytes) -> None:
        try:
            headers = properties.headers
            attributes = {name[len(PREFIX) :]: value for name, value in headers.items() if name.startswith(PREFIX)}
            message, redriven = message_from(attributes, body), int(headers["redriven"])
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            log.error("foreign message rejected", extra={"queue": method.routing_key, "error": repr(error)})
            channel.basic_reject(method.delivery_tag, requeue=False)
            return
        self._arrived.append(Received(method.delivery_tag, message, redriven > 0, method.redelivered or redriven > 1))

    def receive(self, limit: int, wait: float) -> list[Received]:
        with self._channels.translated():
            self._connection.process_data_events(time_limit=0 if self._arrived else wait)
            if self._arrived:
                self._active_at = time.monotonic()
            elif time.monotonic() - self._active_at > STALLED_AFTER:
                self._check_stalled()
        if self._cancelled:
            raise self._channels.unreachable("a queue went away")
        batch, self._arrived = self._arrived[:limit], self._arrived[limit:]
        return batch

    def _check_stalled(self) -> None:
        """A consumer that gets nothing while messages are ready is not to be trusted: leave and come back."""
        self._active_at = time.monotonic()
        ready = sum(self._channel.queue_declare(q, passive=True).method.message_count for q in self._queues)
        if ready:
            raise self._channels.unreachable(f"{ready} messages ready and none delivered for {STALLED_AFTER:.0f} s")

    def ack(self, last: Received) -> None:
        with self._channels.translated():
            self._channel.basic_ack(last.tag, multiple=True)

    def pause(self, seconds: float) -> None:
        with self._channels.translated():
            self._connection.sleep(seconds)

    def close(self) -> None:
        with self._channels.translated():
            if self._connection.is_open:
                self._connection.close()
