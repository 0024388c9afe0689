"""Header tables are read as pika reads them, whatever is in them."""

from datetime import UTC, datetime
from decimal import Decimal

import pika
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pika import data

from routing.amqp_tables import read_table
from tests.support.examples import examples

NAMES = st.text(max_size=60).filter(lambda name: len(name.encode()) <= 255)
VALUES = st.recursive(
    st.one_of(
        st.text(max_size=300), st.binary(max_size=30), st.booleans(), st.none(), st.integers(-(2**63), 2**63 - 1),
        st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-1000, max_value=1000),
        st.integers(0, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


def encoded(table: dict[str, object]) -> bytes:
    pieces: list[bytes] = []
    data.encode_table(pieces, table)
    return b"".join(pieces)


@examples(200)
@given(st.dictionaries(NAMES, VALUES, max_size=8), st.binary(max_size=9))
def test_any_table_is_read_like_pika_reads_it(table: dict[str, object], before: bytes) -> None:
    raw = before + encoded(table) + b"after"
    found, end = read_table(raw, len(before))
    assert (found, raw[end:]) == (_by_pika(raw, len(before)), b"after")


def _by_pika(raw: bytes, offset: int) -> dict[str, object]:
    """The same by pika's own functions, value by value."""
    found: dict[str, object] = {}
    size = int.from_bytes(raw[offset : offset + 4], "big")
    offset += 4
    end = offset + size
    while offset < end:
        name, offset = data.decode_short_string(raw, offset)
        found[name], offset = data.decode_value(raw, offset)
    return found


def test_text_that_is_no_utf8_stays_bytes() -> None:
    raw = b"\0\0\0\x09\x01aS\0\0\0\x02\xff\xfe"
    assert read_table(raw, 0) == ({"a": b"\xff\xfe"}, len(raw))


@pytest.mark.parametrize("amount", [Decimal("1.50"), Decimal(7)])
def test_the_properties_of_a_message_come_back(amount: Decimal) -> None:
    sent = pika.BasicProperties(content_type="a/b", message_id="m", headers={"n": 1, "t": "é", "amount": amount})
    found = pika.BasicProperties().decode(b"".join(sent.encode()))
    assert (found.content_type, found.message_id, found.headers) == ("a/b", "m", {"n": 1, "t": "é", "amount": amount})
