"""An order raised after the goods it covers have left ends as one raised before: shipped, billed and paid in full."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canonical.documents.base import Document
from canonical.documents.order_changes import LineOp, OrderChanged
from canonical.documents.settlement import InvoiceDecided
from canonical.values import Quantity
from store.database import Database
from tests.handlers.golden import d, dispatched, line, paid, placed, stocked
from tests.handlers.pump import NOW, Pump
from tests.handlers.reading import axes, invoices, payment, rows, state_of
from tests.handlers.test_everything_in_any_order import arrivals, ends_in
from tests.handlers.test_money_that_goes_back import returned_goods
from tests.handlers.trading import said
from tests.support.examples import examples

TWELVE = dispatched("S1", lines={"1": 12, "2": 3})


def raised(revision: int, qty: int, op: str = "update", line_no: str = "1") -> OrderChanged:
    """The needles become so many, or a line comes in addition."""
    fields = {"sku": "SO-1-GLOVES", "unit_price": d("120.00")} if op == "add" else {}
    ops = (LineOp(op=op, line_no=line_no, qty=Quantity(value=d(qty), uom="EA"), **fields),)
    return OrderChanged(order_no="SO-1", revision=revision, base_revision=revision - 1, line_ops=ops)


RAISED: tuple[Document, ...] = (stocked(), placed(), raised(1, 12), TWELVE, paid("B-1", "1591.94"))
RAISED_TWICE: tuple[Document, ...] = (
    stocked(), placed(), raised(1, 11), raised(2, 12), dispatched("S1", lines={"1": 7, "2": 1}),
    dispatched("S2", day=22, lines={"1": 5, "2": 2}), paid("B-1", "1000.00"), paid("B-2", "591.94", day=23),
)  # fmt: skip


def ending(documents: tuple[Document, ...] | list[Document], batch: int = 1, seed: int | None = None) -> dict[str, object]:
    """How it ends, whatever the invoices are that bill it together."""
    ended = ends_in(documents, batch=batch, shuffle=None if seed is None else random.Random(seed))
    bills = ended.pop("invoices")
    return ended | {
        "billed": sum(-bill[3] if bill[1] == "credit" else bill[3] for bill in bills),
        "settled": sum(bill[4] for bill in bills),
    }


BELOW: tuple[Document, ...] = (
    stocked(), placed(), raised(1, 6), dispatched("S1", lines={"1": 7, "2": 1}), dispatched("S2", day=22, lines={"1": 3, "2": 2}),
    paid("B-1", "1000.00"),
)  # fmt: skip
BELOW_TWICE: tuple[Document, ...] = (
    stocked(), placed(), raised(1, 3), raised(2, 7), raised(3, 6), dispatched("S1", lines={"1": 5, "2": 1}),
    dispatched("S2", day=22, lines={"1": 2, "2": 2}), paid("B-1", "1591.94"),
)  # fmt: skip
COPIED: tuple[Document, ...] = (
    stocked(), placed(), placed(revision=1, lines=(line("1", "SO-1-NEEDLE", 4, "87.40"), placed().lines[1])),
    dispatched("S1", lines={"1": 5, "2": 3}), raised(2, 9), dispatched("S2", day=22, lines={"1": 4}), paid("B-1", "700.00"),
)  # fmt: skip
LOWERED = {"below": BELOW, "below twice": BELOW_TWICE, "copied": COPIED}


@pytest.mark.parametrize("story", LOWERED)
@examples(30)
@given(data=st.data(), batch=st.sampled_from([1, 3, 50]), seed=st.integers(0, 99))
def test_lowered_below_what_leaves_it_ends_the_same_whatever_comes_first(
    story: str, data: st.DataObject, batch: int, seed: int
) -> None:
    documents = data.draw(arrivals(LOWERED[story]))
    assert ending(documents, batch, seed) == ending(LOWERED[story])


@examples(30)
@given(arrivals(RAISED), st.sampled_from([1, 3, 50]), st.integers(0, 99))
def test_raised_at_any_time_an_order_ends_the_same(documents: list[Document], batch: int, seed: int) -> None:
    assert ending(documents, batch, seed) == ending(RAISED)


@examples(30)
@given(arrivals(RAISED_TWICE), st.sampled_from([1, 3, 50]), st.integers(0, 99))
def test_raised_twice_and_shipped_in_two_parts_it_ends_the_same(documents: list[Document], batch: int, seed: int) -> None:
    assert ending(documents, batch, seed) == ending(RAISED_TWICE)


def test_what_left_beyond_the_order_is_billed_when_the_order_is_raised(database: Database) -> None:
    pump = Pump(database)
    pump.take_each(stocked(), placed(), TWELVE, paid("B-1", "1591.94"))
    assert axes(database) == ("on_hold", "shipped", "full", "paid")
    assert state_of(database).holds == ("S_OVER_SHIPPED",)
    assert [(one.codes, one.owners) for one in pump.of("order.held")] == [(("S_OVER_SHIPPED",), ("sales_assistant",))]
    assert invoices(database) == {"INV-SO-1-S1": (d("1394.42"), 0)}
    assert [p.waits_for for p in pump.parked["invoice"]] == ["raised:SO-1"]
    pump.take(raised(1, 12))
    assert invoices(database) == {"INV-SO-1-S1": (d("1394.42"), 0), "INV-SO-1-S1-A1": (d("197.52"), 0)}
    assert axes(database) == ("closed", "shipped", "full", "paid")
    assert payment(database, "B-1") == ("allocated", 0, None)
    assert pump.parked["invoice"] == []


def test_what_left_beyond_the_order_may_be_accepted_and_is_not_billed_then(database: Database) -> None:
    pump = Pump(database)
    pump.take_each(stocked(), placed(), TWELVE, paid("B-1", "1394.42"), TWELVE)
    pump.take(said("release", role="compliance", codes=("S_OVER_SHIPPED",)))
    assert axes(database)[0] == "on_hold"
    pump.take(said("release", 2, role="sales_assistant", codes=("S_OVER_SHIPPED",)))
    assert axes(database) == ("closed", "shipped", "full", "paid")
    assert pump.milestones("SO-1")[-1] == "closed"
    assert pump.parked["invoice"] == []
    assert invoices(database) == {"INV-SO-1-S1": (d("1394.42"), 0)}


def test_more_than_was_accepted_is_asked_about_again(database: Database) -> None:
    pump = Pump(database)
    pump.take_each(stocked(), placed(), TWELVE, said("release", role="sales_assistant"))
    assert state_of(database).holds == ()
    pump.take(dispatched("S2", day=22, lines={"1": 1}))
    assert state_of(database).holds == ("S_OVER_SHIPPED",)
    pump.take(raised(1, 13))
    assert [one.reasons for one in pump.of("order.response")] == []
    assert state_of(database).lines["1"].ordered == 10


@pytest.mark.parametrize("late", [False, True])
def test_lowered_below_what_has_left_it_stays_as_it_was_and_people_hear_whichever_came_first(
    database: Database, late: bool
) -> None:
    pump = Pump(database)
    pump.take_each(stocked(), placed(channel="edi"))
    lowered, left = raised(1, 5), dispatched("S1", lines={"1": 8, "2": 3})
    pump.take_each(*((left, lowered) if late else (lowered, left)))
    line = state_of(database).lines["1"]
    assert (line.ordered, line.shipped, line.open, line.invoiced) == (10, 8, 2, 8)
    assert (axes(database)[0], state_of(database).holds) == ("on_hold", ("O_BELOW_SHIPPED",))
    answers = [(one.revision, one.code, one.reasons) for one in pump.of("order.response")]
    assert answers[-1] == (1, "RE", ("O_BELOW_SHIPPED",))
    assert rows(database, "SELECT reserved, backordered, demanded FROM stock_lines WHERE line_no = '1'") == [
        (2_000_000, 0, 10_000_000)
    ]
    pump.take(raised(2, 8))
    assert (axes(database)[:2], state_of(database).lines["1"].open) == (("confirmed", "shipped"), 0)


def test_a_lowering_that_was_refused_may_be_let_be_and_the_rest_leaves(database: Database) -> None:
    pump = Pump(database)
    pump.take_each(stocked(), placed(), raised(1, 5), dispatched("S1", lines={"1": 8, "2": 3}))
    pump.take(said("release", role="sales_assistant"))
    assert (axes(database)[0], state_of(database).lines["1"].open) == ("confirmed", 2)
    asked = [line.qty for one in pump.of("shipment.requested") for line in one.lines if line.line_no == "1"]
    assert asked[-1] == 2


def test_a_line_that_was_deleted_comes_back_when_its_goods_had_left(database: Database) -> None:
    pump = Pump(database)
    deleted = OrderChanged(order_no="SO-1", revision=1, line_ops=(LineOp(op="delete", line_no="2"),))
    pump.take_each(stocked(), placed(), deleted)
    assert list(state_of(database).lines) == ["1"]
    pump.take(dispatched("S1"))
    assert {no: (one.ordered, one.shipped) for no, one in state_of(database).lines.items()} == {"1": (10, 10), "2": (3, 1)}
    assert state_of(database).payable == d("1394.42")


def test_more_back_than_had_left_is_told_and_credited_as_far_as_billed_once_accepted(database: Database) -> None:
    pump = Pump(database)
    pump.take_each(stocked(), placed(), dispatched("S1"), dispatched("S2", day=22), paid("B-1", "1394.42"))
    pump.take(returned_goods("RMA-1", {"1": 12}))
    assert axes(database)[0] == "on_hold"
    assert state_of(database).holds == ("S_OVER_RETURNED",)
    assert [one.codes for one in pump.of("order.held")] == [("S_OVER_RETURNED",)]
    pump.take(said("release", role="sales_assistant"))
    assert pump.parked["invoice"] == []
    assert rows(database, "SELECT gross FROM invoices WHERE kind = 'credit'") == [(98_762,)]
    assert axes(database) == ("closed", "part_returned", "full", "paid")


def test_a_raise_to_less_than_what_left_bills_so_much_and_the_rest_waits(database: Database) -> None:
    pump = Pump(database)
    pump.take_each(stocked(), placed(), TWELVE, raised(1, 11))
    assert state_of(database).lines["1"].invoiced == 11
    assert [p.waits_for for p in pump.parked["invoice"]] == ["raised:SO-1"]
    pump.take(raised(2, 12))
    assert list(invoices(database)) == ["INV-SO-1-S1", "INV-SO-1-S1-A1", "INV-SO-1-S1-A2"]
    assert state_of(database).money.invoiced == d("1591.94")


def test_fewer_than_ordered_is_refused_once_more_than_that_left(database: Database) -> None:
    pump = Pump(database)
    pump.take_each(stocked(), placed(), TWELVE, raised(1, 9))
    assert state_of(database).lines["1"].ordered == 10
    assert state_of(database).lines["1"].invoiced == 10


def test_a_line_that_left_before_it_was_ordered_is_billed_when_it_is(database: Database) -> None:
    sent = dispatched("S1", lines={"1": 10, "2": 3}).lines
    more = sent[1].model_copy(update={"line_no": "3", "qty": d(1)})
    whole = dispatched("S1").model_copy(update={"lines": (*sent, more)})
    pump = Pump(database)
    pump.take_each(stocked(), placed(), whole, paid("B-1", "1530.02"))
    pump.take(raised(1, 1, "add", "3"))
    assert invoices(database) == {"INV-SO-1-S1": (d("1394.42"), 0), "INV-SO-1-S1-A1": (d("135.60"), 0)}
    assert axes(database)[0] == "closed"


def test_a_return_of_more_than_is_billed_is_credited_as_far_as_it_is_and_the_rest_once_it_is_billed(database: Database) -> None:
    pump = Pump(database)
    pump.take_each(stocked(), placed(), TWELVE, returned_goods("RMA-1", {"1": 12}, shipment_no="SO-1-S1"), raised(1, 12))
    assert pump.parked["invoice"] == []
    credited = rows(database, "SELECT original_no, gross FROM invoices WHERE kind = 'credit' ORDER BY 1")
    assert credited == [("INV-SO-1-S1", 98_762), ("INV-SO-1-S1-A1", 19_752)]


def test_an_order_that_is_closed_is_open_again_when_it_is_raised(database: Database) -> None:
    pump = Pump(database)
    pump.take_each(stocked(), placed(lines=(line("1", "SO-1-NEEDLE", 10, "87.40"),)), dispatched("S1", lines={"1": 10}))
    pump.take(paid("B-1", "987.62"))
    assert axes(database)[0] == "closed"
    pump.take(raised(1, 12))
    assert (axes(database)[:2], state_of(database).lines["1"].open) == (("confirmed", "part_shipped"), 2)
    assert [one.lines[0].qty for one in pump.of("shipment.requested")][-1] == 2


def test_a_shipment_whose_invoice_was_voided_is_not_billed_again_by_a_raise(database: Database) -> None:
    pump = Pump(database)
    pump.take_each(stocked(), placed(), TWELVE)
    void = InvoiceDecided(invoice_no="INV-SO-1-S1", seq=1, verdict="void", actor="ada", reason="typed wrong", decided_at=NOW)
    pump.accept_for("invoice", void)
    pump.take(raised(1, 12))
    assert rows(database, "SELECT invoice_no, state FROM invoices") == [("INV-SO-1-S1", "void")]
