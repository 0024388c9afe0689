"""The distributor that comes with the product: its data hold together, and every policy finds in it what it is for."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from canonical.documents.master import Master
from canonical.documents.orders import OrderPlaced
from canonical.documents.registry import MASTER_TYPES
from handlers.catalogue import Catalogue
from handlers.order.policies import approval, customer, price, product, quantity, saleable
from handlers.order.policies.base import Case
from handlers.order.policies.settings import Policies
from mappings.translation import OWN_SPECS, Settings, Translations
from orderlane.defaults import DISTRIBUTOR
from orderlane.loading.records import records_of

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
POLICIES = (customer.decide, product.decide, saleable.decide, quantity.decide, price.decide, approval.decide)
SHANGHAI = {"party_id": "S", "region": "310106"}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    translations = Translations.load(OWN_SPECS / "master_data")
    body = b"\n".join(record.line() for file in sorted(DISTRIBUTOR.glob("*.yaml")) for record in records_of(file, NOW))
    parts = list(translations.translate("master_data", "records", body, Settings(endpoint="master-data")))
    assert [problem for part in parts for problem in part.problems] == []
    documents = [document for part in parts for document in part.documents]
    assert {document.message_type for document in documents} == {*MASTER_TYPES, "stock.level"}
    made = Catalogue()
    made.take(*(document for document in documents if isinstance(document, Master)))
    return made


def decided(catalogue: Catalogue, buyer: dict[str, Any], sku: str, qty: str = "1", **fields: Any) -> Case:
    origin = fields.pop("origin", "dealer-acme")
    line = {"line_no": "1", "qty": {"value": Decimal(qty)}, **({"sku": sku} if sku else {}), **fields.pop("line", {})}
    order = OrderPlaced.model_validate(
        {
            "order_no": "SO-1", "channel": "edi", "sold_to": {"party_id": "?", **buyer}, "ship_to": SHANGHAI, "currency": "CNY",
            "price_date": "2026-11-20", "lines": [line], **fields,
        }
    )  # fmt: skip
    case = Case(order, origin, NOW, date(2026, 11, 21))
    for policy in POLICIES:
        policy([case], catalogue, Policies())
    return case


def codes(case: Case) -> list[str | None]:
    return [decision.code for decision in case.decisions if decision.code is not None]


@pytest.mark.parametrize(("buyer", "sku", "qty", "net"), [
    ({"party_id": "D-101"}, "MON-12", "1", "9984"),       # by tier
    ({"party_id": "D-101"}, "MON-12", "5", "9400"),       # a special price for five and more
    ({"party_id": "D-101"}, "STENT-DES-3018", "1", "730"),  # volume-based procurement binds
    ({"party_id": "D-101"}, "TROCAR-12", "10", "107.445"),  # by tier, and a promotion on top
    ({"gln": "6900076505017"}, "HIP-CUP-50", "1", "5200"),  # a hospital pays the list price
])  # fmt: skip
def test_sound_orders_pass_at_the_right_price(catalogue: Catalogue, buyer: dict[str, Any], sku: str, qty: str, net: str) -> None:
    case = decided(catalogue, buyer, sku, qty)
    assert (codes(case), case.unit_prices["1"]) == ([], Decimal(net))


def test_a_dealers_own_number_means_our_product(catalogue: Catalogue) -> None:
    case = decided(catalogue, {"party_id": "D-101"}, "", line={"buyer_item_id": "HR-0001"})
    assert (case.products["1"].sku, codes(case)) == ("STENT-DES-3018", [])


@pytest.mark.parametrize(("buyer", "sku", "fields", "found"), [
    ("D-203", "PLATE-LCP-8", {"ship_to": {"party_id": "S", "region": "130104"}}, ["C_LICENCE"]),
    ("D-204", "SYR-5", {"qty": "100"}, ["C_AUTH_REGION", "C_DIVERSION", "A_OUT_OF_TERRITORY"]),
    ("D-302", "NEB-MINI", {"ship_to": {"party_id": "S", "region": "440606"}}, ["C_REG_CERT", "A_ENDING_SOON"]),
    ("H-505", "IVD-TNI", {}, ["C_COLD_CHAIN"]),
    ("H-501", "SUT-30", {"qty": "30"}, ["M_MOQ", "M_MULTIPLE"]),
    ("D-101", "VENT-ICU", {"qty": "12"}, ["A_LARGE_ORDER"]),
    ("D-101", "NOTHING", {}, ["E_ITEM", "P_NO_PRICE"]),
    ("H-501", "GUIDEWIRE-014", {"line": {"requested_lots": [{"lot": "NO26121", "qty": Decimal(1)}]}}, ["C_RECALL"]),
])  # fmt: skip
def test_each_policy_finds_what_it_is_for(
    catalogue: Catalogue, buyer: str, sku: str, fields: dict[str, Any], found: list[str]
) -> None:
    assert codes(decided(catalogue, {"party_id": buyer}, sku, **fields)) == found


def test_a_hospital_is_known_by_its_name_and_address(catalogue: Catalogue) -> None:
    address = {"lines": ["静安区延安中路966号"], "city": "上海市", "country": "CN"}
    case = decided(catalogue, {"name": "上海瑞欣医院", "address": address}, "OXI-200")
    assert (case.customer and case.customer.customer_no, codes(case)) == ("H-501", [])


def test_a_stranger_has_to_be_approved_and_licensed(catalogue: Catalogue) -> None:
    case = decided(catalogue, {"name": "西安未名医疗器械有限公司"}, "MON-12")
    assert case.new_customer is not None
    assert codes(case) == ["C_LICENCE", "A_NEW_CUSTOMER"]


def test_private_buyers_of_the_shop_are_its_one_customer_and_get_what_is_for_use_at_home(catalogue: Catalogue) -> None:
    shop = {"channel": "ecommerce", "origin": "shop-cn"}
    home, clinical = (decided(catalogue, {"name": "张三"}, sku, "2", **shop) for sku in ("BPM-ARM", "ECG-12L"))
    assert [case.customer.customer_no for case in (home, clinical) if case.customer] == ["SHOP", "SHOP"]
    assert (codes(home), home.unit_prices["1"], codes(clinical)) == ([], Decimal("173.88"), ["C_LICENCE"])
