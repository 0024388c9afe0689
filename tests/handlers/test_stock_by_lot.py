"""Lots: first expired first out, minimum shelf life, picking, counting, recalls, and the lot ledger."""

from datetime import date, timedelta
from typing import Any

import pytest

from canonical.documents.order_answers import ConfirmedLine, OrderConfirmed
from canonical.documents.recalls import RecallOpened
from canonical.documents.shipments import ShipmentDispatched, ShipmentLine
from canonical.documents.stock import StockItem, StockLevel
from canonical.values import LotRef, Quantity
from tests.handlers.golden import BUYER, DAY, d, level
from tests.handlers.pump import Pump
from tests.handlers.reading import held, rows, stock_of

EXPIRY = {"L1": date(2027, 1, 31), "L2": date(2026, 12, 15), "L3": date(2028, 6, 30)}


def lots(quantities: dict[str, int], *, reference: str = "lots", mode: str = "snapshot", hours: int = 0, **more: Any) -> StockLevel:
    """A report of item X by lot: `L1` or `L1:quarantine`."""
    items = []
    for name, qty in quantities.items():
        lot, _, status = name.partition(":")
        items.append(StockItem(item="X", on_hand=d(qty), lot=lot, expiry=EXPIRY.get(lot), status=status or "released"))
    return StockLevel(
        location=more.pop("location", "WH-1"),
        as_of=DAY + timedelta(hours=hours),
        mode=mode,
        reference=reference,
        items=tuple(items),
        **more,
    )


def wanted(order_no: str, qty: int, *, revision: int = 0, **more: Any) -> OrderConfirmed:
    of_line = {name: more.pop(name) for name in ("min_remaining_shelf_days", "requested_lots", "base_qty") if name in more}
    line = ConfirmedLine(line_no="1", item="X", qty=Quantity(value=d(qty)), **of_line)
    return OrderConfirmed(
        order_no=order_no, revision=revision, origin="shop-eu", channel="ecommerce", ship_to=BUYER, lines=(line,), **more
    )


def sent(
    order_no: str, qty: int, lots: dict[str, int] | None = None, *, shipment: str = "S1", hours: int = 5
) -> ShipmentDispatched:
    refs = tuple(LotRef(lot=lot, qty=d(n)) for lot, n in (lots or {}).items())
    line = ShipmentLine(order_no=order_no, line_no="1", item="X", qty=d(qty), lots=refs)
    return ShipmentDispatched(
        shipment_no=f"{order_no}-{shipment}", warehouse="WH-1", dispatched_at=DAY + timedelta(hours=hours), lines=(line,)
    )


