"""Packets on real channels: handed out whole, acknowledged whole, one bad message in them harms nobody else."""

import time
from collections.abc import Iterator
from typing import Any

import pika
import pytest
from msgspec.structs import replace
from pika.adapters.blocking_connection import BlockingChannel

from canonical.envelope import Message, caused_message, first_message
from canonical.handling import Outcome
from routing.channels import partition_of
from routing.consumer import LARGE
from routing.rabbitmq import PREFETCH, RabbitChannels, RabbitConsumer
from store import archive, outbox
from tests.routing.conftest import Rig
from tests.routing.toy import NOW, Toy, as_kept, note, number_of, told
from tests.support.waiting import PATIENCE, until


class Killed(BaseException):
    """Stands for the process being gone: nothing after it runs."""


def dies_on(*killers: Message) -> Toy:
    ids = {killer.message_id for killer in killers}

    def decide(message: Message, outcome: Outcome) -> None:
        if message.message_id in ids:
            raise Killed

    return Toy(decide)


def publish_all(rig: Rig) -> None:
    while rig.relay.step():
        pass


def come_back(rig: Rig) -> None:
    """A consumer that dies and one that takes its place."""
    rig.consumer.close()
    rig.consumer = rig.channels.consumer("toy", range(2))


@pytest.fixture
def rabbit(channels: RabbitChannels) -> Iterator[BlockingChannel]:
    """A channel of a stranger on the same broker."""
    with pika.BlockingConnection(channels.parameters) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        yield channel


def test_what_waits_for_one_queue_travels_as_one(rig: Rig) -> None:
    messages = [note(f"K{n}", n) for n in range(60)]
    rig.keep(*messages)
    publish_all(rig)
    assert rig.count("outbox") == 0
    received = rig.receive(60)
    assert sorted(rig.numbers(received)) == list(range(60))
    assert len({r.tag for r in received}) == len({partition_of(m.partition_key, 2) for m in messages}) == 2


@pytest.mark.parametrize("mode", ["services"])
def test_a_batch_is_all_that_has_come(rig: Rig, rabbit: BlockingChannel) -> None:
    for first in range(0, 400, 100):
        rig.keep(*[note("K", n) for n in range(first, first + 100)])
        publish_all(rig)
    queue = rig.channels.queue("toy", partition_of("K", 2))
    until(lambda: rabbit.queue_declare(queue, passive=True).method.message_count == 0, "all on their way here")
    batch = rig.consumer.receive(400, PATIENCE)
    assert rig.numbers(batch) == list(range(400))
    assert len({r.tag for r in batch}) == 4


def test_a_handler_is_handed_each_message_as_it_was_kept(rig: Rig) -> None:
    handed: list[Message] = []
    rig.toy.decide = lambda message, outcome: handed.append(message)
    first = note("Größe 5 µm", 1)
    caused = caused_message(note("K", 2).document, first, source="tests", now=NOW)
    of_nobody = replace(note("K", 3), raw_id=None, traceparent="00-1-2-03", schema_version="2")
    rig.keep(first, caused, of_nobody)
    rig.work()
    assert {m.message_id: m for m in handed} == {m.message_id: as_kept(m) for m in (first, caused, of_nobody)}


