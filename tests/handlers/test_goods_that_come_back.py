"""Returns, and goods that lie with the buyer: what becomes of stock."""

from datetime import timedelta
from typing import Any

import pytest

from canonical.documents.returns import ReturnLine, ReturnReceived
from canonical.documents.shipments import DeliveryConfirmed
from canonical.documents.stock import StockItem, StockLevel
from canonical.values import LotRef, Party
from tests.handlers.golden import BUYER, DAY, d, level, line, placed
from tests.handlers.pump import Pump
from tests.handlers.reading import axes, held, invoices, rows, state_of, stock_of
from tests.handlers.test_stock_by_lot import EXPIRY, bins, lots, sent, stock, wanted


def back(qty: int, lot: str | None = None, disposition: str | None = None, **more: Any) -> ReturnReceived:
    refs = (LotRef(lot=lot, qty=d(qty)),) if lot else ()
    line = ReturnLine(line_no="1", item="X", qty=d(qty), lots=refs, disposition=disposition)
    return ReturnReceived(
        **{"rma_no": "RMA-1", "order_no": "SO-1", "returned_at": DAY + timedelta(hours=9), "lines": (line,), **more}
    )


@pytest.mark.parametrize(
    ("disposition", "left"),
    [(None, {"L1": (1, 0), "L1:quarantine": (3, 0)}), ("restock", {"L1": (4, 0)}), ("scrap", {"L1": (1, 0)})],
)
def test_a_return_goes_where_its_disposition_says(pump: Pump, disposition: str | None, left: dict[str, Any]) -> None:
    stock(pump, lots({"L1": 5}), wanted("SO-1", 4), sent("SO-1", 4, {"L1": 4}), back(3, "L1", disposition))
    assert bins(pump) == left
    assert rows(pump.database, "SELECT DISTINCT expiry FROM stock_lots") == [(EXPIRY["L1"].isoformat(),)]


def test_goods_back_on_the_shelf_go_to_whoever_waits_and_without_lot_too(pump: Pump) -> None:
    stock(pump, level("WH-1", {"X": 4}), wanted("SO-1", 4), sent("SO-1", 4), wanted("SO-2", 5), back(3, None, "restock"))
    assert held(pump.database, "SO-2") == {"1": ("WH-1", 3, 2)}
    assert stock_of(pump.database, "X") == {"WH-1": (3, 3)}


def test_a_return_waits_for_the_dispatch_of_what_comes_back(pump: Pump) -> None:
    stock(pump, lots({"L1": 5}), back(3, "L1"))
    assert [parked.waits_for for parked in pump.parked["stock"]] == ["shipped:SO-1"]
    stock(pump, sent("SO-1", 4, {"L1": 4}))
    assert bins(pump) == {"L1": (1, 0), "L1:quarantine": (3, 0)}


def test_a_return_that_names_its_warehouse_waits_for_nothing(pump: Pump) -> None:
    stock(pump, back(3, "L1", "restock", warehouse="WH-2", order_no=None))
    assert rows(pump.database, "SELECT location, on_hand FROM stock_lots") == [("WH-2", 3_000_000)]


def consigned(quantities: dict[str, int], hospital: str = "H-1") -> StockLevel:
    items = tuple(StockItem(item="X", on_hand=d(qty), lot=lot, expiry=EXPIRY[lot]) for lot, qty in quantities.items())
    return StockLevel(
        location=f"AT-{hospital}", as_of=DAY, mode="snapshot", reference="there", owner="consigned",
        owner_party=Party(party_id=hospital), items=items,
    )  # fmt: skip


