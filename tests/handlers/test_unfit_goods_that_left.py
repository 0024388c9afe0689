"""Goods that a warehouse ships although it should not: what has left counts, and people are told."""

from datetime import date, timedelta

import pytest

from canonical.documents.recalls import RecallOpened
from canonical.documents.shipments import ShipmentDispatched
from canonical.values import LotRef
from operations import recalls
from tests.handlers.golden import DAY, d, level
from tests.handlers.pump import Pump
from tests.handlers.reading import rows
from tests.handlers.test_stock_by_lot import lots, sent, stock, wanted

RECALL = RecallOpened(recall_no="R-1", sku="X", lots=("L1",), reason="leaks", as_of=DAY)


def cases(pump: Pump) -> list[tuple[str, str, str | None, int]]:
    found = recalls.cases(pump.database).items
    assert [case.case_no for case in found] == [case.case_no for case in pump.of("case.changed")]
    return [(one.case_no, one.code, one.lot, one.sold) for one in pump.of("case.changed")]


def leaves_on(shipment: ShipmentDispatched, day: date) -> ShipmentDispatched:
    at = shipment.dispatched_at.replace(year=day.year, month=day.month, day=day.day)
    return shipment.model_copy(update={"dispatched_at": at})


def test_goods_that_left_after_their_recall_are_a_case_and_counted(pump: Pump) -> None:
    stock(pump, lots({"L1": 5, "L3": 5}), wanted("SO-1", 4), RECALL, sent("SO-1", 4, {"L1": 3, "L3": 1}))
    assert cases(pump) == [("UNF/SO-1-S1/SO-1/1/L1//C_RECALL", "C_RECALL", "L1", 3)]
    (told,) = pump.of("case.changed")
    assert (told.kind, told.item, told.reported_by, told.shipment_no, told.order_nos) == (
        "unfit",
        "X",
        "WH-1",
        "SO-1-S1",
        ("SO-1",),
    )
    assert rows(pump.database, "SELECT shipped FROM stock_lines") == [(4_000_000,)]


def test_goods_that_had_left_before_their_recall_or_after_its_end_are_none(pump: Pump) -> None:
    later = RECALL.model_copy(update={"as_of": DAY + timedelta(hours=6)})
    stock(pump, lots({"L1": 5}), wanted("SO-1", 2), later, sent("SO-1", 1, {"L1": 1}))
    ended = later.model_copy(update={"status": "closed", "as_of": DAY + timedelta(hours=7)})
    stock(pump, ended, sent("SO-1", 1, {"L1": 1}, shipment="S2", hours=8))
    assert cases(pump) == []


@pytest.mark.parametrize(("day", "found"), [(date(2026, 12, 14), []), (date(2026, 12, 15), ["S_SHELF_LIFE"])])
def test_goods_that_leave_on_their_last_day_or_later_are_a_case(pump: Pump, day: date, found: list[str]) -> None:
    stock(pump, lots({"L2": 5}), wanted("SO-1", 2), leaves_on(sent("SO-1", 2, {"L2": 2}), day))
    assert [code for _, code, _, _ in cases(pump)] == found


def test_the_last_day_that_the_warehouse_states_counts_where_the_shelf_knows_none(pump: Pump) -> None:
    shipment = sent("SO-1", 2)
    line = shipment.lines[0].model_copy(update={"lots": (LotRef(lot="L9", qty=d(2), expiry=date(2026, 11, 1)),)})
    stock(pump, level("WH-1", {"X": 5}), wanted("SO-1", 2), shipment.model_copy(update={"lines": (line,)}))
    assert cases(pump) == [("UNF/SO-1-S1/SO-1/1/L9//S_SHELF_LIFE", "S_SHELF_LIFE", "L9", 2)]


@pytest.mark.parametrize("status", ["quarantine", "blocked"])
def test_goods_that_were_not_released_are_a_case(pump: Pump, status: str) -> None:
    stock(pump, lots({f"L1:{status}": 5, "L3": 5}), wanted("SO-1", 2), sent("SO-1", 2, {"L1": 2}))
    assert cases(pump) == [("UNF/SO-1-S1/SO-1/1/L1//S_NOT_RELEASED", "S_NOT_RELEASED", "L1", 2)]


def test_a_lot_that_is_named_twice_in_a_line_is_one_case_and_goods_of_no_lot_are_none(pump: Pump) -> None:
    shipment = sent("SO-1", 3)
    twice = (LotRef(lot="L1", qty=d(1)), LotRef(lot="L1", qty=d(1)))
    line = shipment.lines[0].model_copy(update={"lots": twice})
    stock(pump, lots({"L1:quarantine": 5}), shipment.model_copy(update={"lines": (line,)}), level("WH-2", {"X": 9}))
    assert [(number, pump.conflicts) for number, *_ in cases(pump)] == [("UNF/SO-1-S1/SO-1/1/L1//S_NOT_RELEASED", [])]
