"""Held orders set goods aside for a while: who may take them, and what becomes of them."""

from datetime import timedelta
from typing import Any

from canonical.documents.decisions import OrderHeld
from canonical.documents.order_answers import ConfirmedLine
from canonical.documents.order_changes import LineQty, OrderReduced
from canonical.values import Quantity
from tests.handlers.golden import BUYER, d, level
from tests.handlers.pump import NOW, Pump
from tests.handlers.reading import held, rows, stock_of
from tests.handlers.test_stock_by_lot import bins, holds, lots, sent, stock, wanted


def on_hold(order_no: str, qty: int, **more: Any) -> OrderHeld:
    line = ConfirmedLine(line_no="1", item="X", qty=Quantity(value=d(qty)))
    return OrderHeld(
        **{"order_no": order_no, "origin": "shop-eu", "channel": "ecommerce", "codes": ("K_LIMIT",), "ship_to": BUYER,
           "until": NOW + timedelta(days=1), "lines": (line,), **more}
    )  # fmt: skip


def test_a_held_order_sets_goods_aside_softly_and_confirming_it_makes_them_its_own(pump: Pump) -> None:
    stock(pump, level("WH-1", {"X": 5}), on_hold("SO-1", 4))
    assert stock_of(pump.database, "X") == {"WH-1": (5, 4)}
    stock(pump, wanted("SO-1", 4), wanted("SO-2", 4, priority=1))
    assert held(pump.database, "SO-1") == {"1": ("WH-1", 4, 0)}
    assert held(pump.database, "SO-2") == {"1": ("WH-1", 1, 3)}
    assert [(r.order_no, r.soft, r.lines[0].qty) for r in pump.of("stock.reserved")] == [
        ("SO-1", True, 4), ("SO-1", False, 4), ("SO-2", False, 1),
    ]  # fmt: skip
    assert rows(pump.database, "SELECT soft_until, soft FROM stock_orders JOIN stock_lines USING (order_no) LIMIT 1") == [(None, 0)]


def test_only_a_more_urgent_order_takes_what_is_held_softly(pump: Pump) -> None:
    stock(pump, level("WH-1", {"X": 5}), on_hold("SO-1", 4, priority=3), wanted("SO-2", 3, priority=3))
    assert held(pump.database, "SO-2") == {"1": ("WH-1", 1, 2)}
    stock(pump, wanted("SO-3", 3, priority=2))
    assert held(pump.database, "SO-3") == {"1": ("WH-1", 3, 0)}
    assert held(pump.database, "SO-1") == {"1": ("WH-1", 1, 3)}
    assert [(r.order_no, r.soft, r.lines[0].qty) for r in pump.of("stock.released")] == [("SO-1", True, 3)]
    assert [(s.order_no, s.lines[0].qty) for s in pump.of("stock.backordered")] == [("SO-2", 2)]


def test_of_one_priority_the_better_credit_grade_takes(pump: Pump) -> None:
    stock(pump, lots({"L1": 4}), on_hold("SO-1", 4, credit_grade="B"), wanted("SO-2", 2, credit_grade="C"))
    assert held(pump.database, "SO-2") == {"1": ("", 0, 2)}
    stock(pump, wanted("SO-3", 2, credit_grade="A"))
    assert (holds(pump, "SO-3"), holds(pump, "SO-1")) == ({"L1": 2}, {"L1": 2})
    assert bins(pump) == {"L1": (4, 4)}


def test_whoever_holds_goods_of_several_lots_softly_gives_all_of_them_up(pump: Pump) -> None:
    stock(pump, lots({"L1": 2, "L3": 2}), on_hold("SO-1", 4), wanted("SO-2", 4, priority=1))
    assert (holds(pump, "SO-2"), holds(pump, "SO-1")) == ({"L1": 2, "L3": 2}, {})
    assert held(pump.database, "SO-1") == {"1": ("", 0, 4)}
    assert [(r.order_no, r.location, r.lines[0].qty) for r in pump.of("stock.released")] == [("SO-1", "WH-1", 4)]


def test_an_order_that_wants_all_or_nothing_takes_nothing_from_others_unless_it_gets_all(pump: Pump) -> None:
    stock(pump, level("WH-1", {"X": 5}), on_hold("SO-1", 4), wanted("SO-2", 6, priority=1, allow_partial=False))
    assert held(pump.database, "SO-1") == {"1": ("WH-1", 4, 0)}
    stock(pump, wanted("SO-3", 5, priority=1, allow_partial=False))
    assert held(pump.database, "SO-3") == {"1": ("WH-1", 5, 0)}
    assert held(pump.database, "SO-1") == {"1": ("", 0, 4)}


def test_when_its_time_is_over_anybody_takes_it_and_it_waits_for_nothing(pump: Pump) -> None:
    stock(pump, level("WH-1", {"X": 5}), on_hold("SO-1", 4, priority=1))
    pump.now = NOW + timedelta(days=2)
    stock(pump, wanted("SO-2", 5, priority=5))
    assert held(pump.database, "SO-2") == {"1": ("WH-1", 5, 0)}
    stock(pump, level("WH-1", {"X": 9}, mode="delta", reference="in", at=NOW))
    assert stock_of(pump.database, "X") == {"WH-1": (14, 5)}
    stock(pump, wanted("SO-1", 4))
    assert held(pump.database, "SO-1") == {"1": ("WH-1", 4, 0)}


def test_a_newer_hold_replaces_an_older_one_and_none_weakens_a_confirmed_order(pump: Pump) -> None:
    stock(
        pump, level("WH-1", {"X": 9}), on_hold("SO-1", 4, seq=1), on_hold("SO-1", 6, seq=2), on_hold("SO-1", 2, seq=1, priority=2)
    )
    assert held(pump.database, "SO-1") == {"1": ("WH-1", 6, 0)}
    stock(pump, wanted("SO-1", 5), on_hold("SO-1", 1, seq=9), wanted("SO-2", 9, priority=1))
    assert held(pump.database, "SO-1") == {"1": ("WH-1", 5, 0)}


def test_what_a_rejected_order_held_goes_to_who_waits(pump: Pump) -> None:
    stock(pump, level("WH-1", {"X": 4}), on_hold("SO-1", 4), wanted("SO-2", 3))
    stock(pump, OrderReduced(order_no="SO-1", origin="shop-eu", reason_code="rejected", lines=(LineQty(line_no="1", qty=d(4)),)))
    assert held(pump.database, "SO-1") == {"1": ("", 0, 0)}
    assert held(pump.database, "SO-2") == {"1": ("WH-1", 3, 0)}


def test_goods_that_left_for_a_held_order_come_off_what_it_holds(pump: Pump) -> None:
    stock(pump, lots({"L1": 4}), on_hold("SO-1", 4), sent("SO-1", 3, {"L1": 3}))
    assert (bins(pump), holds(pump, "SO-1")) == ({"L1": (1, 1)}, {"L1": 1})