def test_goods_with_a_hospital_serve_only_what_that_hospital_used(pump: Pump) -> None:
    stock(pump, consigned({"L1": 5}, "H-2"), consigned({"L3": 5}), wanted("SO-1", 2))
    assert held(pump.database, "SO-1") == {"1": ("", 0, 2)}
    stock(pump, lots({"L2": 9}), wanted("SO-2", 3, kind="implant_bill_only", requested_lots=(LotRef(lot="L3"),)))
    assert held(pump.database, "SO-1") == {"1": ("WH-1", 2, 0)}
    (used,) = pump.of("shipment.dispatched")
    assert (used.shipment_no, used.consumed, used.warehouse, used.lines[0].lots[0].lot) == ("SO-2-U1", True, "AT-H-1", "L3")
    assert [(c.shipment_no, c.receiver) for c in pump.of("delivery.confirmed")] == [("SO-2-U1", BUYER.name)]
    assert bins(pump) == {"L1": (5, 0), "L2": (9, 2), "L3": (2, 0)}
    assert rows(pump.database, "SELECT lot, location, party, document, qty FROM stock_entries WHERE kind = 'shipped'") == [
        ("L3", "AT-H-1", "H-1", "SO-2-U1", -3_000_000)
    ]


def test_movements_that_come_before_what_they_take_from_leave_the_same_in_the_end(pump: Pump) -> None:
    more = lots({"L1": 9}, mode="delta", reference="in", hours=1)
    stock(pump, sent("SO-1", 4, {"L1": 4}), more, level("WH-2", {"X": 1}))
    assert bins(pump) == {"L1": (5, 0)}
    stock(pump, lots({"L1": 20}, hours=-1))
    assert bins(pump) == {"L1": (25, 0)}


def test_an_order_of_what_was_used_from_consignment_ships_nothing_and_is_delivered_and_billed(pump: Pump) -> None:
    stock(pump, consigned({"L1": 5}))
    pump.take(placed("SO-1", lines=(line("1", "X", 2, "50.00"),), kind="implant_bill_only"))
    assert pump.of("shipment.requested") == []
    assert axes(pump.database, "SO-1")[1:3] == ("delivered", "full")
    assert invoices(pump.database, "SO-1") == {"INV-SO-1-U1": (d("113.00"), d("113.00"))}
    assert bins(pump) == {"L1": (3, 0)}


def test_goods_that_fill_up_a_consignment_are_billed_when_they_are_used_and_not_before(pump: Pump) -> None:
    lines = (line("1", "X", 5, None, tax=None),)
    pump.take(lots({"L1": 20}), placed("SO-1", lines=lines, kind="consignment_replenish"))
    assert [(one.shipment_no, one.lines[0].qty) for one in pump.of("shipment.requested")] == [("SO-1-S1", 5)]
    pump.take(sent("SO-1", 5, {"L1": 5}))
    assert axes(pump.database, "SO-1") == ("confirmed", "shipped", "none", "unpaid")
    pump.take(DeliveryConfirmed(shipment_no="SO-1-S1", delivered_at=DAY, receiver="ward"))
    assert axes(pump.database, "SO-1") == ("closed", "delivered", "none", "unpaid")
    assert state_of(pump.database).payable == 0
    assert pump.milestones("SO-1")[-2:] == ["delivered", "closed"]
    pump.take(consigned({"L1": 5}), placed("SO-2", lines=(line("1", "X", 2, "50.00"),), kind="implant_bill_only"))
    assert invoices(pump.database, "SO-1") == {}
    assert invoices(pump.database, "SO-2") == {"INV-SO-2-U1": (d("113.00"), d("113.00"))}
    assert pump.parked["invoice"] == []


def test_goods_of_a_consignment_that_come_back_are_not_credited(pump: Pump) -> None:
    pump.take(lots({"L1": 20}), placed("SO-1", lines=(line("1", "X", 5, "50.00"),), kind="consignment_replenish"))
    pump.take(sent("SO-1", 5, {"L1": 5}), back(2, "L1", "restock"))
    assert rows(pump.database, "SELECT invoice_no FROM invoices") == []
    assert (pump.parked["invoice"], axes(pump.database, "SO-1")[1]) == ([], "part_returned")
