"""Goods that suppliers sent, names that partners give items, and places that master data know."""

from datetime import UTC, date, datetime, timedelta

from canonical.documents.customers import CustomerMaster
from canonical.documents.products import ProductMaster, Unit
from canonical.documents.shipments import ShipmentDispatched, ShipmentLine
from canonical.documents.stock import StockItem, StockLevel
from canonical.documents.warehouses import WarehouseMaster
from canonical.values import LotRef, Party
from operations import stocks
from tests.handlers.golden import DAY, d, level
from tests.handlers.pump import Pump
from tests.handlers.reading import held, rows, stock_of
from tests.handlers.test_stock_by_lot import stock, wanted

SOON = datetime.now(UTC).replace(microsecond=0) + timedelta(days=10)


def advice(qty: int, *, uom: str | None = None, item: str = "X", **ids: str) -> ShipmentDispatched:
    line = ShipmentLine(
        order_no="PO-1", line_no="1", item=item, qty=d(qty), uom=uom, lots=(LotRef(lot="L7", expiry=date(2029, 1, 1)),), **ids
    )
    return ShipmentDispatched(
        shipment_no="ASN-1", supplier=Party(party_id="MAKER"), warehouse="THEIRS", ship_to=Party(party_id="WH-1"),
        dispatched_at=DAY, eta=SOON, lines=(line,),
    )  # fmt: skip


def test_what_a_supplier_sent_may_be_promised_from_the_day_it_comes_and_is_no_demand_of_ours(pump: Pump) -> None:
    stock(pump, advice(20), level("WH-1", {"X": 5}))
    assert rows(pump.database, "SELECT count(*) FROM stock_orders") == [(0,)]
    found = stocks.stock(pump.database, "X", at=SOON.date())
    assert (found.promise.available, found.expected[0].due, found.expected[0].lot) == (25, SOON.date(), "L7")
    assert stocks.stock(pump.database, "X", at=SOON.date() - timedelta(days=1)).promise.available == 5
    arrived = StockLevel(
        location="WH-1", as_of=DAY + timedelta(1), mode="delta", reference="GR-1", references={"despatch": "ASN-1"},
        items=(StockItem(item="X", on_hand=d(20), lot="L7"),),
    )  # fmt: skip
    stock(pump, arrived)
    found = stocks.stock(pump.database, "X", at=SOON.date())
    assert (found.promise.available, found.expected) == (25, [])


def test_items_are_kept_under_our_name_whatever_partners_call_them(pump: Pump) -> None:
    product = ProductMaster(
        sku="X", name="Stent", gtin="06901234567892", units=(Unit(uom="XBX", numerator=10),), as_of=DAY - timedelta(1)
    )
    pump.accept_for("master", product)
    stock(pump, advice(2, uom="XBX", item="0690", gtin="06901234567892"), wanted("SO-1", 3))
    count = StockItem(item="06901234567892", gtin="06901234567892", on_hand=d(4))
    stock(pump, StockLevel(location="WH-1", as_of=DAY, mode="snapshot", reference="c", items=(count,)))
    assert held(pump.database, "SO-1") == {"1": ("WH-1", 3, 0)}
    assert stock_of(pump.database, "X") == {"WH-1": (4, 3)}
    assert [receipt.qty for receipt in stocks.stock(pump.database, "X").expected] == [20]


def test_a_place_that_master_data_put_into_a_buyers_hands_serves_that_buyer_alone(pump: Pump) -> None:
    hospital = CustomerMaster(customer_no="C-1", name="Hospital", as_of=DAY - timedelta(1))
    place = WarehouseMaster(location="AT-1", name="At the hospital", owner="consigned", customer_no="C-1", as_of=DAY - timedelta(1))
    pump.accept_for("master", hospital, place)
    stock(pump, level("AT-1", {"X": 4}), wanted("SO-1", 1), wanted("SO-2", 2, kind="implant_bill_only", customer_no="C-1"))
    assert held(pump.database, "SO-1") == {"1": ("", 0, 1)}
    assert stock_of(pump.database, "X") == {"AT-1": (2, 0)}
    assert [used.warehouse for used in pump.of("shipment.dispatched")] == ["AT-1"]
