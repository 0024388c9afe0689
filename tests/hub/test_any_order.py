"""Messages of one order through the whole pipeline (intake, relay, queues, handlers, deliveries), in any order and repeated."""

import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from canonical.documents.base import Document
from operations import find, verify
from store.database import open_database
from tests.handlers.golden import dispatched, paid, placed, stocked, tracked
from tests.operations.small_hub import SmallHub
from tests.support.examples import examples
from tests.support.tables import file_with_tables

STORY: tuple[Document, ...] = (
    stocked(), placed(), dispatched("S1"), tracked("S1", "in_transit", 8), tracked("S1", "delivered", 12),
    dispatched("S2", day=22), tracked("S2", "in_transit", 9), tracked("S2", "delivered", 13), paid("B-1", "1394.42"),
)  # fmt: skip
TIMES = frozenset({"changed_at", "allocated_at", "recorded_at"})


def without_times(value: Any) -> Any:
    """A view without the instants at which we came to know things."""
    if isinstance(value, dict):
        return {key: without_times(inner) for key, inner in value.items() if key not in TIMES}
    return [without_times(inner) for inner in value] if isinstance(value, list) else value


def outcome(deliveries: Sequence[Sequence[int]]) -> tuple[Any, list[str], Any]:
    """What a hub ends with that gets the story in these portions: the order, what went out, the differences of its ledger."""
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(file_with_tables(Path(folder, "hub.db")))
        event.listen(database.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))
        hub = SmallHub(database)
        for portion in deliveries:
            hub.take(*(STORY[n] for n in portion))
        order = without_times(find.order(database, "SO-1").model_dump(mode="json"))
        order["invoices"].sort(key=lambda invoice: invoice["invoice_no"])
        order["shipments"].sort(key=lambda shipment: shipment["shipment_no"])
        checked = verify.verify_hub(hub.operations, grace=0.0)
        sent = sorted(f"{endpoint} {kind}" for endpoint, kind, _ in hub.sent if endpoint == "ledger-main")
        database.close()
        return order, sent, (checked.lost, checked.doubled, checked.dead, checked.parked, checked.differences)


@cache
def in_order() -> tuple[Any, list[str], Any]:
    return outcome([[n] for n in range(len(STORY))])


def test_the_story_in_its_order_ends_paid_and_closed() -> None:
    order, sent, ledger = in_order()
    assert (order["state"], order["fulfilment"], order["billing"], order["payment"]) == ("closed", "delivered", "full", "paid")
    assert [(invoice["invoice_no"], invoice["gross"], invoice["open"]) for invoice in order["invoices"]] == [
        ("INV-SO-1-S1", "1123.22", "0.00"),
        ("INV-SO-1-S2", "271.20", "0.00"),
    ]
    assert sent == ["ledger-main invoice.issued"] * 2 + ["ledger-main payment.allocated"] * 2
    assert ledger == (0, 0, 0, 0, [])


@examples(8)
@given(st.permutations(range(len(STORY))), st.lists(st.integers(0, len(STORY) - 1), max_size=4), st.integers(1, 5))
def test_in_any_order_with_repeats_and_in_any_portions_it_ends_the_same(order: list[int], repeats: list[int], portion: int) -> None:
    arriving = [*order, *repeats]
    assert outcome([arriving[n : n + portion] for n in range(0, len(arriving), portion)]) == in_order()
