"""Orders that their buyers change, cut short, send back; and how they end and begin again."""

from decimal import Decimal
from pathlib import Path

import pytest

from canonical.documents.order_changes import LineOp, LineQty
from canonical.documents.returns import ReturnLine, ReturnReceived
from canonical.values import Quantity
from tests.handlers.golden import DAY, cancelled, dispatched, level, paid, placed, stocked
from tests.handlers.pump import Pump
from tests.handlers.reading import axes, empty_database, ending_of, revisions_of, rows, state_of
from tests.handlers.test_money_that_goes_back import refunded_payment, reversed_payment
from tests.handlers.trading import SKU, changed, dealer, known, order, prices, product, said

D = Decimal


def test_a_change_states_the_demand_anew_and_is_answered(pump: Pump) -> None:
    pump.take_each(level("WH-1", {SKU: 20}), order(qty="5", channel="edi"), changed("8"))
    assert [(one.revision, one.lines[0].qty.value) for one in pump.of("order.confirmed")] == [(0, 5), (1, 8)]
    assert [(one.revision, one.code) for one in pump.of("order.response")] == [(0, "AP"), (1, "AP")]
    assert state_of(pump.database).payable == D("800.00")
    assert rows(pump.database, "SELECT revision FROM orders") == [(1,)]
    assert sum(one.lines[0].qty for one in pump.of("shipment.requested")) == 8


def test_an_order_that_is_lowered_to_what_was_shipped_and_paid_is_told_to_be_paid_and_closed(pump: Pump) -> None:
    pump.take_each(level("WH-1", {SKU: 20}), order(qty="9", channel="edi"), dispatched("X1", lines={"1": 4}, item=SKU))
    pump.take(paid("B-1", "400.00"))
    assert pump.milestones("SO-1") == ["part_shipped", "invoiced", "part_paid"]
    pump.take(changed("4"))
    assert axes(pump.database) == ("closed", "shipped", "full", "paid")
    assert pump.milestones("SO-1")[3:] == ["paid", "closed"]


def test_changes_are_made_in_the_order_of_their_revisions_whatever_comes_first(pump: Pump) -> None:
    pump.take_each(changed("9", 2), changed("7", 1), order(qty="5", channel="edi"), changed("7", 1))
    assert state_of(pump.database).lines["1"].ordered == 9
    assert pump.parked["order"] == []
    assert [one.revision for one in pump.of("order.confirmed")] == [0, 1, 2]


def test_a_change_that_is_not_counted_does_not_wait_for_one_before(pump: Pump) -> None:
    pump.take_each(order(qty="5", channel="edi"), changed("9", 202611231200, counted=False))
    assert state_of(pump.database).lines["1"].ordered == 9


def test_a_newer_copy_of_the_whole_order_replaces_it_and_an_equal_one_changes_nothing(pump: Pump) -> None:
    pump.take_each(order(qty="5", channel="edi"), order(qty="5", channel="edi", revision=3, remarks="seen"))
    assert len(pump.of("order.confirmed")) == 1
    pump.take_each(order(qty="6", channel="edi", revision=7), order(qty="2", channel="edi", revision=5))
    assert [(one.revision, one.lines[0].qty.value) for one in pump.of("order.confirmed")] == [(0, 5), (7, 6)]
    assert rows(pump.database, "SELECT revision FROM orders") == [(7,)]


def test_a_change_that_waits_for_one_which_a_newer_copy_is_instead_of_waits_no_longer(pump: Pump) -> None:
    pump.take_each(order(qty="5", channel="edi"), changed("9", 3), order(qty="6", channel="edi", revision=4))
    assert (pump.parked["order"], state_of(pump.database).lines["1"].ordered) == ([], 6)
    pump.take_each(changed("8", 2), changed("7", 1))
    assert state_of(pump.database).lines["1"].ordered == 6
    assert [one.get("told") for one in revisions_of(pump.database)[1:]] == [{}, {}, {}, {}]


def test_less_than_was_shipped_cannot_be_ordered_any_more(pump: Pump) -> None:
    pump.take_each(
        level("WH-1", {SKU: 20}), order(qty="5", channel="edi"), dispatched("S1", lines={"1": 3}, item=SKU), changed("2")
    )
    assert state_of(pump.database).lines["1"].ordered == 5
    answer = pump.of("order.response")[-1]
    assert (answer.revision, answer.code, answer.reasons) == (1, "RE", ("O_BELOW_SHIPPED",))
    pump.take(changed("3", 2))
    assert (state_of(pump.database).lines["1"].open, axes(pump.database)[1]) == (0, "shipped")


