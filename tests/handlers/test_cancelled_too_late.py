"""Cancellations of more than there is to cancel: the answer says what could not be, and what has left is asked back."""

from itertools import permutations

import pytest

from canonical.documents.order_changes import LineQty
from canonical.documents.returns import ReturnLine, ReturnReceived
from operations.decisions import decisions
from tests.handlers.golden import DAY, cancelled, d, dispatched, level, placed, stocked
from tests.handlers.pump import Pump
from tests.handlers.reading import axes, rows, state_of
from tests.handlers.trading import SKU, changed, order, said


def started(pump: Pump, shipped: int = 0) -> Pump:
    """Five are ordered, and so many have left."""
    pump.take_each(level("WH-1", {SKU: 20}), order(qty="5", channel="edi"))
    if shipped:
        pump.take(dispatched("S1", lines={"1": shipped}, item=SKU))
    return pump


def answered(pump: Pump) -> tuple[str, tuple[str, ...], list[tuple[str, str, int, str | None]]]:
    """(code, reasons, (line, code, quantity, reason) of every line) of the last answer."""
    last = pump.of("order.response")[-1]
    return last.code, last.reasons, [(one.line_no, one.code, one.qty.value, one.reason) for one in last.lines]


def asked_back(pump: Pump) -> list[tuple[str, str, int]]:
    return [(one.rma_no, line.line_no, line.qty) for one in pump.of("return.requested") for line in one.lines]


def lacking(pump: Pump) -> list[tuple[str | None, str | None, dict[str, str]]]:
    found = [one for run in decisions(pump.database, "SO-1").runs for one in run.decisions if one.policy == "cancel"]
    return [(one.line_no, one.code, one.inputs) for one in found]


def test_more_than_is_ordered_is_cancelled_as_far_as_it_goes_and_the_answer_says_so(pump: Pump) -> None:
    started(pump).take(cancelled(lines={"1": 9}))
    assert axes(pump.database)[0] == "cancelled"
    assert answered(pump) == ("CA", ("changed_mind", "O_MORE_THAN_OPEN"), [("1", "changed", 0, "O_MORE_THAN_OPEN")])
    assert lacking(pump) == [("1", "O_MORE_THAN_OPEN", {"asked": "9", "cancelled": "5", "shipped": "0"})]
    assert asked_back(pump) == []


def test_a_second_cancellation_takes_what_is_left_and_says_so(pump: Pump) -> None:
    started(pump).take_each(cancelled(lines={"1": 3}), cancelled(lines={"1": 3}, reason="again"))
    assert lacking(pump) == [("1", "O_MORE_THAN_OPEN", {"asked": "3", "cancelled": "2", "shipped": "0"})]
    pump.take(cancelled(reason="third"))
    assert answered(pump) == ("CA", ("third",), [("1", "changed", 0, None)])


def test_a_line_the_order_does_not_have_is_told(pump: Pump) -> None:
    started(pump).take(cancelled(lines={"1": 1, "7": 2}))
    assert answered(pump) == ("CA", ("changed_mind", "O_LINE_UNKNOWN"), [("1", "changed", 4, None)])
    assert lacking(pump) == [("7", "O_LINE_UNKNOWN", {"asked": "2"})]


def test_what_has_left_is_not_cancelled_but_asked_back(pump: Pump) -> None:
    started(pump, shipped=3).take(cancelled())
    assert (state_of(pump.database).payable, state_of(pump.database).lines["1"].cancelled) == (d("300.00"), 2)
    assert answered(pump) == ("CA", ("changed_mind", "O_SHIPPED"), [("1", "changed", 3, "O_SHIPPED")])
    assert lacking(pump) == [("1", "O_SHIPPED", {"asked": "5", "cancelled": "2", "shipped": "3"})]
    assert asked_back(pump) == [("SO-1-C1", "1", 3)]


def test_an_order_that_has_left_altogether_is_not_cancelled(pump: Pump) -> None:
    started(pump, shipped=5).take_each(cancelled(lines={"1": 2}), cancelled(reason="late"))
    assert axes(pump.database)[:2] == ("confirmed", "shipped")
    assert answered(pump) == ("CA", ("late", "O_SHIPPED"), [("1", "accepted", 5, "O_SHIPPED")])
    assert asked_back(pump) == [("SO-1-C1", "1", 2), ("SO-1-C2", "1", 3)], "each piece once"


