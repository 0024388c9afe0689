"""Goods whose last day comes while they lie on the shelf, are set aside, or are asked of a warehouse."""

from datetime import UTC, date, datetime, timedelta

import pytest

from canonical.documents.orders import OrderLine, OrderPlaced
from canonical.documents.recalls import RecallOpened
from canonical.documents.reservations import ReservationSpoiled
from canonical.documents.stock import StockItem, StockLevel
from canonical.values import Quantity
from operations import stocks
from tests.handlers.golden import BUYER, DAY, d
from tests.handlers.pump import NOW, Pump
from tests.handlers.reading import held, rows, state_of
from tests.handlers.test_stock_by_lot import bins, holds, stock, wanted
from tests.handlers.test_withdrawn_shipments import withdrawn

TODAY = datetime.now(UTC).date()


def shelf(lots: dict[str, tuple[int, date]], **more: object) -> StockLevel:
    """{lot: (pieces, last day)} of item X."""
    items = tuple(StockItem(item="X", on_hand=d(qty), lot=lot, expiry=expiry) for lot, (qty, expiry) in lots.items())
    given = {"location": "WH-1", "as_of": DAY, "mode": "snapshot", "reference": "c", "items": items, **more}
    return StockLevel.model_validate(given)


def placed(qty: int, order_no: str = "SO-1", **of_line: object) -> OrderPlaced:
    line = OrderLine(line_no="1", sku="X", qty=Quantity(value=d(qty)), unit_price=d(1), **of_line)
    return OrderPlaced(
        order_no=order_no, channel="edi", sold_to=BUYER, ship_to=BUYER, currency="CNY", price_date=NOW.date(), lines=(line,)
    )


def spoil(pump: Pump, days: int, order_no: str = "SO-1") -> None:
    """The days pass, and the clock tells."""
    pump.now = NOW + timedelta(days=days)
    pump.take(ReservationSpoiled(order_no=order_no, day=pump.now.date()))


@pytest.mark.parametrize(("expiry", "status", "available"), [(0, "expired", 4), (-400, "expired", 4), (1, "released", 14)])
def test_a_lot_whose_last_day_has_come_is_shown_as_expired_and_not_as_available(
    pump: Pump, expiry: int, status: str, available: int
) -> None:
    stock(pump, shelf({"OLD": (10, TODAY + timedelta(days=expiry)), "NEW": (4, TODAY + timedelta(days=900))}))
    found = stocks.stock(pump.database, "X")
    assert (found.on_hand, found.available, found.places[0].available) == (available, available, available)
    (old,) = [lot for lot in found.places[0].lots if lot.lot == "OLD"]
    assert (old.status, old.on_hand, old.available) == (status, 10, available - 4)


def test_a_lot_that_expires_before_it_left_is_replaced_and_called_back_from_the_warehouse(pump: Pump) -> None:
    pump.take_each(shelf({"OLD": (6, date(2026, 12, 1)), "NEW": (9, date(2028, 1, 1))}), placed(8))
    assert holds(pump, "SO-1") == {"OLD": 6, "NEW": 2}
    spoil(pump, 7)
    assert holds(pump, "SO-1") == {"OLD": 6, "NEW": 2}, "on 30 November it may still leave"
    spoil(pump, 8)
    assert (holds(pump, "SO-1"), bins(pump)) == ({"NEW": 8}, {"OLD": (6, 0), "NEW": (9, 8)})
    assert withdrawn(pump) == [("SO-1-S1", "change", "too_old", 6, 2)]
    (released,) = pump.of("stock.released")
    assert [(line.qty, line.code, line.lots[0].lot) for line in released.lines] == [(6, "S_SHELF_LIFE", "OLD")]
    again = pump.of("shipment.requested")[1]
    assert [(again.shipment_no, ref.lot, ref.qty) for ref in again.lines[0].lots] == [("SO-1-S2", "NEW", 6)]
    assert state_of(pump.database).lines["1"].allocated == 8


def test_without_other_lots_the_order_waits_because_of_shelf_life(pump: Pump) -> None:
    pump.take_each(shelf({"OLD": (6, date(2026, 12, 1))}), placed(5))
    spoil(pump, 8)
    assert held(pump.database, "SO-1") == {"1": ("", 0, 5)}
    assert [(one.lines[0].qty, one.lines[0].code) for one in pump.of("stock.backordered")] == [(5, "S_SHELF_LIFE")]
    assert withdrawn(pump) == [("SO-1-S1", "cancel", "too_old", 5, 0)]


