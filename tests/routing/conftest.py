"""A rig of relay, channels and one consumer around the toy handler, stepped by hand. What failed is due when a test says so."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence

import pytest
from sqlalchemy import text

from canonical.envelope import Message
from canonical.failures import Transient
from routing.channels import Channels, Publisher, Received
from routing.consumer import ConsumerLoop
from routing.local import LocalChannels
from routing.rabbitmq import RabbitChannels
from routing.relay import Relay
from routing.routes import Router
from routing.sweeper import sweep
from store import archive
from store.database import Database
from store.outbox import Pending
from tests.routing.toy import Toy, number_of
from tests.support.waiting import PATIENCE

UNHANDLED = "SELECT count(*) AS n FROM messages m WHERE m.channels <> '[]'" + "".join(
    f" AND NOT EXISTS (SELECT 1 FROM {table} t WHERE t.message_id = m.message_id)"
    for table in ("receipts", "parked", "retries", "dead_letters")
)


class ToToy:
    def channels_of(self, messages: Sequence[Message]) -> list[tuple[str, ...]]:
        return [("toy",)] * len(messages)


class NoDispatch:
    """Nothing leaves the hub in these tests."""

    def deliver(self, delivery_ids: Sequence[str]) -> None:
        raise AssertionError("no deliveries here")

    def translate(self, raw_ids: Sequence[str]) -> None:
        raise AssertionError("no large files here")


class Rig:
    """in_flight: what the channel took and nobody has received since, by message id."""

    def __init__(self, database: Database, channels: Channels) -> None:
        self.in_flight: Counter[str] = Counter()
        self.database = database
        self.channels = channels
        self.router = Router(ToToy(), handlers=["toy"], partitions=2)
        self.toy = Toy()
        self._noting(channels)
        self.relay = Relay(database, channels, partitions=2, dispatch=NoDispatch())
        channels.declare()
        self.consumer = channels.consumer("toy", range(2))
        self.loop = self.loop_of(self.toy)

    def loop_of(self, toy: Toy) -> ConsumerLoop:
        return ConsumerLoop(
            "toy", toy.handle, database=self.database, channels=self.channels, router=self.router, partitions=range(2)
        )

    def keep(self, *messages: Message) -> archive.Recorded:
        with self.database.transaction() as tx:
            return archive.record_messages(tx, self.router.routed(messages))

    def receive(self, count: int) -> list[Received]:
        """`count` messages, and what came in one packet with the last of them, as the channel delivers them."""
        got: list[Received] = []
        deadline = time.monotonic() + PATIENCE
        while len(got) < count:
            assert time.monotonic() < deadline, f"only {len(got)} of {count} messages arrived"
            got += self._received(count - len(got))
        return got

    def numbers(self, received: Sequence[Received]) -> list[int]:
        """The numbers by which the messages tell themselves apart."""
        with self.database.reading() as tx:
            kept = archive.messages(tx, [one.message_id for one in received])
        return [number_of(kept[one.message_id]) for one in received]

    def work(self) -> None:
        """Relay and consume until nothing is on its way any more."""
        deadline = time.monotonic() + PATIENCE
        while True:
            self.relay.send_due()
            self.relay.step()
            if not self._on_their_way():
                return
            assert time.monotonic() < deadline, f"still on their way: {+self.in_flight}"
            if batch := self._received(100):
                self.loop.settle(batch)
                self.consumer.ack(batch[-1])

    def _received(self, limit: int) -> list[Received]:
        received = self.consumer.receive(limit, 0.2)
        self.in_flight -= Counter(one.message_id for one in received)
        return received

    def _on_their_way(self) -> bool:
        with self.database.reading() as tx:
            unhandled = tx.rows(UNHANDLED)[0].n
        return bool(unhandled or +self.in_flight or self.count("outbox"))

    def _noting(self, channels: Channels) -> None:
        """From now on what the channel takes is in flight."""
        connect = channels.publisher

        def publisher() -> Publisher:
            connected = connect()
            publish = connected.publish

            def noted(batch: Sequence[Pending]) -> list[int]:
                taken = publish(batch)
                self.in_flight.update(one.message_id for one in batch if one.outbox_id in set(taken))
                return taken

            connected.publish = noted  # type: ignore[method-assign]
            return connected

        channels.publisher = publisher  # type: ignore[method-assign]

    def make_due(self) -> None:
        """As if the time of every retry and every look at a parked message had come."""
        with self.database.transaction() as tx:
            tx.run("UPDATE retries SET next_at = 0 WHERE next_at IS NOT NULL")
            tx.run("UPDATE parked SET recheck_at = 0")

    def sweep(self) -> int:
        return sweep(self.database, self.channels, handlers=["toy"], partitions=2, grace=0.0)

    def seen(self) -> list[tuple[str, int]]:
        with self.database.reading() as tx:
            return [(row.key, row.number) for row in tx.rows("SELECT key, number FROM seen ORDER BY id")]

    def count(self, table: str, where: str = "1 = 1") -> int:
        with self.database.reading() as tx:
            return int(tx.rows(f"SELECT count(*) AS n FROM {table} WHERE {where}")[0].n)


@pytest.fixture
def database(database: Database) -> Database:
    """With a table for the toy handler's effects."""
    with database.engine.begin() as connection:
        serial = "serial" if database.dialect == "postgresql" else "integer"
        connection.execute(text(f"CREATE TABLE seen (id {serial} PRIMARY KEY, key text, number integer)"))
    return database


@pytest.fixture
def channels(broker_url: str | None, namespace: str) -> Iterator[Channels]:
    if broker_url is None:
        yield LocalChannels(namespace=namespace, handlers=["toy"])
        return
    rabbit = RabbitChannels(broker_url, namespace=namespace, handlers=["toy"], partitions=2)
    yield rabbit
    rabbit.delete()


@pytest.fixture
def rig(database: Database, channels: Channels, time_stands_still: None) -> Iterator[Rig]:
    rig = Rig(database, channels)
    yield rig
    try:
        rig.consumer.close()
        rig.relay.close()
    except Transient:
        pass
