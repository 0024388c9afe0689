"""Stock: who gets what from where, and what happens when the books and the shelves disagree."""

from datetime import timedelta
from typing import Any

from canonical.documents.order_changes import LineQty, OrderReduced
from canonical.documents.orders import OrderPlaced
from canonical.documents.shipments import ShipmentDispatched
from tests.handlers.golden import DAY, cancelled, d, dispatched, level, line, placed
from tests.handlers.pump import Pump
from tests.handlers.reading import held, rows, stock_of


def _order(order_no: str, qty: int, **more: Any) -> OrderPlaced:
    return placed(order_no, lines=(line("1", "X", qty),), **more)


def _ship(order_no: str, qty: int, *, shipment: str = "S1", warehouse: str = "WH-1") -> ShipmentDispatched:
    return dispatched(shipment, order_no, lines={"1": qty}, warehouse=warehouse, item="X")


def test_a_line_is_served_from_where_most_lies_and_from_the_first_name_among_equals(pump: Pump) -> None:
    pump.take_each(level("WH-B", {"X": 5}), level("WH-A", {"X": 5}), level("WH-C", {"X": 4}), _order("SO-1", 3), _order("SO-2", 3))
    assert held(pump.database, "SO-1") == {"1": ("WH-A", 3, 0)}
    assert held(pump.database, "SO-2") == {"1": ("WH-B", 3, 0)}


def test_the_more_urgent_order_of_a_batch_is_served_first(pump: Pump) -> None:
    pump.batch = 10
    pump.take_each(level("WH-1", {"X": 5}))
    pump.take(_order("SO-1", 4, priority=3), _order("SO-2", 4, priority=1))
    assert held(pump.database, "SO-2") == {"1": ("WH-1", 4, 0)}
    assert held(pump.database, "SO-1") == {"1": ("WH-1", 1, 3)}


def test_an_unknown_item_waits_nowhere_and_is_reserved_when_it_is_first_reported(pump: Pump) -> None:
    pump.take_each(_order("SO-1", 4))
    assert held(pump.database, "SO-1") == {"1": ("", 0, 4)}
    assert stock_of(pump.database, "X") == {}
    pump.take_each(level("WH-1", {"X": 10}))
    assert held(pump.database, "SO-1") == {"1": ("WH-1", 4, 0)}
    assert [r.seq for r in pump.of("stock.reserved")] == [2]
    assert rows(pump.database, "SELECT count(*) FROM stock_lines WHERE reserved_at IS NOT NULL") == [(1,)]


def test_each_new_reservation_asks_for_a_shipment_of_its_own(pump: Pump) -> None:
    pump.take_each(
        level("WH-1", {"X": 3}), _order("SO-1", 5), level("WH-1", {"X": 4}, mode="delta", reference="in", at=DAY + timedelta(1))
    )
    assert [(r.shipment_no, r.lines[0].qty, r.lines[0].outstanding_qty) for r in pump.of("shipment.requested")] == [
        ("SO-1-S1", 3, 2), ("SO-1-S2", 2, 0),
    ]  # fmt: skip


def test_cancelled_goods_go_to_whoever_waits(pump: Pump) -> None:
    pump.take_each(level("WH-1", {"X": 5}), _order("SO-1", 5), _order("SO-2", 4), cancelled("SO-1", {"1": 3}))
    assert held(pump.database, "SO-1") == {"1": ("WH-1", 2, 0)}
    assert held(pump.database, "SO-2") == {"1": ("WH-1", 3, 1)}
    assert stock_of(pump.database, "X") == {"WH-1": (5, 5)}
    (released,) = pump.of("stock.released")
    assert (released.location, released.lines[0].qty) == ("WH-1", 3)


def test_cancelling_takes_waiting_demand_before_reserved_goods(pump: Pump) -> None:
    pump.take_each(level("WH-1", {"X": 3}), _order("SO-1", 5), cancelled("SO-1", {"1": 2}))
    assert held(pump.database, "SO-1") == {"1": ("WH-1", 3, 0)}
    assert pump.of("stock.released") == []