def test_goods_that_live_shorter_than_the_buyer_asks_for_by_now_are_replaced_too(pump: Pump) -> None:
    pump.take_each(shelf({"L1": (6, date(2027, 1, 31)), "L2": (9, date(2028, 1, 1))}), placed(4, min_remaining_shelf_days=60))
    assert holds(pump, "SO-1") == {"L1": 4}
    spoil(pump, 9)
    assert holds(pump, "SO-1") == {"L1": 4}, "2 December and 60 days are 31 January"
    spoil(pump, 10)
    assert holds(pump, "SO-1") == {"L2": 4}


def test_a_planned_delivery_that_is_still_to_come_keeps_what_was_chosen_for_it(pump: Pump) -> None:
    stock(pump, shelf({"L1": (6, date(2027, 1, 31)), "L2": (9, date(2028, 1, 1))}))
    stock(pump, wanted("SO-1", 4, min_remaining_shelf_days=60, requested_delivery_date=date(2026, 12, 2)))
    spoil(pump, 9)
    assert holds(pump, "SO-1") == {"L1": 4}


def moved(*items: tuple[str, int, str], hours: int, location: str = "WH-1", expiry: date | None = None) -> StockLevel:
    """(lot, pieces, status) of item X come and go; no last day is told, unless it is."""
    rows = tuple(StockItem(item="X", on_hand=d(qty), lot=lot, status=status, expiry=expiry) for lot, qty, status in items)
    return StockLevel(location=location, as_of=DAY + timedelta(hours=hours), mode="delta", reference=f"move {hours}", items=rows)


def days(pump: Pump) -> dict[tuple[str, str], str | None]:
    """{(place, status): last day} of every bin"""
    found = rows(pump.database, "SELECT location, status, expiry FROM stock_lots ORDER BY location, status")
    return {(location, status): expiry for location, status, expiry in found}


@pytest.mark.parametrize("at_once", [True, False])
def test_a_lot_keeps_its_last_day_through_quarantine_and_back(pump: Pump, at_once: bool) -> None:
    stock(pump, shelf({"OLD": (5, date(2026, 12, 1))}))
    for hours, before, after in ((1, "released", "quarantine"), (3, "quarantine", "released")):
        steps = (("OLD", -5, before), ("OLD", 5, after))
        reports = [moved(*steps, hours=hours)] if at_once else [moved(steps[0], hours=hours), moved(steps[1], hours=hours + 1)]
        for report in reports:
            stock(pump, report)
        assert days(pump) == {("WH-1", after): "2026-12-01"}
    stock(pump, wanted("SO-1", 2, requested_delivery_date=date(2026, 12, 1)))
    assert held(pump.database, "SO-1") == {"1": ("", 0, 2)}, "it dies on that day"


def test_a_lot_that_is_carried_to_another_place_keeps_its_last_day(pump: Pump) -> None:
    stock(pump, shelf({"OLD": (5, date(2026, 12, 1))}), moved(("OLD", -5, "released"), hours=1))
    stock(pump, moved(("OLD", 5, "released"), hours=2, location="WH-2"))
    assert days(pump) == {("WH-2", "released"): "2026-12-01"}


def test_the_last_day_that_was_told_last_counts(pump: Pump) -> None:
    stock(pump, shelf({"OLD": (5, date(2026, 12, 1))}), moved(("OLD", 2, "released"), hours=1, expiry=date(2026, 11, 28)))
    stock(pump, moved(("OLD", -7, "released"), hours=2))
    stock(pump, moved(("OLD", 7, "blocked"), hours=3), moved(("NEW", 1, "blocked"), hours=4, location="WH-3"))
    assert days(pump) == {("WH-1", "blocked"): "2026-11-28", ("WH-3", "blocked"): None}


def test_a_last_day_that_is_told_late_counts_for_what_lies_there_already(pump: Pump) -> None:
    stock(pump, moved(("OLD", 5, "quarantine"), hours=1), moved(("OLD", 2, "released"), hours=2, expiry=date(2026, 12, 1)))
    assert days(pump) == {("WH-1", "quarantine"): "2026-12-01", ("WH-1", "released"): "2026-12-01"}


def test_a_recall_by_days_of_manufacture_finds_a_lot_that_was_in_quarantine(pump: Pump) -> None:
    made = StockItem(item="X", on_hand=d(5), lot="L", mfg_date=date(2026, 1, 10))
    stock(pump, StockLevel(location="WH-1", as_of=DAY, mode="snapshot", reference="c", items=(made,)))
    stock(pump, moved(("L", -5, "released"), hours=1), moved(("L", 5, "quarantine"), hours=2))
    stock(pump, moved(("L", -5, "quarantine"), ("L", 5, "released"), hours=3))
    recall = {"recall_no": "R-1", "sku": "X", "made_from": "2026-01-01", "made_to": "2026-01-31", "reason": "x", "as_of": DAY}
    stock(pump, RecallOpened.model_validate(recall), wanted("SO-1", 2))
    assert held(pump.database, "SO-1") == {"1": ("", 0, 2)}
