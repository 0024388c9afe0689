"""What the broker or the database lose or hold up: found again, and blamed on nobody."""

from collections.abc import Sequence

import pytest

from canonical.envelope import Message
from canonical.failures import Transient
from canonical.handling import Outcome
from routing.dispatching import queue_deliveries
from routing.rabbitmq import RabbitChannels
from store import archive, outbox, retries
from store.database import Database
from tests.routing.conftest import Rig
from tests.routing.toy import Toy, note, told
from tools.services import provision

MANY = 2000


@pytest.mark.parametrize("mode", ["services"])  # queues in memory are lost at every start: see the crash points
def test_a_broker_that_lost_its_data_is_filled_again_from_the_database(database: Database) -> None:
    with provision.broker() as broker:
        channels = RabbitChannels(broker.url, namespace="wiped", handlers=["toy"], partitions=2)
        rig = Rig(database, channels)
        rig.consumer.close()
        rig.keep(*(note(f"K{n % 50}", n) for n in range(MANY)))
        while rig.relay.step():
            pass
        assert rig.count("outbox") == 0
        assert all(queue and queue.packets for queue in channels.look(["toy.0", "toy.1"]).values())
        broker.wipe_data()
        broker.start()
        rig.relay.close()
        rig.in_flight.clear()
        channels.declare()
        assert rig.sweep() == MANY
        rig.consumer = channels.consumer("toy", range(2))
        rig.work()
        seen = rig.seen()
        rig.consumer.close()
        rig.relay.close()
    assert len(seen) == MANY
    assert sorted(number for _, number in seen) == list(range(MANY))


def test_the_sweeper_does_not_pass_by_what_is_still_to_be_published(rig: Rig) -> None:
    rig.keep(note("K", 1), note("K", 2))
    assert rig.sweep() == 0
    with rig.database.transaction() as tx:  # published at last, and lost by the broker
        outbox.forget(tx, [p.outbox_id for p in outbox.pending(tx, 0, 10)])
    assert rig.sweep() == 2
    rig.work()
    assert rig.seen() == [("K", 1), ("K", 2)]


def test_what_is_committed_late_with_a_smaller_id_is_not_passed_by_the_next_of_its_key(rig: Rig) -> None:
    rig.keep(note("K", 1), note("other", 1))
    with rig.database.transaction() as tx:
        uncommitted = outbox.pending(tx, 0, 1)[0]
        outbox.forget(tx, [uncommitted.outbox_id])
    assert rig.relay.step() == 1
    with rig.database.transaction() as tx:
        tx.run(
            "INSERT INTO outbox (outbox_id, message_id, channel, partition) VALUES (:outbox_id, :message_id, 'toy', :partition)",
            outbox_id=uncommitted.outbox_id,
            message_id=uncommitted.message_id,
            partition=uncommitted.partition,
        )
    rig.keep(note("K", 2))
    assert rig.relay.step() == 2
    rig.work()
    assert [number for key, number in rig.seen() if key == "K"] == [1, 2]


def test_two_copies_in_one_batch_have_one_effect(rig: Rig) -> None:
    first, second = note("K", 1), note("K", 2)
    rig.keep(first, second)
    rig.loop.settle(told(*[first, second] * 2))
    assert rig.seen() == [("K", 1), ("K", 2)]


def test_a_suspect_is_not_blamed_for_a_database_that_goes_away(rig: Rig) -> None:
    failures = 4

    def decide(message: Message, outcome: Outcome) -> None:
        nonlocal failures
        if failures:
            failures -= 1
            raise Transient("database: gone")

    message = note("K", 7)
    rig.keep(message)
    loop = rig.loop_of(Toy(decide))
    suspect = told(message, suspect=True)
    for _ in range(4):
        with pytest.raises(Transient):
            loop.settle(suspect)
    with rig.database.reading() as tx:
        assert retries.attempts_of(tx, "toy", message.message_id) == 1
    loop.settle(suspect)
    assert rig.seen() == [("K", 7)]
    assert rig.count("dead_letters") == 0
    assert rig.count("retries") == 0


class Refusing:
    """Where work is handed on, while the broker is down."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def deliver(self, delivery_ids: Sequence[str]) -> None:
        self.asked += delivery_ids
        raise Transient("broker: down")

    def translate(self, raw_ids: Sequence[str]) -> None:
        raise AssertionError("no large files here")


def test_deliveries_that_could_not_be_handed_on_are_due_again_at_once(rig: Rig) -> None:
    with rig.database.transaction() as tx:
        archive.record_messages(tx, [archive.Routed(note("K"), endpoints=("somebody",))])
    dispatch = Refusing()
    with pytest.raises(Transient):
        queue_deliveries(rig.database, dispatch, limit=10)
    assert len(dispatch.asked) == 1
    assert rig.count("deliveries", "status = 'pending'") == 1
    with rig.database.transaction() as tx:
        (row,) = tx.rows("SELECT next_at - {now} AS wait FROM deliveries")
        tx.run("UPDATE deliveries SET next_at = next_at - 1000000")
    assert row.wait <= 1_000_000
    with pytest.raises(Transient):
        queue_deliveries(rig.database, dispatch, limit=10)
    assert dispatch.asked[0] == dispatch.asked[1]