def test_lines_are_added_and_deleted_and_what_is_wrong_is_told_by_line(pump: Pump) -> None:
    pump.take(placed(channel="edi"))
    ops = (
        LineOp(op="add", line_no="3", sku="X", qty=Quantity(value=D(2)), unit_price=D("10.00")),
        LineOp(op="delete", line_no="2"),
        LineOp(op="update", line_no="9", qty=Quantity(value=D(1))),
    )
    pump.take(changed("1", line_ops=ops))
    assert {no: line.ordered for no, line in state_of(pump.database).lines.items()} == {"1": 10, "3": 2}
    assert state_of(pump.database).payable == D("1010.22")  # (874.00 + 20.00) x 1.13
    answer = pump.of("order.response")[-1]
    assert (answer.code, answer.reasons) == ("CA", ("O_LINE_UNKNOWN",))


def test_a_change_voids_what_was_approved(pump: Pump) -> None:
    known(pump, product(), dealer(limit="50"), prices()).take(order(), source="portal")
    pump.take(said("approve", 1), changed("2"), source="portal")
    pump.take(said("approve", 2, role="finance_director", actor="ma"))
    assert (state_of(pump.database).state, pump.of("order.confirmed")) == ("approval", [])
    pump.take(said("approve", 3), said("approve", 4, role="finance_director", actor="ma"))
    assert [(one.revision, one.lines[0].qty.value) for one in pump.of("order.confirmed")] == [(1, 2)]


def test_a_change_that_is_rejected_leaves_the_order_as_it_was_confirmed(pump: Pump) -> None:
    known(pump, product(), dealer(limit="250"), prices()).take(order(qty="2"), source="portal")
    pump.take(changed("3"), source="portal")
    assert (state_of(pump.database).state, state_of(pump.database).lines["1"].ordered) == ("approval", 3)
    pump.take(said("reject", role="finance"))
    assert state_of(pump.database).state == "approval"
    pump.take(said("reject", 2))
    assert (axes(pump.database)[0], state_of(pump.database).lines["1"].ordered) == ("confirmed", 2)
    answer = pump.of("order.response")[-1]
    assert (answer.revision, answer.code, answer.reasons) == (1, "RE", ("K_LIMIT", "looked at it"))
    assert rows(pump.database, "SELECT exposure FROM credit_accounts") == [(20_000,)]
    pump.take(level("WH-1", {SKU: 5}))
    assert [line.qty for one in pump.of("shipment.requested") for line in one.lines] == [2]
    pump.take(changed("1", 2), source="portal")
    assert (axes(pump.database)[0], state_of(pump.database).lines["1"].ordered) == ("confirmed", 1)
    pump.take(said("reject", 3))
    assert axes(pump.database)[0] == "confirmed"


def test_an_order_paid_while_its_change_waits_is_told_to_be_closed_when_the_change_is_rejected(pump: Pump) -> None:
    known(pump, product(), dealer(limit="250"), prices()).take(order(qty="2"), source="portal")
    pump.take(dispatched("S1", lines={"1": 2}, item=SKU), changed("3"), paid("B-1", "200.00"), source="portal")
    assert (axes(pump.database)[0], pump.milestones("SO-1")[-1]) == ("approval", "part_paid")
    pump.take(said("reject"))
    assert (axes(pump.database)[0], pump.milestones("SO-1")[-2:]) == ("closed", ["paid", "closed"])


def test_a_change_to_a_unit_the_product_is_not_sold_in_is_refused_and_the_order_stays(pump: Pump) -> None:
    known(pump, product(), dealer(), prices()).take(order(qty="5"), source="portal")
    crates = LineOp(op="update", line_no="1", qty=Quantity(value=D(2), uom="XCT"))
    pump.take(changed("2", line_ops=(crates,)), source="portal")
    assert (axes(pump.database)[0], state_of(pump.database).lines["1"].ordered) == ("confirmed", 5)
    answer = pump.of("order.response")[-1]
    assert (answer.revision, answer.code, answer.reasons) == (1, "RE", ("E_UOM",))
    pump.take(changed("6", 2), dispatched("S1", lines={"1": 4}, item=SKU), source="portal")
    assert (axes(pump.database)[:2], state_of(pump.database).lines["1"].ordered) == (("confirmed", "part_shipped"), 6)


def test_a_line_that_was_lowered_by_a_rejected_change_is_as_if_it_never_was(pump: Pump) -> None:
    known(pump, product(), dealer(), prices()).take(order(qty="5"), source="portal")
    pump.take(said("hold", role="finance"), changed("2"), source="portal")
    pump.take(said("reject", 2, role="finance"))
    assert (state_of(pump.database).holds, state_of(pump.database).lines["1"].ordered) == (("H_MANUAL",), 5)
    pump.take(said("release", 3, role="finance"), dispatched("S1", lines={"1": 4}, item=SKU))
    assert (axes(pump.database)[:2], state_of(pump.database).holds) == (("confirmed", "part_shipped"), ())