def test_large_messages_are_read_one_at_a_time_and_handled_whole_in_their_places(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    def vast(number: int) -> Message:
        document = note("K", number).document.but(extensions={"notes": ["x" * LARGE]})
        return first_message(document, source="tests", raw_id="-", now=NOW)

    read: list[list[int]] = []
    messages = archive.messages

    def noting(*args: Any, **how: int) -> dict[str, Message]:
        found = messages(*args, **how)
        read.append([number_of(message) for message in found.values() if len(message.body) > LARGE])
        return found

    monkeypatch.setattr(archive, "messages", noting)
    handed: list[Message] = []
    rig.toy.decide = lambda message, outcome: handed.append(message)
    sent = [note("K", 0), vast(1), vast(2), note("K", 3), note("K", 4), vast(5)]
    rig.keep(*sent)
    rig.work()
    assert handed == [as_kept(message) for message in sent]
    assert [numbers for numbers in read if numbers] == [[1], [2], [5]]


def test_a_bad_message_in_a_packet_is_set_aside_alone(rig: Rig) -> None:
    messages = [note(f"K{n}", n) for n in range(40)]
    bad = messages[17]

    def decide(message: Message, outcome: Outcome) -> None:
        if message.message_id == bad.message_id:
            raise ValueError("this one is bad")

    rig.toy.decide = decide
    rig.keep(*messages, note("K17", 99))
    rig.work()
    assert sorted(number for _, number in rig.seen()) == [n for n in range(40) if n != 17]
    assert rig.count("retries", "attempts = 1") == 1
    assert rig.count("retries") == 2  # and the one that stands behind it
    assert rig.count("receipts") == 39
    assert [queue and queue.packets for queue in rig.channels.look(["toy.0", "toy.1"]).values()] == [0, 0]


@pytest.mark.parametrize("mode", ["services"])
def test_a_packet_is_handed_out_whole_and_comes_again_whole_unless_it_was_acknowledged(rig: Rig) -> None:
    first, second = [note("K", n) for n in range(5)], [note("K", n) for n in range(5, 12)]
    for some in (first, second):
        rig.keep(*some)
        publish_all(rig)
    batch = rig.receive(1)
    assert rig.numbers(batch) == list(range(5))
    rig.consumer.ack(batch[-1])
    assert rig.numbers(rig.receive(1)) == list(range(5, 12))
    come_back(rig)
    again = rig.receive(7)
    assert rig.numbers(again) == list(range(5, 12))
    assert all(r.suspect for r in again)


def dies(rig: Rig) -> None:
    """The consumer's connection ends without a word of its own, and another takes its place."""
    consumer = rig.consumer
    assert isinstance(consumer, RabbitConsumer)
    consumer._connection.close()
    rig.consumer = rig.channels.consumer("toy", range(2))


@pytest.mark.parametrize("mode", ["services"])
def test_a_packet_dealt_with_is_acknowledged_when_nothing_else_comes(rig: Rig) -> None:
    rig.keep(note("K", 1))
    publish_all(rig)
    batch = rig.receive(1)
    rig.consumer.ack(batch[-1])
    assert rig.consumer.receive(100, 0.05) == []
    dies(rig)
    rig.keep(note("K", 2))
    publish_all(rig)
    assert [(n, r.suspect) for r in rig.receive(1) for n in rig.numbers([r])] == [(2, False)]


@pytest.mark.parametrize("mode", ["services"])
@pytest.mark.parametrize(("dealt_with", "come_again"), [(3, 3), (4, 0)])
def test_few_packets_are_acknowledged_late_and_come_again_if_the_consumer_dies_before_and_change_nothing(
    rig: Rig, dealt_with: int, come_again: int
) -> None:
    for n in range(dealt_with):
        rig.keep(note("K", n))
        publish_all(rig)
    for _ in range(dealt_with):
        batch = rig.receive(1)
        rig.loop.settle(batch)
        rig.consumer.ack(batch[-1])
    dies(rig)
    rig.keep(note("K", 99))
    publish_all(rig)
    again = rig.receive(come_again + 1)
    assert [(n, r.suspect) for r in again for n in rig.numbers([r])] == [(n, True) for n in range(come_again)] + [(99, False)]
    rig.toy.calls = 0
    rig.loop.settle(again)
    assert (rig.toy.calls, rig.seen()) == (1, [("K", n) for n in [*range(dealt_with), 99]])


@pytest.mark.parametrize("mode", ["services"])
def test_a_consumer_that_dies_with_packets_in_hand_costs_two_transactions_and_no_effect(rig: Rig) -> None:
    messages = [note(f"K{n % 7}", n) for n in range(90)]
    rig.keep(*messages)
    publish_all(rig)
    rig.loop.settle(rig.receive(90)[:30])  # committed, and then it dies without a word to the broker
    come_back(rig)
    again = rig.receive(90)
    assert all(r.suspect for r in again)
    rig.toy.calls = 0
    rig.loop.settle(again)
    rig.consumer.ack(again[-1])
    assert rig.toy.calls == 1
    assert sorted(number for _, number in rig.seen()) == list(range(90))
    for key in {m.subject for m in messages}:
        numbers = [number for k, number in rig.seen() if k == key]
        assert numbers == sorted(numbers)
    assert (rig.count("retries"), rig.count("dead_letters"), rig.count("receipts")) == (0, 0, 90)


@pytest.mark.parametrize("position", [0, 20, 39])
def test_what_kills_a_handler_in_company_is_found_alone_and_nobody_else_is_blamed(rig: Rig, position: int) -> None:
    messages = [note(f"K{n}", n) for n in range(40)]
    killer, behind = messages[position], note(f"K{position}", 99)
    rig.keep(*messages, behind)
    toy = dies_on(killer)
    deaths = 0
    while deaths < 10:
        try:
            rig.loop_of(toy).settle(told(*messages, behind, suspect=True))
            break
        except Killed:
            deaths += 1
    assert deaths == 3  # once in company, twice alone
    assert sorted(number for _, number in rig.seen()) == [n for n in [*range(40), 99] if n != position]
    assert rig.count("dead_letters", "attempts = 2 AND reason = 'the handler died each time'") == 1
    assert (rig.count("dead_letters"), rig.count("retries")) == (1, 0)
    rig.loop_of(toy).settle(told(*messages, behind, suspect=True))  # it was buried, and the word of it did not reach the broker
    assert (rig.count("dead_letters", "status = 'dead'"), rig.count("retries"), len(rig.seen())) == (1, 0, 40)


def test_suspects_of_a_process_that_is_killed_again_and_again_for_no_fault_of_theirs_are_not_buried(rig: Rig) -> None:
    messages = [note(f"K{n % 5}", n) for n in range(40)]
    rig.keep(*messages)
    for victim in (messages[30], messages[3], messages[5], messages[21]):
        with pytest.raises(Killed):
            rig.loop_of(dies_on(victim)).settle(told(*messages, suspect=True))
    rig.loop.settle(told(*messages, suspect=True))
    assert sorted(number for _, number in rig.seen()) == list(range(40))
    assert (rig.count("dead_letters"), rig.count("retries")) == (0, 0)


def test_two_copies_of_a_message_sent_again_leave_nobody_waiting_behind_it(rig: Rig) -> None:
    failing = [True]

    def decide(message: Message, outcome: Outcome) -> None:
        if failing[0]:
            raise ValueError("not yet")

    rig.toy.decide = decide
    message = note("K", 1)
    rig.keep(message)
    rig.work()
    failing[0] = False
    rig.loop.settle([*told(message), *told(message, message, redriven=True)])
    assert rig.seen() == [("K", 1)]
    assert rig.count("retries") == 0


@pytest.mark.parametrize("mode", ["services"])
def test_a_packet_without_a_queue_stays_in_the_outbox_and_goes_when_the_queue_is_back(rig: Rig, rabbit: BlockingChannel) -> None:
    messages = [note(f"K{n}", n) for n in range(30)]
    gone = partition_of(messages[0].partition_key, 2)
    rig.keep(note("first", 30))
    rig.work()
    rabbit.queue_delete(rig.channels.queue("toy", gone))
    rig.keep(*messages)
    rig.relay.step()
    left = sum(partition_of(m.partition_key, 2) == gone for m in messages)
    assert rig.count("outbox") == left
    assert rig.count("outbox", f"partition <> {gone}") == 0
    made_again = rig.channels.look([f"toy.{gone}"])[f"toy.{gone}"]
    assert made_again is not None and made_again.packets == 0  # and the broker may still count the consumer of the old one
    come_back(rig)
    rig.work()
    assert sorted(number for _, number in rig.seen()) == list(range(31))
    assert rig.count("outbox") == 0


@pytest.mark.parametrize("mode", ["services"])
def test_what_is_no_packet_is_rejected_and_what_came_with_it_is_handled(rig: Rig, rabbit: BlockingChannel) -> None:
    strange = pika.BasicProperties(delivery_mode=2)
    for body in (b"hello", b"[]"):
        rabbit.basic_publish(rig.channels.namespace, rig.channels.queue("toy", partition_of("K", 2)), body, strange)
    rig.keep(note("K", 1))
    rig.work()
    assert rig.seen() == [("K", 1)]
    dead = f"{rig.channels.namespace}.dead"
    bodies = {next(rabbit.consume(dead, auto_ack=True, inactivity_timeout=PATIENCE))[2] for _ in range(2)}
    assert bodies == {b"hello", b"[]"}


@pytest.mark.parametrize("mode", ["services"])
def test_a_consumer_holds_no_more_packets_than_it_asked_for(rig: Rig) -> None:
    for n in range(PREFETCH + 5):
        rig.keep(note("K", n))
        publish_all(rig)
    batch = rig.receive(PREFETCH)
    assert rig.numbers(batch) == list(range(PREFETCH))
    assert rig.consumer.receive(100, 0.3) == []
    rig.consumer.ack(batch[-1])
    assert rig.numbers(rig.receive(5)) == list(range(PREFETCH, PREFETCH + 5))


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["services"])
def test_a_publisher_that_is_attended_to_keeps_its_connection(rig: Rig) -> None:
    rig.channels.parameters.heartbeat = 1
    publisher = rig.channels.publisher()
    for _ in range(16):
        time.sleep(0.25)
        publisher.attend()
    rig.keep(note("K"))
    with rig.database.reading() as tx:
        waiting = outbox.pending(tx, 0, 10)
    assert publisher.publish(waiting) == [waiting[0].outbox_id]
    publisher.close()