def test_goods_that_leave_after_the_cancellation_are_asked_back_as_well(pump: Pump) -> None:
    started(pump).take_each(cancelled(), dispatched("S1", lines={"1": 3}, item=SKU))
    assert asked_back(pump) == [("SO-1-C1", "1", 3)]
    assert state_of(pump.database).lines["1"].cancelled == 2


@pytest.mark.parametrize("arrival", list(permutations(range(4))))
def test_as_much_is_asked_back_whatever_comes_first(pump: Pump, arrival: tuple[int, ...]) -> None:
    facts = (placed(channel="edi"), dispatched("S1"), dispatched("S2", day=22), cancelled(lines={"1": 4, "2": 1}))
    pump.take_each(stocked(), *(facts[place] for place in arrival))
    asked: dict[str, int] = {}
    for _, line_no, qty in asked_back(pump):
        asked[line_no] = asked.get(line_no, 0) + qty
    assert (asked, axes(pump.database)[:3]) == ({"1": 4, "2": 1}, ("confirmed", "shipped", "full"))


def test_what_came_back_before_is_not_asked_back(pump: Pump) -> None:
    started(pump, shipped=5)
    back = ReturnReceived(
        rma_no="R-1", order_no="SO-1", returned_at=DAY.replace(day=25), lines=(ReturnLine(line_no="1", item=SKU, qty=d(4)),)
    )
    pump.take_each(back, cancelled())
    assert asked_back(pump) == [("SO-1-C1", "1", 1)]


def test_goods_used_at_the_buyers_cannot_come_back(pump: Pump) -> None:
    lies_there = level("H-1", {SKU: 20}).model_copy(update={"owner": "consigned"})
    pump.take_each(lies_there, order(qty="5", channel="edi", kind="implant_bill_only", buyer="H-1"), cancelled())
    assert (asked_back(pump), state_of(pump.database).lines["1"].shipped) == ([], 5)


def test_people_cannot_cancel_more_than_is_open(pump: Pump) -> None:
    started(pump, shipped=3).take(said("cancel", lines=(LineQty(line_no="1", qty=d(3)),)))
    assert state_of(pump.database).lines["1"].open == 2
    (refused,) = [one for run in decisions(pump.database, "SO-1").runs for one in run.decisions if one.policy == "person"]
    assert (refused.code, refused.text) == ("O_MORE_THAN_OPEN", "line 1: only 2 is open")
    pump.take(said("cancel", 2))
    assert (state_of(pump.database).lines["1"].cancelled, asked_back(pump)) == (2, []), "the rest, not what has left"


def test_what_people_closed_short_and_leaves_nevertheless_is_asked_back(pump: Pump) -> None:
    started(pump, shipped=3).take_each(said("short_close"), dispatched("S2", lines={"1": 2}, item=SKU))
    assert asked_back(pump) == [("SO-1-C1", "1", 2)]


def test_an_order_that_is_raised_again_asks_nothing_back(pump: Pump) -> None:
    started(pump).take_each(cancelled(lines={"1": 2}), changed("9"), dispatched("S1", lines={"1": 7}, item=SKU))
    assert (state_of(pump.database).lines["1"].cancelled, asked_back(pump)) == (2, [])
    assert rows(pump.database, "SELECT step FROM order_decisions WHERE step = 'cancel'") == []


def test_a_hold_for_what_the_buyer_wants_less_of_ends_when_nothing_is_open(pump: Pump) -> None:
    started(pump, shipped=3).take(changed("2"))
    assert state_of(pump.database).holds == ("O_BELOW_SHIPPED",)
    pump.take(cancelled())
    assert (state_of(pump.database).holds, axes(pump.database)[:2]) == ((), ("confirmed", "shipped"))


def test_a_cancellation_that_ends_a_change_as_well_takes_all_there_is(pump: Pump) -> None:
    """The change was asked for after the cancellation, so it counts no more: five were ordered, and five are cancelled."""
    later = changed("8").but(changed_at=DAY.replace(hour=12))
    started(pump).take_each(later, cancelled().but(cancelled_at=DAY.replace(hour=10)))
    assert (axes(pump.database)[0], state_of(pump.database).lines["1"].cancelled, lacking(pump)) == ("cancelled", 5, [])
