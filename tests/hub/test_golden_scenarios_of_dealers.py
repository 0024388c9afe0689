"""Golden scenarios that need products, customers, prices and licences: loaded, changed and asked for through the public door."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from canonical.documents.base import Document
from canonical.documents.customers import CustomerMaster
from canonical.documents.licences import AuthorisationUpdated, LicenceUpdated
from canonical.documents.orders import OrderLine
from canonical.documents.prices import Break, Floor, PriceList, PricePolicy, Selector
from canonical.documents.products import Certificate, ProductMaster
from canonical.documents.sales_out import Period, SalesOutReported, SoldLine
from canonical.documents.shipments import ShipmentDispatched, ShipmentLine
from canonical.values import LotRef, Party, Quantity
from tests.handlers import golden
from tests.handlers.golden import d
from tests.handlers.policies.test_price import why_lost
from tests.hub.running import World
from tests.hub.test_golden_scenarios import tell

pytestmark = pytest.mark.slow

FIRST, LONG = date(2010, 1, 1), date(2099, 12, 31)
AS_OF = datetime(2020, 1, 1, tzinfo=UTC)
DEALER = Party(party_id="D-1", name="Huadong Medical", region="310115")
LAPSING = Party(party_id="D-3", name="Beifang Medical", region="310115")
ORDER_EDI = Path(__file__).resolve().parents[1] / "samples" / "edifact" / "ORDERS--no_prices.edi"


def product(sku: str, **more: Any) -> ProductMaster:
    fields = {"as_of": AS_OF, "sku": sku, "name": f"Product {sku}", "product_line": "CARDIO", "tax_rate_pct": d(13)}
    return ProductMaster.model_validate(fields | more)


def licence(valid_to: date, as_of: datetime = AS_OF, customer_no: str = "D-1") -> LicenceUpdated:
    number = f"沪浦食药监械经营许2016022{customer_no[-1]}号"
    return LicenceUpdated(
        as_of=as_of, licence_no=number, customer_no=customer_no, kind="operating_licence", valid_from=FIRST, valid_to=valid_to
    )


def policy(policy_id: str, kind: str, price: str | None = None, **more: Any) -> PricePolicy:
    breaks = more.pop("breaks", None) or (Break(price=d(price)) if price is not None else Break(pct_off=d(5)),)
    return PricePolicy.model_validate({"policy_id": policy_id, "kind": kind, "breaks": breaks, **more})


def prices_of(sku: str) -> tuple[PricePolicy, ...]:
    """List 100.00, from 50 on 90.00; contract of the dealer 92.00; 5% off whatever it is."""
    steps = (Break(price=d("100.00")), Break(min_qty=d(50), price=d("90.00")))
    mine = Selector(customer="D-1", sku=sku)
    return (
        policy(f"L-{sku}", "list", selector=Selector(sku=sku), breaks=steps),
        policy(f"C-{sku}", "contract", "92.00", selector=mine),
        policy(f"P-{sku}", "promo", selector=Selector(sku=sku), stackable=True),
    )


MASTERS: tuple[Document, ...] = (
    product("STENT", device_class="III", category_code="13", certificates=[Certificate(number="国械注准20203130001")]),
    product("VALVE", device_class="III", category_code="13", certificates=[Certificate(number="国械注准20203130002")]),
    product("SWAB-S", gtin="05020436373085", product_line="CARE", tax_rate_pct=d(19)),
    product("SWAB-L", gtin="05020436373108", product_line="CARE", tax_rate_pct=d(19)),
    CustomerMaster(as_of=AS_OF, customer_no="D-1", name="Huadong Medical", org_type="dealer_t1", tier=1, region="310115"),
    CustomerMaster(as_of=AS_OF, customer_no="D-2", name="Xinan Medical", org_type="dealer_t1", tier=1, region="310115"),
    CustomerMaster(as_of=AS_OF, customer_no="D-3", name="Beifang Medical", org_type="dealer_t1", tier=1, region="310115"),
    CustomerMaster(as_of=AS_OF, customer_no="H-9", name="Ziekenhuis", org_type="hospital", gln="8711576000012"),
    licence(LONG), licence(LONG, customer_no="D-2"), licence(LONG, customer_no="D-3"),
    AuthorisationUpdated(as_of=AS_OF, authorisation_no="A-1", dealer="D-1", product_lines=("CARDIO",), regions=("31",)),
    AuthorisationUpdated(as_of=AS_OF, authorisation_no="A-2", dealer="D-2", product_lines=("CARDIO",), regions=("31",)),
    AuthorisationUpdated(as_of=AS_OF, authorisation_no="A-3", dealer="D-3", product_lines=("CARDIO",), regions=("31",)),
    PriceList(
        as_of=AS_OF, list_id="CN", version="1", currency="CNY", valid_from=FIRST,
        policies=(*prices_of("STENT"), *prices_of("VALVE")),
        floors=(Floor(sku="STENT", price=d("86.00")),),
    ),
    PriceList(
        as_of=AS_OF, list_id="EU", version="1", currency="EUR", valid_from=FIRST,
        policies=(
            policy("L-S", "list", "12.50", selector=Selector(sku="SWAB-S")),
            policy("C-S", "contract", "11.80", selector=Selector(customer="H-9", product_line="CARE", sku="SWAB-S")),
            policy("L-L", "list", "3.10", selector=Selector(sku="SWAB-L")),
        ),
    ),
)  # fmt: skip


@pytest.fixture(scope="package")
def hub(dealers: World) -> World:
    """The hub with all master data loaded and known."""
    load(dealers, *MASTERS)
    dealers.until(lambda: dealers.found("/products/SWAB-L") and dealers.found("/customers/H-9"), "the master data are there")
    return dealers


def load(world: World, *documents: Document) -> None:
    lines = [json.dumps({"type": one.message_type, "data": json.loads(one.body())}) for one in documents]
    told = world.take("master-data", "\n".join(lines).encode())
    assert not told.get("problems"), told


def ordered(order_no: str, sku: str, qty: int, buyer: Party = DEALER, **more: Any) -> Document:
    """An order without prices, for the hub to price."""
    lines = (OrderLine(line_no="1", sku=sku, qty=Quantity(value=d(qty))),)
    return golden.placed(order_no, lines=lines, channel="direct", sold_to=buyer, ship_to=buyer, **more)


def decisions(world: World, order_no: str, policy: str) -> list[dict[str, Any]]:
    runs = world.found(f"/orders/{order_no}/decisions")["runs"]
    return [one for run in runs for one in run["decisions"] if one["policy"] == policy]


def decide(world: World, order_no: str, verdict: str, actor: str, role: str, status: int = 200, **more: Any) -> Any:
    """A person's decision; what the hub answers."""
    told = {"verdict": verdict, "actor": actor, "role": role, "reason": "as agreed", **more}
    answer = world.http.post(f"/orders/{order_no}/decisions", json=told)
    assert answer.status_code == status, answer.text
    return answer.json()