@pytest.mark.parametrize("late", [False, True])
def test_a_change_asked_for_before_a_cancellation_counts_and_one_after_it_does_not_whichever_came_first(
    pump: Pump, late: bool
) -> None:
    before, after = (changed(str(qty), no, changed_at=DAY.replace(hour=hour)) for qty, no, hour in ((7, 1, 9), (9, 2, 11)))
    cancel = cancelled(lines={"1": 5}).model_copy(update={"cancelled_at": DAY.replace(hour=10)})
    pump.take_each(order(qty="5", channel="edi"), *((before, after, cancel) if late else (cancel, before, after)))
    line = state_of(pump.database).lines["1"]
    assert (line.ordered, line.cancelled, line.open) == (9, 5, 4), "of seven, two were left, so the order had not ended"
    full = cancelled(reason="all").model_copy(update={"cancelled_at": DAY.replace(hour=10)})
    pump.take(full)
    assert (state_of(pump.database).state, state_of(pump.database).lines["1"].ordered) == ("cancelled", 7)
    assert pump.of("order.response")[-2].reasons == ("O_ENDED",)


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("hour", [9, 11])
def test_a_copy_counts_against_a_cancellation_by_its_own_time_whichever_came_first(pump: Pump, late: bool, hour: int) -> None:
    copy = order(qty="7", channel="edi", revision=1, changed_at=DAY.replace(hour=hour))
    cancel = cancelled().model_copy(update={"cancelled_at": DAY.replace(hour=10)})
    pump.take_each(order(qty="5", channel="edi"), *((copy, cancel) if late else (cancel, copy)))
    assert (state_of(pump.database).state, state_of(pump.database).lines["1"].ordered) == ("cancelled", 7 if hour == 9 else 5)
    told = [one["told"] for one in revisions_of(pump.database)[1:]]
    assert told == [{} if hour == 9 else {"": "O_ENDED"}]


@pytest.mark.parametrize("first", ["original", "copy"])
def test_a_copy_that_says_the_same_of_an_order_that_has_ended_is_not_refused_whichever_came_first(pump: Pump, first: str) -> None:
    both = [order(qty="5", channel="edi"), order(qty="5", channel="edi", revision=1, remarks="ring twice")]
    cancel = cancelled().model_copy(update={"cancelled_at": DAY.replace(hour=10)})
    pump.take_each(both.pop(first == "copy"), cancel, *both)
    assert state_of(pump.database).state == "cancelled"
    assert not [one for one in pump.of("order.response") if "O_ENDED" in one.reasons]
    assert not [one for one in revisions_of(pump.database) if one.get("told")]


def test_an_original_that_comes_after_its_newer_copy_is_what_the_copy_is_judged_by(pump: Pump) -> None:
    pump.take_each(order(qty="2", channel="edi", revision=3), dispatched("S1", lines={"1": 4}, item=SKU))
    assert state_of(pump.database).holds == ("S_OVER_SHIPPED",)
    pump.take(order(qty="5", channel="edi"))
    assert (state_of(pump.database).lines["1"].ordered, state_of(pump.database).holds) == (5, ("O_BELOW_SHIPPED",))
    assert (pump.of("order.response")[-1].code, pump.of("order.response")[-1].reasons) == ("RE", ("O_BELOW_SHIPPED",))


def test_an_ended_order_is_not_changed(pump: Pump) -> None:
    pump.take_each(order(qty="5", channel="edi"), cancelled(), changed("8"))
    assert state_of(pump.database).state == "cancelled"
    assert pump.of("order.response")[-1].reasons == ("O_ENDED",)


def test_g7_a_cancellation_after_the_first_shipment_cuts_the_rest_and_is_answered(pump: Pump) -> None:
    pump.take_each(stocked(), placed(channel="edi"), paid("B-1", "1394.42"), dispatched("S1"), cancelled(lines={"2": 2}))
    answer = pump.of("order.response")[-1]
    assert (answer.code, [(one.line_no, one.code, one.qty.value) for one in answer.lines]) == (
        "CA", [("1", "accepted", 10), ("2", "changed", 1)],
    )  # fmt: skip
    assert (state_of(pump.database).payable, axes(pump.database)) == (D("1123.22"), ("closed", "shipped", "full", "paid"))
    assert rows(pump.database, "SELECT amount - allocated FROM payments") == [(27120,)]


