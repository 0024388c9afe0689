"""Packets: what travels together, how it is written, and what is none."""

import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from canonical.envelope import Message
from routing.packets import MOST_BYTES, MOST_MESSAGES, Packet, opened, packed
from store.outbox import Pending
from tests.routing.toy import note, waiting
from tests.support.examples import examples


def pending(*messages: Message, channel: str = "toy", partition: int = 0, redriven: int = 0) -> list[Pending]:
    return [
        waiting(message, number, channel=channel, partition=partition, redriven=redriven)
        for number, message in enumerate(messages, 1)
    ]


def of_size(size: int) -> Message:
    """A message whose body has exactly `size` bytes."""
    body = note("K").body
    return replace(note("K"), body=body[:1] + b" " * (size - len(body)) + body[1:])


def sizes(packets: Sequence[Packet]) -> list[int]:
    return [len(packet.outbox_ids) for packet in packets]


def test_a_packet_is_a_cloudevents_batch_that_keeps_the_bytes_of_each_document() -> None:
    first, second = note("K", 1), replace(note("L", 2), causation_id="cause", raw_id=None, traceparent="00-1-2-03")
    events = json.loads(packed(pending(first, second))[0].written())
    assert events[0] == {
        "specversion": "1.0",
        "id": first.message_id,
        "source": "tests",
        "type": "order.cancelled",
        "subject": "K",
        "time": first.occurred_at.isoformat().replace("+00:00", "Z"),
        "recordedtime": first.recorded_at.isoformat().replace("+00:00", "Z"),
        "dataschema": "urn:orderlane:schema:order.cancelled:1",
        "partitionkey": first.partition_key,
        "identity": first.identity,
        "correlationid": first.correlation_id,
        "data": json.loads(first.body),
        "rawid": "-",
    }
    assert (events[1]["causationid"], events[1]["traceparent"], "rawid" in events[1]) == ("cause", "00-1-2-03", False)


def test_messages_come_back_as_they_were_sent_with_their_own_flags() -> None:
    messages = [of_size(900), note("L", 2), replace(note("M"), traceparent="00-1-2-03", causation_id="c", schema_version="2")]
    items = [waiting(message, n, redriven=redriven) for n, (redriven, message) in enumerate(zip((0, 1, 2), messages, strict=True))]
    received = opened(packed(items)[0].written(), 7, redelivered=False)
    assert [r.message for r in received] == [replace(message, leads=True) for message in messages]
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
    assert sizes(packed(pending(*[note("K")] * (2 * MOST_MESSAGES + 1)))) == [MOST_MESSAGES, MOST_MESSAGES, 1]


def test_a_packet_is_bounded_in_size_and_what_is_larger_travels_alone() -> None:
    half, small, large = of_size(MOST_BYTES // 2), of_size(500), of_size(MOST_BYTES + 1)
    assert sizes(packed(pending(half, half, small, small))) == [2, 2]
    assert sizes(packed(pending(small, large, large, small, small))) == [1, 1, 1, 2]


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
        packed(pending(note("K")))[0].written().replace(b'"partitionkey"', b'"shard"'),
        packed(pending(note("K")))[0].written().replace(b'"1.0"', b'"0.3"'),
        packed(pending(note("K")))[0].written().replace(b'Z"', b'"'),
    ],
)
def test_what_is_no_packet_of_ours_is_told_apart(written: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        opened(written, 7, redelivered=False)


def test_attributes_a_later_version_may_add_are_passed_over() -> None:
    message = note("K")
    written = packed(pending(message))[0].written().replace(b'"subject"', b'"laterattribute":"x","subject"')
    assert opened(written, 7, redelivered=False)[0].message == replace(message, leads=True)
