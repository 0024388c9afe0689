"""R3 and R8a: what may be sold to whom, where and when; every reason against it has its code."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from canonical.documents.master import Master
from canonical.documents.recalls import RecallOpened
from handlers.order.policies import saleable as policy
from handlers.order.policies.base import Case
from handlers.order.policies.settings import Policies, SaleableSettings
from tests.handlers.policies.selling import NOW, authorisation, case, catalogue_of, customer, licence, product, said

CLASS_3 = {
    "device_class": "III", "category_code": "13", "product_line": "hips",
    "certificates": [{"number": "国械注准20233130001", "valid_from": "2023-01-01", "valid_to": "2028-01-01"}],
}  # fmt: skip
CLASS_2 = {
    "device_class": "II", "category_code": "14",
    "certificates": [{"number": "沪械注准20202140123", "valid_to": "2028-01-01"}],
}  # fmt: skip
DEALER = customer("D-1", org_type="dealer_t1")
HOSPITAL = customer("H-1", org_type="hospital")
SHANGHAI = authorisation("A-1", product_lines=["hips"], regions=["31"])
DEALERS_LICENCE = licence("D-1", valid_to="2028-01-01")


def decided(
    *masters: Master, buyer: Any = DEALER, line: dict[str, Any] | None = None, rules: dict[str, Any] | None = None, **fields: Any
) -> Case:
    """What is said of one piece of P-1 (the first product among the master data)."""
    asked = case(line or {"sku": "P-1"}, **fields)
    catalogue = catalogue_of(*masters)
    asked.customer, asked.private_buyer = buyer, buyer is None
    asked.products["1"] = next(found for found in [catalogue.product("P-1")] if found is not None)
    settings = Policies(saleable=SaleableSettings.model_validate(rules or {}))
    policy.decide([asked], catalogue, settings)
    return asked


def codes(*masters: Master, **more: Any) -> list[str | None]:
    return [code for _, code, _ in said(decided(*masters, **more)) if code is not None]


def test_a_licensed_and_authorised_dealer_may_buy_and_one_decision_says_so() -> None:
    asked = decided(product(**CLASS_3), DEALERS_LICENCE, SHANGHAI)
    assert said(asked) == [("pass", None, None)]
    assert asked.decisions[0].inputs == {"buyer": "D-1", "region": "310115", "day": "2026-11-20", "channel": "edi"}


def test_all_reasons_are_told_at_once() -> None:
    bad = product(status="stop_sale", storage={"cold_chain": True}, **CLASS_3 | {"certificates": []})
    elsewhere = authorisation("A-1", product_lines=["hips"], regions=["44"])
    assert codes(bad, licence("D-2"), elsewhere) == [
        "C_RECALL", "C_REG_CERT", "C_COLD_CHAIN", "C_AUTH_REGION", "C_DIVERSION", "C_LICENCE",
    ]  # fmt: skip


@pytest.mark.parametrize(("status", "code"), [("stop_sale", "C_RECALL"), ("discontinued", "C_INACTIVE")])
def test_products_that_are_not_active_hold(status: str, code: str) -> None:
    assert codes(product(status=status)) == [code]


def test_a_recall_of_the_whole_product_holds_and_one_of_lots_only_those_who_ask_for_them() -> None:
    def recall(**what: Any) -> RecallOpened:
        return RecallOpened.model_validate({"recall_no": "R", "sku": "P-1", "reason": "cracks", "as_of": NOW, **what})

    wants = {"sku": "P-1", "requested_lots": [{"lot": "L-1", "mfg_date": "2026-03-01", "qty": Decimal(1)}]}
    assert codes(product(), recall()) == ["C_RECALL"]
    assert codes(product(), recall(lots=["L-1"])) == []
    assert codes(product(), recall(lots=["L-1"]), line=wants) == ["C_RECALL"]
    assert codes(product(), recall(lots=["L-2"]), line=wants) == []
    assert codes(product(), recall(made_from="2026-02-01", made_to="2026-03-01"), line=wants) == ["C_RECALL"]
    assert codes(product(), recall(made_from="2026-03-02"), line=wants) == []


@pytest.mark.parametrize(("day", "found"), [("2027-12-31", []), ("2028-01-01", []), ("2028-01-02", ["C_REG_CERT"])])
def test_the_certificate_has_to_be_in_force_when_goods_ship(day: str, found: list[str]) -> None:
    assert codes(product(**CLASS_3), ship_date=date.fromisoformat(day)) == found


@pytest.mark.parametrize(("basis", "made", "ship", "found"), [
    ("strict", "2027-01-01", "2028-02-01", ["C_REG_CERT"]), ("strict", "2022-01-01", "2027-02-01", ["C_REG_CERT"]),
    ("made", "2027-01-01", "2028-02-01", []), ("made", "2022-01-01", "2027-02-01", ["C_REG_CERT"]),
    ("shipped", "2022-01-01", "2027-02-01", []), ("shipped", "2027-01-01", "2028-02-01", ["C_REG_CERT"]),
])  # fmt: skip
def test_which_day_the_certificate_goes_by_can_be_set(basis: str, made: str, ship: str, found: list[str]) -> None:
    line = {"sku": "P-1", "requested_lots": [{"lot": "L", "mfg_date": made, "qty": Decimal(1)}]}
    assert codes(product(**CLASS_3), line=line, rules={"certificate_basis": basis}, ship_date=date.fromisoformat(ship)) == found


@pytest.mark.parametrize(("goods", "held", "found"), [
    (CLASS_3, {"kind": "operating_licence"}, []),
    (CLASS_3, {"kind": "operating_filing"}, ["C_LICENCE"]),
    (CLASS_3, {"status": "suspended"}, ["C_LICENCE"]),
    (CLASS_3, {"valid_to": "2026-11-19"}, ["C_LICENCE"]),
    (CLASS_3, {"valid_from": "2026-11-21"}, ["C_LICENCE"]),
    (CLASS_3, {"scope": ["13"]}, []),
    (CLASS_3, {"scope": ["14", "6815"]}, ["C_SCOPE"]),
    (CLASS_2, {"kind": "operating_filing"}, []),
    (CLASS_2, {"kind": "operating_licence"}, ["C_LICENCE"]),
    ({"device_class": "I"}, {"kind": "other"}, []),
    ({}, {"kind": "other"}, []),
])  # fmt: skip
def test_what_a_dealer_needs_by_device_class(goods: dict[str, Any], held: dict[str, Any], found: list[str]) -> None:
    assert codes(product(**goods), licence("D-1", **held)) == found


def test_a_licence_that_lapses_before_the_goods_ship_holds() -> None:
    last = licence("D-1", valid_to="2026-12-31")
    assert codes(product(**CLASS_3), last, ship_date=date(2026, 11, 20)) == []
    assert codes(product(**CLASS_3), last, ship_date=date(2027, 1, 1)) == ["C_LICENCE"]


def test_a_hospital_needs_its_own_licence_and_no_authorisation() -> None:
    assert codes(product(**CLASS_3), SHANGHAI, licence("H-1", "medical_institution"), buyer=HOSPITAL) == []
    assert codes(product(**CLASS_3), SHANGHAI, licence("H-1"), buyer=HOSPITAL) == ["C_LICENCE"]


def test_a_private_buyer_gets_only_what_is_for_use_at_home() -> None:
    assert codes(product(**CLASS_2), buyer=None) == ["C_LICENCE"]
    assert codes(product(**CLASS_2, home_use=True), buyer=None) == []
    assert codes(product(), buyer=None) == []


def test_goods_that_need_cold_go_to_those_who_can_keep_it() -> None:
    cold = product(storage={"cold_chain": True})
    assert codes(cold) == ["C_COLD_CHAIN"]
    assert codes(cold, buyer=customer("D-1", cold_chain_capable=True)) == []


TO_HOSPITAL = {"party_id": "H-9", "org_type": "hospital", "region": "310115"}


@pytest.mark.parametrize(("authorised", "found"), [
    ([{"regions": ["31"]}], []),
    ([{"regions": ["3101"]}], []),
    ([{"regions": ["310115"]}], []),
    ([{"regions": []}], []),
    ([{"regions": ["44", "32"]}], ["C_AUTH_REGION", "C_DIVERSION"]),
    ([{"regions": ["31"], "product_lines": ["knees"]}], ["C_AUTH_REGION"]),
    ([{"regions": ["31"], "product_lines": [], "skus": ["P-1"]}], []),
    ([{"regions": ["31"], "channels": ["tender"]}], ["C_AUTH_REGION"]),
    ([{"regions": ["31"], "valid_to": "2026-11-19"}], ["C_AUTH_REGION"]),
    ([{"regions": ["31"], "status": "suspended"}], ["C_AUTH_REGION", "C_DIVERSION"]),
    # the narrowest region counts, whichever way it says
    ([{"regions": ["31"]}, {"regions": ["3101"], "status": "suspended"}], ["C_AUTH_REGION", "C_DIVERSION"]),
    ([{"regions": ["31"], "status": "revoked"}, {"regions": ["310115"]}], []),
    # a hospital that is named counts more than its region
    ([{"regions": ["31"], "hospitals_denied": ["H-9"]}], ["C_AUTH_REGION", "C_DIVERSION"]),
    ([{"regions": ["44"], "hospitals_allowed": ["H-9"]}], []),
    ([{"regions": ["31"], "hospitals_allowed": ["H-8"]}], ["C_AUTH_REGION", "C_DIVERSION"]),
    ([{"regions": ["31"]}, {"regions": ["44"], "hospitals_denied": ["H-9"]}], ["C_AUTH_REGION", "C_DIVERSION"]),
])  # fmt: skip
def test_territories(authorised: list[dict[str, Any]], found: list[str]) -> None:
    known = [authorisation(f"A-{n}", **{"product_lines": ["hips"], **one}) for n, one in enumerate(authorised)]
    assert codes(product(product_line="hips"), *known, ship_to=TO_HOSPITAL) == found


def test_a_hospital_is_known_by_its_customer_number_whatever_the_order_calls_it() -> None:
    known = customer("H-9", external_ids=[{"source": "dealer-acme", "id": "theirs"}])
    denied = authorisation("A-1", product_lines=["hips"], hospitals_denied=["H-9"])
    hospital = {"party_id": "theirs", "name": "Hospital"}
    assert codes(product(product_line="hips"), known, denied, end_hospital=hospital) == ["C_AUTH_REGION", "C_DIVERSION"]
    assert codes(product(product_line="hips"), known, denied) == []


def test_the_region_comes_from_the_address_where_the_party_names_none() -> None:
    address = {"lines": ["张江路100号"], "city": "上海市", "country": "CN"}
    assert codes(product(product_line="hips"), SHANGHAI, ship_to={"party_id": "X", "address": address}) == []
    assert codes(product(product_line="hips"), SHANGHAI, ship_to={"party_id": "X", "address": {"subdivision": "CN-GD"}}) == [
        "C_AUTH_REGION", "C_DIVERSION",
    ]  # fmt: skip


def test_kinds_of_master_data_that_are_not_loaded_are_not_asked() -> None:
    assert said(decided(product(**CLASS_3))) == [("pass", None, None)]


def test_an_unknown_buyer_or_unknown_goods_are_not_judged() -> None:
    asked = case()
    policy.decide([asked], catalogue_of(product()), Policies())
    assert said(asked) == [("unchecked", None, None)]