def test_people_cancel_by_line_and_close_short(pump: Pump) -> None:
    pump.take_each(stocked(), placed(channel="edi"))
    pump.take(said("cancel", 1, role="sales_assistant", lines=(LineQty(line_no="1", qty=D(4)),)))
    assert state_of(pump.database).lines["1"].cancelled == 4
    pump.take(dispatched("S1", lines={"1": 6}), said("short_close", 2, role="sales_assistant"))
    assert (state_of(pump.database).lines["2"].cancelled, axes(pump.database)[1]) == (3, "shipped")
    assert [one.reason_code for one in pump.of("order.reduced")] == ["cancel", "short_close"]


def test_a_closed_order_opens_again_when_goods_or_money_come_back(pump: Pump) -> None:
    pump.take_each(stocked(), placed(), dispatched("S1"), dispatched("S2", day=22), paid("B-1", "1394.42"))
    assert axes(pump.database) == ("closed", "shipped", "full", "paid")
    pump.take(reversed_payment("R-1", "271.20"))
    assert axes(pump.database) == ("reopened", "shipped", "full", "part")
    pump.take(paid("B-2", "271.20", day=28))
    assert axes(pump.database) == ("closed", "shipped", "full", "paid")


def test_an_order_whose_money_went_back_before_it_was_billed_is_as_open_as_one_that_was_closed(pump: Pump) -> None:
    pump.take_each(paid("B-1", "1394.42"), reversed_payment("R-1", "1394.42"), stocked(), placed(), dispatched("S1"))
    assert axes(pump.database) == ("confirmed", "part_shipped", "part", "unpaid")
    pump.take(dispatched("S2", day=22))
    assert axes(pump.database) == ("reopened", "shipped", "full", "unpaid")
    assert [(one.payment_ref, one.amount.amount) for one in pump.of("payment.withdrawn")] == [("B-1", D("1394.42"))]


def test_money_that_came_and_went_back_counts_from_the_first_invoice_on_whichever_came_first(pump: Pump, tmp_path: Path) -> None:
    other = Pump(empty_database(str(tmp_path)))
    pump.take_each(paid("B-1", "0.01"), refunded_payment("R-1", "0.01"), placed())
    other.take_each(placed(), paid("B-1", "0.01"), refunded_payment("R-1", "0.01"))
    for went_back in (D(0), D("0.01")):
        assert ending_of(pump.database) == ending_of(other.database)
        assert state_of(other.database).money.went_back == went_back
        pump.take(dispatched("S2"))
        other.take(dispatched("S2"))
    other.database.close()


def test_money_that_went_back_and_was_never_enough_reopens_nothing(pump: Pump) -> None:
    pump.take_each(stocked(), placed(), dispatched("S1"), dispatched("S2", day=22), paid("B-1", "500"))
    pump.take(reversed_payment("R-1", "500"))
    assert axes(pump.database) == ("confirmed", "shipped", "full", "unpaid")


def test_returned_goods_open_a_closed_order_until_they_are_credited(pump: Pump) -> None:
    pump.take_each(stocked(), placed(), dispatched("S1"), dispatched("S2", day=22), paid("B-1", "1394.42"))
    pump.take(ReturnReceived(rma_no="R-1", order_no="SO-1", returned_at=DAY, lines=(ReturnLine(line_no="2", item="X", qty=D(1)),)))
    assert state_of(pump.database).lines["2"].returned == 1
    assert axes(pump.database)[:2] == ("closed", "part_returned")
    assert state_of(pump.database).money.credited == D("135.60")


def test_people_reopen_and_close_what_is_done(pump: Pump) -> None:
    pump.take_each(stocked(), placed(), dispatched("S1"), dispatched("S2", day=22), paid("B-1", "1394.42"))
    pump.take(said("reopen"))
    assert state_of(pump.database).state == "reopened"
    pump.take(said("close", 2))
    assert state_of(pump.database).state == "closed"


def test_goods_that_left_without_a_price_are_billed_when_the_buyer_states_one(pump: Pump) -> None:
    pump.take_each(level("WH-1", {SKU: 5}), order(qty="2", price=None, channel="edi"), dispatched("S1", lines={"1": 2}, item=SKU))
    assert (state_of(pump.database).holds, pump.of("invoice.issued")) == (("P_NO_PRICE",), [])
    pump.take(changed("2", line_ops=(LineOp(op="update", line_no="1", unit_price=D("90.00")),)))
    assert [one.totals.gross for one in pump.of("invoice.issued")] == [D("180.00")]
    assert axes(pump.database)[:3] == ("confirmed", "shipped", "full")