def test_two_equal_cancellations_for_different_reasons_both_count(pump: Pump) -> None:
    pump.take_each(level("WH-1", {"X": 5}), _order("SO-1", 5))
    pump.take_each(cancelled("SO-1", {"1": 1}, "damaged_box"), cancelled("SO-1", {"1": 1}, "too_many"))
    assert held(pump.database, "SO-1") == {"1": ("WH-1", 3, 0)}
    assert pump.milestones("SO-1") == ["reduced", "reduced"]
    assert pump.conflicts == []


def test_a_count_below_the_reservations_puts_the_last_in_rank_back_to_waiting(pump: Pump) -> None:
    pump.take_each(level("WH-1", {"X": 10}), _order("SO-1", 4, priority=2), _order("SO-2", 4), _order("SO-3", 2, priority=5))
    pump.take_each(level("WH-1", {"X": 5}, reference="recount", at=DAY + timedelta(hours=1)))
    assert stock_of(pump.database, "X") == {"WH-1": (5, 5)}
    assert held(pump.database, "SO-1") == {"1": ("WH-1", 4, 0)}
    assert held(pump.database, "SO-2") == {"1": ("WH-1", 1, 3)}
    assert held(pump.database, "SO-3") == {"1": ("", 0, 2)}
    assert {(s.order_no, s.lines[0].qty) for s in pump.of("stock.backordered")} == {("SO-2", 3), ("SO-3", 2)}


def test_an_older_count_is_ignored_and_a_newer_one_keeps_what_moved_since(pump: Pump) -> None:
    pump.take_each(level("WH-1", {"X": 10}, at=DAY), _order("SO-1", 4), _ship("SO-1", 4))
    assert stock_of(pump.database, "X") == {"WH-1": (6, 0)}
    pump.take_each(level("WH-1", {"X": 12}, reference="before-shipping", at=DAY + timedelta(hours=2)))
    assert stock_of(pump.database, "X") == {"WH-1": (8, 0)}
    pump.take_each(level("WH-1", {"X": 99}, reference="old", at=DAY - timedelta(hours=2)))
    assert stock_of(pump.database, "X") == {"WH-1": (8, 0)}
    pump.take_each(level("WH-1", {"X": 7}, reference="after-shipping", at=DAY + timedelta(days=3)))
    assert stock_of(pump.database, "X") == {"WH-1": (7, 0)}
    assert rows(pump.database, "SELECT count(*) FROM stock_moves") == [(0,)]


def test_goods_that_left_before_the_count_are_not_taken_off_twice(pump: Pump) -> None:
    pump.take_each(level("WH-1", {"X": 6}, at=DAY + timedelta(days=5)), _order("SO-1", 4), _ship("SO-1", 4))
    assert stock_of(pump.database, "X") == {"WH-1": (6, 0)}


def test_shipping_more_than_the_books_hold_leaves_zero_and_takes_from_the_others(pump: Pump) -> None:
    pump.take_each(level("WH-1", {"X": 6}), _order("SO-1", 2), _order("SO-2", 4))
    pump.take_each(_ship("SO-1", 9))
    assert stock_of(pump.database, "X") == {"WH-1": (0, 0)}
    assert held(pump.database, "SO-2") == {"1": ("", 0, 4)}
    assert [(s.order_no, s.lines[0].qty) for s in pump.of("stock.backordered")] == [("SO-2", 4)]


def test_shipping_from_another_warehouse_frees_the_reservation(pump: Pump) -> None:
    pump.take_each(level("WH-1", {"X": 5}), level("WH-2", {"X": 4}), _order("SO-1", 4), _ship("SO-1", 4, warehouse="WH-2"))
    assert stock_of(pump.database, "X") == {"WH-1": (5, 0), "WH-2": (0, 0)}


def test_news_that_come_before_the_order_is_confirmed_count_when_it_is(pump: Pump) -> None:
    pump.take(level("WH-1", {"X": 20}))
    reduced = OrderReduced(order_no="SO-1", origin="shop-eu", reason_code="x", lines=(LineQty(line_no="1", qty=d(2)),))
    pump.accept_for("stock", _ship("SO-1", 3), reduced)
    assert stock_of(pump.database, "X") == {"WH-1": (17, 0)}
    pump.take(_order("SO-1", 10))
    assert held(pump.database, "SO-1") == {"1": ("WH-1", 5, 0)}
    assert stock_of(pump.database, "X") == {"WH-1": (17, 5)}
