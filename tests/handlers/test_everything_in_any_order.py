"""The master property over all three handlers: an order that is changed, shipped in parts, returned in part, paid, refunded and
paid again ends the same, whatever order its messages come in and however often."""

import random
import tempfile
from collections.abc import Sequence
from functools import cache
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from canonical.documents.base import Document
from canonical.documents.order_changes import HeaderChange, LineOp, OrderChanged
from canonical.values import Quantity
from tests.handlers.golden import cancelled, d, dispatched, paid, placed, stocked, tracked
from tests.handlers.pump import Pump
from tests.handlers.reading import empty_database, ending_of, rows
from tests.handlers.test_money_that_goes_back import refunded_payment, returned_goods
from tests.support.examples import examples


def changed(revision: int, qty: int | None = None, **header: Any) -> OrderChanged:
    """The boxes of gloves become so many, or the header another."""
    ops = () if qty is None else (LineOp(op="update", line_no="2", qty=Quantity(value=d(qty), uom="XBX")),)
    return OrderChanged(
        order_no="SO-1",
        revision=revision,
        base_revision=revision - 1,
        line_ops=ops,
        header=HeaderChange(**header) if header else None,
    )


STORY: tuple[Document, ...] = (
    stocked(), placed(), changed(1, remarks="ring twice"), changed(2, remarks="ring once"), dispatched("S1"),
    tracked("S1", "in_transit", 8), tracked("S1", "delivered", 12), dispatched("S2", day=22), tracked("S2", "delivered", 13),
    paid("B-1", "1394.42"), returned_goods("RMA-1", {"2": 1}, shipment_no="SO-1-S2"), refunded_payment("F-1", "135.60"),
)  # fmt: skip
SHORT: tuple[Document, ...] = (
    stocked(), placed(), changed(1, remarks="ring twice"), dispatched("S1"), tracked("S1", "delivered", 12), cancelled(),
    paid("B-1", "1123.22"), returned_goods("RMA-1", {"1": 3}),
)  # fmt: skip
LESS: tuple[Document, ...] = (
    stocked(), placed(), changed(1, 2), dispatched("S1"), dispatched("S2", day=22, lines={"2": 1}), tracked("S2", "delivered", 13),
    paid("B-1", "1258.82"),
)  # fmt: skip
BACK: tuple[Document, ...] = (
    stocked(), placed(), dispatched("S1"), dispatched("S2", day=22), paid("B-1", "1394.42"),
    returned_goods("RMA-1", {"1": 6, "2": 2}), returned_goods("RMA-2", {"1": 7}), returned_goods("RMA-3", {"2": 2}),
)  # fmt: skip
STORIES = {"whole": STORY, "short": SHORT, "less": LESS, "back": BACK}


def ends_in(documents: Sequence[Document], *, batch: int = 1, shuffle: random.Random | None = None) -> dict[str, Any]:
    """Everything that is kept in the end about the order, its goods and its money, without when it was kept."""
    with tempfile.TemporaryDirectory() as folder:
        database = empty_database(folder)
        pump = Pump(database, batch=batch, shuffle=shuffle)
        for document in documents:
            pump.take(document)
        assert pump.conflicts == []
        ended = {
            "state": ending_of(database),
            "parked": {name: [parked.waits_for for parked in waiting] for name, waiting in pump.parked.items()},
            "invoices": rows(database, "SELECT invoice_no, kind, state, gross, allocated FROM invoices ORDER BY 1"),
            "payments": rows(database, "SELECT payment_ref, state, amount, allocated, returned FROM payments ORDER BY 1"),
            "stock": rows(database, "SELECT item, location, on_hand, reserved FROM stock WHERE location <> '' ORDER BY 1, 2"),
            "demand": rows(database, "SELECT line_no, reserved, backordered FROM stock_lines ORDER BY 1"),
        }
        database.close()
    return ended


@cache
def in_order(story: str) -> dict[str, Any]:
    """How a story ends in its own order."""
    return ends_in(STORIES[story])


@st.composite
def arrivals(draw: st.DrawFn, documents: tuple[Document, ...]) -> list[Document]:
    """All of the documents in any order, some of them again at any place."""
    again = draw(st.lists(st.sampled_from(documents), max_size=4))
    return draw(st.permutations([*documents, *again]))


BATCHES = st.sampled_from([1, 3, 50])


@examples(30)
@given(arrivals(STORY), BATCHES, st.integers(0, 99))
def test_changed_shipped_returned_and_refunded_it_ends_the_same(documents: list[Document], batch: int, seed: int) -> None:
    assert ends_in(documents, batch=batch, shuffle=random.Random(seed)) == in_order("whole")


@examples(30)
@given(arrivals(SHORT), BATCHES, st.integers(0, 99))
def test_cancelled_in_part_and_returned_it_ends_the_same(documents: list[Document], batch: int, seed: int) -> None:
    assert ends_in(documents, batch=batch, shuffle=random.Random(seed)) == in_order("short")


@examples(20)
@given(arrivals(LESS), BATCHES, st.integers(0, 99))
def test_with_fewer_goods_than_first_ordered_it_ends_the_same(documents: list[Document], batch: int, seed: int) -> None:
    assert ends_in(documents, batch=batch, shuffle=random.Random(seed)) == in_order("less")


@examples(30)
@given(arrivals(BACK), BATCHES, st.integers(0, 99))
def test_with_more_goods_back_than_had_left_as_much_is_credited_whichever_came_first(
    documents: list[Document], batch: int, seed: int
) -> None:
    ended, expected = ends_in(documents, batch=batch, shuffle=random.Random(seed)), in_order("back")
    assert ended["state"] == expected["state"]
    assert ended["stock"] == expected["stock"]
    assert {line_no: line["credited"] for line_no, line in ended["state"]["lines"].items()} == {"1": 10, "2": 3}
    assert ended["state"]["holds"] == ("S_OVER_RETURNED",)
    assert sum(gross for _, kind, _, gross, _ in ended["invoices"] if kind == "credit") == 139_442, "all that was billed"


def test_the_story_in_its_order_ends_refunded_in_part_and_settled() -> None:
    ended = in_order("whole")
    assert ended["parked"] == {"order": [], "stock": [], "invoice": [], "master": []}
    assert [(no, kind, gross) for no, kind, _, gross, _ in ended["invoices"]] == [
        ("CN-SO-1-RMA-1", "credit", 13_560), ("INV-SO-1-S1", "normal", 112_322), ("INV-SO-1-S2", "normal", 27_120),
    ]  # fmt: skip