def bins(pump: Pump) -> dict[str, tuple[int, int]]:
    """{lot, with its status unless released: (on hand, reserved)}"""
    found = rows(pump.database, "SELECT lot, status, on_hand, reserved FROM stock_lots ORDER BY lot, status")
    return {lot if status == "released" else f"{lot}:{status}": (n // 1_000_000, r // 1_000_000) for lot, status, n, r in found}


def holds(pump: Pump, order_no: str) -> dict[str, int]:
    found = rows(pump.database, "SELECT lot, qty FROM stock_holds WHERE order_no = :no ORDER BY lot", no=order_no)
    return {lot: qty // 1_000_000 for lot, qty in found}


def stock(pump: Pump, *documents: Any) -> None:
    for document in documents:
        pump.accept_for("stock", document)


def test_the_first_to_expire_goes_first_and_what_dies_before_its_use_is_skipped(pump: Pump) -> None:
    stock(pump, lots({"L1": 5, "L2": 10, "L3": 20}))
    stock(pump, wanted("SO-1", 8, min_remaining_shelf_days=60, requested_delivery_date=date(2026, 11, 25)))
    assert holds(pump, "SO-1") == {"L1": 5, "L3": 3}
    assert bins(pump) == {"L1": (5, 5), "L2": (10, 0), "L3": (20, 3)}
    (reserved,) = pump.of("stock.reserved")
    assert [(ref.lot, ref.qty, ref.expiry) for ref in reserved.lines[0].lots] == [("L1", 5, EXPIRY["L1"]), ("L3", 3, EXPIRY["L3"])]


@pytest.mark.parametrize(("days", "lot"), [(67, "L1"), (68, "L3")])
def test_a_lot_that_lives_exactly_as_long_as_wanted_is_taken(pump: Pump, days: int, lot: str) -> None:
    stock(pump, lots({"L1": 5, "L3": 5}))
    stock(pump, wanted("SO-1", 1, min_remaining_shelf_days=days, requested_delivery_date=date(2026, 11, 25)))
    assert holds(pump, "SO-1") == {lot: 1}


def test_goods_that_expire_too_soon_are_short_for_that_reason(pump: Pump) -> None:
    stock(pump, lots({"L2": 10}), wanted("SO-1", 4, min_remaining_shelf_days=60), wanted("SO-2", 12))
    assert [(s.order_no, s.lines[0].qty, s.lines[0].code) for s in pump.of("stock.backordered")] == [
        ("SO-1", 4, "S_SHELF_LIFE"), ("SO-2", 2, "S_SHORT"),
    ]  # fmt: skip
    assert bins(pump) == {"L2": (10, 10)}


def test_only_released_goods_are_given_out_until_the_others_are_released(pump: Pump) -> None:
    stock(pump, lots({"L1:quarantine": 5, "L3:blocked": 5}), wanted("SO-1", 3))
    assert held(pump.database, "SO-1") == {"1": ("", 0, 3)}
    release = [StockItem(item="X", on_hand=d(n), lot="L1", status=s) for n, s in ((-4, "quarantine"), (4, "released"))]
    stock(pump, StockLevel(location="WH-1", as_of=DAY + timedelta(hours=1), mode="delta", reference="qa", items=tuple(release)))
    assert held(pump.database, "SO-1") == {"1": ("WH-1", 3, 0)}
    assert bins(pump) == {"L1": (4, 3), "L1:quarantine": (1, 0), "L3:blocked": (5, 0)}


def test_requested_lots_are_the_only_ones_taken(pump: Pump) -> None:
    stock(pump, lots({"L1": 5, "L2": 5}), wanted("SO-1", 7, requested_lots=(LotRef(lot="L1"),)))
    assert holds(pump, "SO-1") == {"L1": 5}
    assert held(pump.database, "SO-1") == {"1": ("WH-1", 5, 2)}


def test_a_dispatch_takes_the_lots_it_states_and_frees_those_set_aside(pump: Pump) -> None:
    stock(pump, lots({"L1": 5, "L2": 5}), wanted("SO-1", 4), sent("SO-1", 4, {"L1": 4}))
    assert bins(pump) == {"L1": (1, 0), "L2": (5, 0)}
    assert rows(pump.database, "SELECT count(*) FROM stock_holds") == [(0,)]


def test_a_dispatch_of_lots_that_others_have_gives_them_other_lots(pump: Pump) -> None:
    stock(pump, lots({"L1": 5, "L2": 5}), wanted("SO-1", 5), wanted("SO-2", 5), sent("SO-1", 5, {"L1": 5}))
    assert bins(pump) == {"L2": (5, 5)}
    assert holds(pump, "SO-2") == {"L2": 5}
    assert [(r.order_no, r.lines[0].lots[0].lot) for r in pump.of("stock.released")] == [("SO-2", "L1")]


def test_a_dispatch_that_names_no_lots_takes_those_that_were_asked_for(pump: Pump) -> None:
    stock(pump, lots({"L1": 5, "L2": 5}), wanted("SO-1", 7), sent("SO-1", 6))
    assert bins(pump) == {"L1": (4, 1)}
    assert rows(pump.database, "SELECT lot, qty, stated FROM stock_entries WHERE kind = 'shipped' ORDER BY lot") == [
        ("L1", -1_000_000, 0), ("L2", -5_000_000, 0),
    ]  # fmt: skip


def test_lots_that_leave_a_place_that_keeps_none_apart_come_off_its_level_and_are_written_down(pump: Pump) -> None:
    stock(pump, level("WH-1", {"X": 9}), wanted("SO-1", 4), sent("SO-1", 4, {"L1": 3, "L2": 1}))
    assert stock_of(pump.database, "X") == {"WH-1": (5, 0)}
    assert bins(pump) == {}
    stock(pump, lots({"L1": 7, "L3": 5}, hours=1))
    assert bins(pump) == {"L1": (4, 0), "L2": (0, 0), "L3": (5, 0)}
    assert stock_of(pump.database, "X") == {"WH-1": (0, 0)}
    assert rows(pump.database, "SELECT lot, qty, location FROM stock_entries WHERE kind = 'shipped' ORDER BY lot") == [
        ("L1", -3_000_000, ""), ("L2", -1_000_000, ""),
    ]  # fmt: skip


def test_a_count_of_an_item_empties_the_lots_it_does_not_name(pump: Pump) -> None:
    stock(pump, lots({"L1": 5, "L2": 5}), wanted("SO-1", 7))
    stock(pump, lots({"L1": 6}, reference="recount", hours=2))
    assert bins(pump) == {"L1": (6, 6)}
    assert held(pump.database, "SO-1") == {"1": ("WH-1", 6, 1)}
    stock(pump, lots({"L1": 6, "L3": 9}, reference="old", hours=1))
    assert bins(pump) == {"L1": (6, 6)}


def test_goods_without_and_of_known_lots_at_one_place_are_both_used_the_known_first(pump: Pump) -> None:
    both = StockLevel(
        location="WH-1", as_of=DAY, mode="snapshot", reference="both",
        items=(StockItem(item="X", on_hand=d(4)), StockItem(item="X", on_hand=d(3), lot="L1", expiry=EXPIRY["L1"])),
    )  # fmt: skip
    stock(pump, both, wanted("SO-1", 5))
    assert bins(pump) == {"L1": (3, 3)}
    assert stock_of(pump.database, "X") == {"WH-1": (4, 2)}
    stock(pump, level("WH-1", {"X": 5}, reference="in-all", at=DAY + timedelta(hours=1)))
    assert bins(pump) == {}
    assert stock_of(pump.database, "X") == {"WH-1": (5, 5)}


def test_a_recalled_lot_is_taken_back_replaced_and_given_out_again_when_the_recall_ends(pump: Pump) -> None:
    stock(pump, lots({"L1": 5, "L3": 4}), wanted("SO-1", 5))
    recall = RecallOpened(recall_no="R-1", sku="X", lots=("L1",), reason="leaks", as_of=DAY)
    stock(pump, recall)
    assert bins(pump) == {"L1": (5, 0), "L3": (4, 4)}
    assert held(pump.database, "SO-1") == {"1": ("WH-1", 4, 1)}
    stock(pump, lots({"L1": 2}, mode="delta", reference="more", hours=1))
    assert held(pump.database, "SO-1") == {"1": ("WH-1", 4, 1)}
    stock(pump, recall.model_copy(update={"status": "closed", "as_of": DAY + timedelta(days=1)}), recall)
    assert held(pump.database, "SO-1") == {"1": ("WH-1", 5, 0)}
    assert holds(pump, "SO-1") == {"L1": 1, "L3": 4}


def test_a_recall_that_comes_before_its_goods_stops_them_when_they_come(pump: Pump) -> None:
    stock(pump, RecallOpened(recall_no="R-1", sku="X", reason="all", as_of=DAY), wanted("SO-1", 1))
    stock(pump, lots({"L1": 5}), level("WH-2", {"X": 5}))
    assert held(pump.database, "SO-1") == {"1": ("", 0, 1)}


def test_packs_are_counted_in_base_units_and_never_broken(pump: Pump) -> None:
    stock(pump, lots({"L1": 25, "L3": 19}), wanted("SO-1", 4, base_qty=d(40)))
    assert held(pump.database, "SO-1") == {"1": ("WH-1", 30, 10)}
    assert holds(pump, "SO-1") == {"L1": 20, "L3": 10}
    (reserved,) = pump.of("stock.reserved")
    assert (reserved.lines[0].qty, [ref.qty for ref in reserved.lines[0].lots]) == (3, [2, 1])
    stock(pump, sent("SO-1", 3, {"L1": 2, "L3": 1}))
    assert bins(pump) == {"L1": (5, 0), "L3": (9, 0)}
    assert held(pump.database, "SO-1") == {"1": ("", 0, 10)}


def test_a_dispatch_that_comes_before_its_order_is_in_base_units_once_they_are_known(pump: Pump) -> None:
    stock(pump, lots({"L1": 50}), sent("SO-1", 3, {"L1": 3}))
    assert bins(pump) == {"L1": (47, 0)}
    stock(pump, wanted("SO-1", 4, base_qty=d(40)))
    assert bins(pump) == {"L1": (20, 10)}
    assert rows(pump.database, "SELECT shipped, reserved, early FROM stock_lines JOIN stock_orders USING (order_no)") == [
        (30_000_000, 10_000_000, None)
    ]


def test_a_higher_revision_states_the_whole_demand_anew(pump: Pump) -> None:
    stock(pump, lots({"L1": 5, "L3": 20}), wanted("SO-1", 8), wanted("SO-2", 20))
    assert held(pump.database, "SO-2") == {"1": ("WH-1", 17, 3)}
    stock(pump, wanted("SO-1", 4, revision=2))
    assert holds(pump, "SO-1") == {"L1": 4}
    assert held(pump.database, "SO-2") == {"1": ("WH-1", 20, 0)}
    stock(pump, wanted("SO-1", 9, revision=1), wanted("SO-1", 5, revision=3))
    assert held(pump.database, "SO-1") == {"1": ("WH-1", 5, 0)}


def test_the_entries_of_a_place_sum_to_what_lies_there(pump: Pump) -> None:
    stock(
        pump, lots({"L1": 5, "L2": 9}), wanted("SO-1", 8), sent("SO-1", 8, {"L2": 8}), lots({"L1": 4}, reference="again", hours=7)
    )
    stock(pump, lots({"L1": 2}, mode="delta", reference="in", hours=9), lots({"L1": 9}, mode="delta", reference="seen", hours=-9))
    found = rows(pump.database, "SELECT lot, sum(qty) FROM stock_entries GROUP BY lot ORDER BY lot")
    assert {lot: int(qty) // 1_000_000 for lot, qty in found} == {"L1": 6, "L2": 0}
    assert bins(pump) == {"L1": (6, 0)}
