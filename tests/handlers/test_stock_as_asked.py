"""Stock as people ask for it: lots, promises with look-ahead, the trace of a recall (G13), cases."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from canonical.documents.recalls import RecallOpened
from canonical.values import LotRef
from operations import recalls, stocks
from operations.failing import NotFound
from store.database import Database
from tests.handlers.golden import DAY
from tests.handlers.pump import Pump
from tests.handlers.test_diversion import reports
from tests.handlers.test_goods_that_come_back import back, consigned
from tests.handlers.test_soft_reservations import on_hold
from tests.handlers.test_stock_by_lot import lots, sent, stock, wanted

TODAY = datetime.now(UTC).date()


def test_an_item_is_shown_by_place_and_lot_with_what_is_held_softly(pump: Pump) -> None:
    stock(pump, lots({"L1": 5, "L3:quarantine": 2}), consigned({"L2": 7}), wanted("SO-1", 2), on_hold("SO-2", 1))
    found = stocks.stock(pump.database, "X")
    assert (found.on_hand, found.reserved, found.available) == (5, 3, 2)
    ours, theirs = sorted(found.places, key=lambda place: place.holder or "")
    assert (ours.location, ours.reserved_softly, theirs.holder, theirs.on_hand) == ("WH-1", 1, "H-1", 7)
    assert [(lot.lot, lot.status, lot.on_hand, lot.available) for lot in ours.lots] == [
        ("L1", "released", 5, 2),
        ("L3", "quarantine", 2, 0),
    ]
    with pytest.raises(NotFound):
        stocks.stock(pump.database, "nothing")


def test_a_promise_never_takes_from_what_is_promised_for_later(pump: Pump) -> None:
    later, latest = TODAY + timedelta(days=30), TODAY + timedelta(days=60)
    stock(pump, lots({"L3": 10}), wanted("SO-1", 4), on_hold("SO-2", 3))
    assert stocks.stock(pump.database, "X", at=TODAY).promise.available == 6
    blocked = wanted("SO-3", 5, requested_lots=(LotRef(lot="L9"),), requested_delivery_date=later)
    stock(pump, blocked)
    promised = {day: stocks.stock(pump.database, "X", at=day).promise.available for day in (TODAY, later, latest)}
    assert promised == {TODAY: 1, later: 1, latest: 1}


def test_a_promise_counts_only_goods_that_live_long_enough(pump: Pump) -> None:
    stock(pump, lots({"L2": 10, "L3": 4}))
    assert stocks.stock(pump.database, "X", at=date(2026, 12, 14)).promise.available == 14
    assert stocks.stock(pump.database, "X", at=date(2026, 12, 15)).promise.available == 4
    assert stocks.stock(pump.database, "X", at=date(2026, 11, 26), min_days=30).promise.available == 4


def test_g13_a_recalled_lot_is_traced_to_its_buyer_and_on_by_sales_out(pump: Pump) -> None:
    stock(pump, lots({"L1": 12, "L3": 5}), wanted("SO-1", 10, customer_no="D-1"), sent("SO-1", 10, {"L1": 10}))
    stock(
        pump,
        back(1, "L1"),
        reports("D-1", 6, lot="L1"),
        RecallOpened(recall_no="R-1", sku="X", lots=("L1",), reason="leaks", as_of=DAY),
    )
    found = recalls.trace(pump.database, "R-1")
    assert (found.received, found.in_stock, found.shipped, found.returned, found.confirmed, found.unlocated, found.difference) == (
        12, 3, 10, 1, 6, 3, 0,
    )  # fmt: skip
    (buyer,) = found.buyers
    assert (buyer.buyer, buyer.shipped, buyer.unlocated, buyer.sold_on[0].to) == ("D-1", 10, 3, "H-9")
    assert [(one.shipment_no, one.order_no, one.lot, one.qty) for one in buyer.shipments] == [("SO-1-S1", "SO-1", "L1", 10)]
    assert [(lot.status, lot.on_hand, lot.available) for lot in found.stock[0].lots] == [("quarantine", 1, 0), ("released", 2, 0)]
    with pytest.raises(NotFound):
        recalls.trace(pump.database, "R-2")
    assert recalls.trace_goods(pump.database, "X", lots=["L1"]).buyers == found.buyers
    assert recalls.trace_goods(pump.database, "X", serials=["S-9"]).buyers == []


def test_a_trace_names_the_orders_whose_lots_nobody_told(pump: Pump) -> None:
    stock(pump, lots({"L1": 5}), wanted("SO-1", 2), sent("SO-1", 2), wanted("SO-2", 3), sent("SO-2", 3, hours=6))
    stock(pump, wanted("SO-3", 1), sent("SO-3", 1), RecallOpened(recall_no="R-1", sku="X", lots=("L1",), reason="x", as_of=DAY))
    found = recalls.trace(pump.database, "R-1")
    assert [(one.order_no, one.qty) for one in found.unknown_lot] == [("SO-3", 1)]
    assert [one.stated for one in found.buyers[0].shipments] == [False, False]


def test_cases_are_listed_page_by_page(database: Database, pump: Pump) -> None:
    for serial in ("S-1", "S-2"):
        stock(pump, wanted(f"SO-{serial}", 1, customer_no="A"), sent_serial(serial), reports("B", no=serial, serial=serial))
    first = recalls.cases(database, limit=1)
    assert first.next is not None
    rest = recalls.cases(database, cursor=first.next, state="open")
    assert [case.case_no for case in (*first.items, *rest.items)] == ["DIV/X/S-1/B", "DIV/X/S-2/B"]
    assert first.items[0].document["sources"] == ["A"]
    assert Decimal(first.items[0].document["sold"]) == 1


def sent_serial(serial: str):
    order = sent(f"SO-{serial}", 1)
    line = order.lines[0].model_copy(update={"lots": (LotRef(serial=serial),)})
    return order.model_copy(update={"lines": (line,)})