def test_the_hub_prices_a_line_by_the_lowest_net_and_tells_every_candidate(hub: World, number: int) -> None:
    order_no = f"DL{number}"
    tell(hub, ordered(order_no, "STENT", 49))
    order = hub.order(order_no, state="confirmed")
    assert [(one["unit_price"], one["ordered"]) for one in order["lines"]] == [("87.40", "49")]
    assert Decimal(order["payable"]) == Decimal("4839.34")
    (told,) = decisions(hub, order_no, "price")
    assert (told["result"], told["inputs"]["net"]) == ("pass", "87.4")
    assert why_lost(told["considered"]) == {"L-STENT": "price", "C-STENT": None, "P-STENT": None}


def test_a_price_below_the_floor_waits_for_two_people_neither_of_whom_ordered(hub: World, number: int) -> None:
    order_no = f"DL{number}"
    tell(hub, ordered(order_no, "STENT", 50))
    order = hub.order(order_no, state="approval")
    assert order["holds"] == ["P_FLOOR"]
    assert [one["inputs"]["net"] for one in decisions(hub, order_no, "price")] == ["85.5"]
    refused = decide(hub, order_no, "approve", "D-1", "regional_manager", 409)
    assert refused["code"] == "A_SELF_APPROVAL"
    refused = decide(hub, order_no, "approve", "wang", "finance", 409)
    assert refused["code"] == "A_NOT_YOUR_TURN"
    decide(hub, order_no, "approve", "li", "regional_manager")
    assert hub.order(order_no)["state"] == "approval"
    decide(hub, order_no, "approve", "wang", "finance")
    order = hub.order(order_no, state="confirmed")
    assert (order["holds"], order["lines"][0]["unit_price"]) == ([], "85.50")


