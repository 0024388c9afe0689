"""Goods that end in another region than they were sent to or may be sold in are cases for people (domain R8b, R8e)."""

from datetime import date

from canonical.documents.licences import AuthorisationUpdated
from canonical.documents.sales_out import SalesOutReported, SoldLine
from canonical.documents.shipments import ShipmentTracking
from canonical.values import Address, Party
from tests.handlers.golden import BUYER, d, dispatched, placed, stocked, tracked
from tests.handlers.pump import Pump
from tests.handlers.reading import rows
from tests.handlers.test_diversion import MONTH, cases
from tests.handlers.trading import SINCE, SKU, dealer, known, product

SHANGHAI = BUYER.model_copy(update={"region": "310115"})


def delivered(hour: int, **fields: str) -> ShipmentTracking:
    return tracked("S1", "delivered", hour).model_copy(update=fields)


def told(pump: Pump) -> list[tuple[str, str, str | None, tuple[str, ...]]]:
    return [(one.case_no, one.state, one.region, one.expected) for one in pump.of("case.changed")]


def test_a_shipment_that_is_delivered_in_another_province_is_a_case_until_the_carrier_corrects_itself(pump: Pump) -> None:
    pump.take_each(stocked(), placed(ship_to=SHANGHAI), dispatched("S1"), tracked("S1", "in_transit", 8))
    pump.take(delivered(10, region="440305"))
    assert told(pump) == [("REG/SO-1-S1", "open", "440305", ("310115",))]
    (case,) = pump.of("case.changed")
    assert (case.kind, case.code, case.reported_by, case.order_nos) == ("delivered_elsewhere", "C_DIVERSION", "sf", ("SO-1",))
    pump.take(delivered(10, region="440305"), delivered(11, region="310101"))
    assert told(pump)[1:] == [("REG/SO-1-S1", "explained", "440305", ("310115",))]
    assert cases(pump) == [("REG/SO-1-S1", "C_DIVERSION", "explained")]


def test_where_it_was_delivered_may_be_told_before_the_order_and_in_words(pump: Pump) -> None:
    pump.take_each(delivered(10, location="广东,深圳市,南山区"), dispatched("S1"), stocked(), placed(ship_to=SHANGHAI))
    assert told(pump) == [("REG/SO-1-S1", "open", "44", ("310115",))]


def test_nothing_is_made_of_regions_nobody_knows(pump: Pump) -> None:
    pump.take_each(stocked(), placed(), dispatched("S1"), delivered(10, region="440305"))
    assert told(pump) == []


TEXAS = BUYER.model_copy(update={"region": None, "address": Address(country="US", subdivision="TX", city="Austin")})


def test_a_shipment_that_is_delivered_in_another_state_of_any_country_is_a_case(pump: Pump) -> None:
    pump.take_each(stocked(), placed(ship_to=TEXAS), dispatched("S1"), delivered(9, region="US"), delivered(10, region="US-TX"))
    assert told(pump) == []
    pump.take(delivered(11, region="US-CA"))
    assert told(pump) == [("REG/SO-1-S1", "open", "US-CA", ("US-TX",))]
    pump.take(delivered(12, region="MX-AGU"), delivered(13, region="US-TX"))
    assert told(pump)[1:] == [("REG/SO-1-S1", "open", "MX-AGU", ("US-TX",)), ("REG/SO-1-S1", "explained", "MX-AGU", ("US-TX",))]


SOLD_THERE = SoldLine(line_no="1", item=SKU, qty=d(1), end_customer=Party(party_id="H-8", region="310101"))


def sale(region: str | None = None, to: str = "H-9") -> SalesOutReported:
    line = SoldLine(line_no="1", item=SKU, qty=d(2), end_customer=Party(party_id=to), region=region)
    return SalesOutReported(report_no=f"R-{region}-{to}", dealer=Party(party_id="D-1"), period=MONTH, lines=(line,))


def authorised(*regions: str, **more: object) -> AuthorisationUpdated:
    given = {"authorisation_no": "A-1", "dealer": "D-1", "regions": regions, "as_of": SINCE, **more}
    return AuthorisationUpdated.model_validate(given)


def test_a_dealer_that_sells_outside_its_territory_is_a_case(pump: Pump) -> None:
    known(pump, product(), dealer(), authorised("31", "3205", hospitals_denied=["H-7"]))
    pump.take(sale("310101"), sale("320500"), source="portal")
    assert told(pump) == []
    pump.take(sale("320100"), sale("310101", to="H-7"), sale("320100"), source="portal")
    assert [(one.case_no, one.kind, one.code, one.region, one.sold, one.sold_to) for one in pump.of("case.changed")] == [
        ("TER/D-1/R-320100-H-9/1", "sold_outside", "C_DIVERSION", "320100", 2, "H-9"),
        ("TER/D-1/R-310101-H-7/1", "sold_outside", "C_DIVERSION", "310101", 2, "H-7"),
    ]
    assert rows(pump.database, "SELECT item, state FROM stock_cases") == [(SKU, "open"), (SKU, "open")]


def test_the_region_of_the_end_customer_counts_where_the_line_names_none_and_old_rights_do_not(pump: Pump) -> None:
    known(pump, product(), dealer(), authorised("31", valid_to=date(2026, 10, 31)))
    pump.take(sale(to="H-8").model_copy(update={"lines": (SOLD_THERE,)}), source="portal")
    assert [(one.code, one.region) for one in pump.of("case.changed")] == [("C_AUTH_REGION", "310101")]
