"""Goods whose last day comes while they lie on the shelf, are set aside, or are asked of a warehouse."""

from datetime import UTC, date, datetime, timedelta

import pytest

from canonical.documents.orders import OrderLine, OrderPlaced
from canonical.documents.reservations import ReservationSpoiled
from canonical.documents.stock import StockItem, StockLevel
from canonical.values import Quantity
from operations import stocks
from tests.handlers.golden import BUYER, DAY, d
from tests.handlers.pump import NOW, Pump
from tests.handlers.reading import held, state_of
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
