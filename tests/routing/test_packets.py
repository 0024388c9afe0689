"""Packets: what travels together, how it is written, and what is none."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canonical.envelope import Message
from routing.packets import MOST_MESSAGES, opened, packed
from store.outbox import Pending
from tests.routing.toy import note, waiting
from tests.support.examples import examples


def pending(*messages: Message) -> list[Pending]:
    return [waiting(message, number) for number, message in enumerate(messages, 1)]


def test_a_packet_is_a_cloudevents_batch_that_names_each_message_and_says_nothing_of_what_is_in_it() -> None:
    first, second = note("K", 1), note("L", 2)
    written = packed([waiting(first, 1), waiting(second, 2, redriven=1)])[0].written()
    named = {"specversion": "1.0", "source": "/outbox", "type": "orderlane.message"}
    assert json.loads(written) == [
        named | {"id": first.message_id, "dataref": f"/messages/{first.message_id}"},
        named | {"id": second.message_id, "dataref": f"/messages/{second.message_id}", "redriven": 1},
    ]


def test_messages_are_received_in_their_order_with_their_own_flags() -> None:
    messages = [note("K"), note("L", 2), note("M")]
    items = [waiting(message, n, redriven=n) for n, message in enumerate(messages)]
    received = opened(packed(items)[0].written(), 7, redelivered=False)
    assert [r.message_id for r in received] == [message.message_id for message in messages]
    assert [(r.tag, r.redriven, r.suspect) for r in received] == [(7, False, False), (7, True, False), (7, True, True)]


def test_redelivery_makes_every_message_of_a_packet_suspect() -> None:
    written = packed(pending(note("K"), note("L")))[0].written()
    assert [(r.redriven, r.suspect) for r in opened(written, 7, redelivered=True)] == [(False, True), (False, True)]


@examples(100)
@given(st.lists(st.tuples(st.sampled_from(("a", "b")), st.integers(0, 2)), max_size=250))
def test_a_batch_is_split_by_queue_and_keeps_the_order_of_each(queues: list[tuple[str, int]]) -> None:
    message = note("K")
    batch = [waiting(message, number, channel=channel, partition=partition) for number, (channel, partition) in enumerate(queues)]
    packets = packed(batch)
    assert all(0 < len(packet.outbox_ids) <= MOST_MESSAGES for packet in packets)
    for channel, partition in set(queues):
        of_queue = [packet for packet in packets if (packet.channel, packet.partition) == (channel, partition)]
        expected = [item for item in batch if (item.channel, item.partition) == (channel, partition)]
        assert [number for packet in of_queue for number in packet.outbox_ids] == [item.outbox_id for item in expected]
        assert len(of_queue) == -(-len(expected) // MOST_MESSAGES)


def test_a_packet_is_bounded_in_number() -> None:
    packets = packed(pending(*[note("K")] * (2 * MOST_MESSAGES + 1)))
    assert [len(packet.outbox_ids) for packet in packets] == [MOST_MESSAGES, MOST_MESSAGES, 1]


@pytest.mark.parametrize(
    "written",
    [
        b"",
        b"hello",
        b"[]",
        b"{}",
        b"[{}]",
        b"\xff\xfe",
        packed(pending(note("K")))[0].written()[:-2],
        packed(pending(note("K")))[0].written().replace(b'"id"', b'"name"'),
        packed(pending(note("K")))[0].written().replace(b'"1.0"', b'"0.3"'),
    ],
)
def test_what_is_no_packet_of_ours_is_told_apart(written: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        opened(written, 7, redelivered=False)


def test_attributes_of_a_later_version_are_passed_over() -> None:
    message = note("K")
    written = packed(pending(message))[0].written().replace(b'"source"', b'"laterattribute":"x","source"')
    assert opened(written, 7, redelivered=False)[0].message_id == message.message_id


def test_a_packet_of_a_version_that_sent_messages_whole_is_understood() -> None:
    event = {
        "specversion": "1.0", "id": "M-1", "source": "shop-eu", "type": "order.cancelled", "subject": "1001",
        "time": "2026-11-26T10:00:00Z", "recordedtime": "2026-11-26T10:00:00Z", "partitionkey": "1001", "identity": "I",
        "dataschema": "urn:orderlane:schema:order.cancelled:1", "correlationid": "M-1", "data": {"order_no": "1001"}, "redriven": 1,
    }  # fmt: skip
    received = opened(json.dumps([event]).encode(), 7, redelivered=False)
    assert [(r.message_id, r.redriven, r.suspect) for r in received] == [("M-1", True, False)]