def test_g11_a_licence_that_lapses_between_confirming_and_shipping_holds_the_goods(hub: World, number: int) -> None:
    order_no, yesterday = f"DL{number}", datetime.now(UTC).date() - timedelta(days=2)
    tell(hub, ordered(order_no, "VALVE", 5, LAPSING))
    hub.order(order_no, state="confirmed")
    hub.until(lambda: hub.lines(order_no, "backordered") == {"1": "5"}, "there is none in stock")
    load(hub, licence(yesterday, as_of=datetime.now(UTC), customer_no="D-3"))
    hub.until(lambda: hub.found("/customers/D-3")["licences"][0]["document"]["valid_to"] == str(yesterday), "known")
    tell(hub, golden.level("MAIN", {"VALVE": 20}, mode="delta", reference=f"in {number}"))
    order = hub.order(order_no, state="on_hold")
    assert (order["holds"], order["lines"][0]["reserved"]) == (["C_LICENCE"], "5")
    heard = [json.loads(r.body)["data"] for r in list(hub.partners.warehouse.received.values())]
    assert not [data for data in heard if data["order_no"] == order_no], "nobody is asked to ship"
    load(hub, licence(LONG, as_of=datetime.now(UTC), customer_no="D-3"))  # which is all the order waits for
    assert [line["qty"] for line in hub.asked_to_ship(f"{order_no}-S1")["lines"]] == ["5"]
    assert hub.order(order_no, state="confirmed")["holds"] == []


def test_g15_an_edifact_order_without_prices_is_priced_and_not_rejected(hub: World) -> None:
    told = hub.take("hospital", ORDER_EDI.read_bytes())
    assert not told.get("problems"), told
    order = hub.order("801715918011", state="confirmed")
    parties = [order["document"][name]["gln"] for name in ("sold_to", "ship_to", "seller")]
    assert parties == ["8711576000012", "8711576100019", "5020436000004"]
    assert [(one["item"], one["ordered"], Decimal(one["unit_price"])) for one in order["lines"]] == [
        ("SWAB-S", "8", Decimal("11.80")), ("SWAB-L", "8", Decimal("3.10")),
    ]  # fmt: skip
    assert (order["currency"], order["payable"]) == ("EUR", "141.85")
    assert [one["result"] for one in decisions(hub, "801715918011", "price")] == ["pass", "pass"]


def test_bad_input_has_its_code_and_changes_nothing(hub: World, number: int) -> None:
    order_no = f"DL{number}"
    tell(hub, ordered(order_no, "NO-SUCH-THING", 1))
    order = hub.order(order_no, state="on_hold")
    assert "E_ITEM" in order["holds"]
    for verdict, role, code in (("reopen", "finance", "O_TRANSITION"), ("approve", "finance", "O_NO_APPROVAL")):
        assert decide(hub, order_no, verdict, "li", role, 409)["code"] == code
        assert hub.found(f"/orders/{order_no}") | {"lines": order["lines"]} == order, "but for what stock sets aside meanwhile"
    broken = {"type": "licence.updated", "data": json.loads(licence(LONG).body()) | {"licence_no": "黑哈食药监械经营许20XXXXXX"}}
    answer = hub.send("master-data", json.dumps(broken).encode())
    assert (answer.status_code, [one["code"] for one in answer.json()["problems"]]) == (422, ["E_LICENCE_NO"])


def shipped_with(order_no: str, sku: str, **ref: Any) -> Document:
    """One piece of an order has left, with its serial number."""
    line = ShipmentLine(order_no=order_no, line_no="1", item=sku, qty=d(1), lots=(LotRef(**ref),))
    return ShipmentDispatched(shipment_no=f"{order_no}-S1", warehouse="MAIN", dispatched_at=golden.DAY, lines=(line,))


def sold(dealer: str, report: str, sku: str, **ref: Any) -> Document:
    """The dealer reports one piece as sold to a hospital."""
    hospital = Party(party_id="H-9", name="Ziekenhuis", region="310115")
    line = SoldLine(line_no="1", item=sku, qty=d(1), end_customer=hospital, lots=(LotRef(**ref),))
    month = Period(start=date(2026, 11, 1), end=date(2026, 11, 30))
    return SalesOutReported(report_no=report, dealer=Party(party_id=dealer), period=month, lines=(line,))


def test_g12_a_serial_sold_to_one_dealer_and_reported_by_another_is_a_case(hub: World, number: int) -> None:
    order_no, serial = f"DL{number}", f"SN-{number}"
    tell(hub, ordered(order_no, "STENT", 1))
    hub.order(order_no, state="confirmed")
    tell(hub, shipped_with(order_no, "STENT", serial=serial))
    hub.order(order_no, fulfilment="shipped")
    tell(hub, sold("D-2", f"R-{number}", "STENT", serial=serial))

    def case() -> Any | None:
        found = [one for one in hub.messages(type="case.changed") if serial in one["subject"]]
        return hub.found(f"/messages/{found[0]['message_id']}")["body"] if found else None

    told = hub.until(case, "the case is opened")
    assert (told["code"], told["state"], told["reported_by"], told["sources"]) == ("C_DIVERSION", "open", "D-2", ["D-1"])
    assert told["lines"] == [{"report_no": f"R-{number}", "line_no": "1"}], "what earns no rebate while the case is open"
