"""R4: who an order is from."""

from typing import Any

import pytest

from canonical.documents.master import Master
from handlers.lookup.similarity import plain_name
from handlers.order.policies import customer as policy
from handlers.order.policies.base import Case
from handlers.order.policies.settings import CustomerSettings, Policies
from tests.handlers.policies.selling import case, catalogue_of, customer, product, said

USCC, OTHER_USCC = "91350100M000100Y43", "91110108551385082Q"
STREET = {"lines": ["上海市浦东新区张江路100号"], "country": "CN"}
RENJI = {
    "name": "上海仁和医疗器械有限公司", "uscc": USCC, "gln": "5020436000004", "region": "310115", "phone": "021-5080 1234",
    "address": STREET, "lei": "5493001KJTIIGC8Y1R12", "external_ids": [{"source": "dealer-acme", "id": "4711"}],
}  # fmt: skip


def decided(party: dict[str, Any], *known: Master, channel: str = "edi", settings: Policies | None = None) -> Case:
    asked = case(sold_to={"party_id": "X", **party}, channel=channel)
    policy.decide([asked], catalogue_of(*(known or [customer("C-1", **RENJI), customer("C-2")])), settings or Policies())
    return asked


def found(party: dict[str, Any], *known: Master, **how: Any) -> str | None:
    buyer = decided(party, *known, **how).customer
    return buyer.customer_no if buyer is not None else None


@pytest.mark.parametrize("party", [
    {"uscc": USCC}, {"uscc": "91350100-m000100y43"}, {"lei": "5493001KJTIIGC8Y1R12"}, {"gln": "5020436000004"},
    {"party_id": "4711"}, {"ids": {"91": "C-1"}},
    {"party_id": "C-1"}, {"party_id": "C-1", "name": "仁和医疗器械有限公司"},
])  # fmt: skip
def test_a_customer_is_known_by_any_number_of_its_own(party: dict[str, Any]) -> None:
    asked = decided(party)
    assert (asked.customer and asked.customer.customer_no, said(asked)) == ("C-1", [("pass", None, None)])


def test_a_number_like_ours_counts_only_where_the_name_agrees() -> None:
    assert found({"party_id": "C-1", "name": "Somebody Else Entirely"}) != "C-1"


def test_a_number_of_one_endpoint_says_nothing_at_another() -> None:
    assert found({"party_id": "4711"}, customer("C-1", external_ids=[{"source": "other", "id": "4711"}])) != "C-1"


def test_the_social_credit_code_counts_more_than_other_numbers() -> None:
    known = customer("C-1", uscc=USCC), customer("C-2", gln="5020436000004")
    assert found({"uscc": USCC, "gln": "5020436000004"}, *known) == "C-1"


def test_a_branch_that_is_shipped_to_is_its_customer() -> None:
    known = customer("C-1", ship_tos=[{"party_id": "east", "name": "东院区", "gln": "8711576000012"}])
    assert found({"gln": "8711576000012"}, known) == "C-1"


def test_a_merged_customer_gives_the_one_that_took_it_over_and_none_when_taken_back() -> None:
    target = customer("C-1")
    merged = customer("C-2", merged_into="C-1", external_ids=[{"source": "dealer-acme", "id": "4711"}])
    assert found({"party_id": "4711"}, target, merged) == "C-1"
    assert found({"party_id": "4711"}, target, merged.model_copy(update={"merged_into": None})) == "C-2"


@pytest.mark.parametrize(("name", "address", "phone"), [
    ("上海仁和医疗器械有限公司", STREET, "02150801234"),
    ("上海仁和医疗器械（集团）有限公司", {"lines": ["浦东新区张江路100号"], "subdivision": "CN-SH"}, "+86 21 50801234"),
    ("上海仁和医疗器械股份有限公司", STREET, None),
])  # fmt: skip
def test_who_is_like_enough_in_the_same_region_is_linked(name: str, address: dict[str, Any], phone: str | None) -> None:
    party = {"name": name, "address": address, "phone": phone}
    asked = decided(party)
    assert (said(asked), asked.customer and asked.customer.customer_no) == ([("pass", None, None)], "C-1")
    assert asked.decisions[0].considered[0]["customer_no"] == "C-1"


@pytest.mark.parametrize(("party", "score"), [
    # a name alone
    ({"name": RENJI["name"]}, "0.919"),
    # a number within the name
    ({"name": "上海仁和第二医疗器械有限公司", "address": STREET, "phone": "021-50801234"}, "0.919"),
    # another region
    ({"name": RENJI["name"], "address": STREET, "region": "440300"}, "1.000"),
])  # fmt: skip
def test_who_may_be_a_customer_is_for_a_person_to_say(party: dict[str, Any], score: str) -> None:
    asked = decided(party)
    assert (asked.customer, said(asked)) == (None, [("hold", "M_CUSTOMER_REVIEW", None)])
    assert [(one["customer_no"], one["score"]) for one in asked.decisions[0].considered] == [("C-1", score)]


def test_a_branch_is_not_taken_for_the_company() -> None:
    asked = decided({"name": "上海仁和医疗器械有限公司上海分公司", "address": STREET, "phone": "021-50801234"})
    assert said(asked) == [("pass", None, None)]
    assert [one["customer_no"] for one in asked.decisions[0].considered] == ["C-1"]


def test_two_different_social_credit_codes_never_meet() -> None:
    asked = decided({"name": RENJI["name"], "address": STREET, "phone": "021-50801234", "uscc": OTHER_USCC})
    assert said(asked) == [("pass", None, None)]
    assert asked.decisions[0].considered[0]["uscc_conflict"] is True


def test_two_customers_that_are_alike_enough_are_for_a_person_to_say() -> None:
    party = {"name": RENJI["name"], "address": STREET}
    asked = decided(party, *(customer(no, name=RENJI["name"], address=STREET) for no in ("C-1", "C-2")))
    assert said(asked) == [("hold", "M_CUSTOMER_REVIEW", None)]
    assert [one["customer_no"] for one in asked.decisions[0].considered] == ["C-1", "C-2"]


def test_two_customers_with_one_number_are_for_a_person_to_say() -> None:
    assert said(decided({"uscc": USCC}, customer("C-1", uscc=USCC), customer("C-2", uscc=USCC))) == [
        ("hold", "M_CUSTOMER_REVIEW", None)
    ]


def test_a_stranger_becomes_a_pending_customer_under_the_same_number_each_time() -> None:
    party = {"name": "广州未名医疗有限公司", "uscc": OTHER_USCC, "address": {"city": "广州", "subdivision": "CN-GD"}}
    one, two = decided(party), decided({**party, "party_id": "another"})
    assert said(one) == [("pass", None, None)]
    assert one.new_customer is one.customer
    assert one.customer is not None
    assert (one.customer.status, one.customer.uscc, one.customer.name) == ("pending", OTHER_USCC, "广州未名医疗有限公司")
    assert two.customer is not None
    assert one.customer.customer_no == two.customer.customer_no
    again = decided(party, one.customer)
    assert (again.customer, again.new_customer, said(again)) == (one.customer, None, [("pass", None, None)])


def test_a_pending_customer_gives_way_to_one_that_was_given_its_number() -> None:
    external = [{"source": "dealer-acme", "id": "4711"}]
    pending, real = customer("NEW-1", status="pending", external_ids=external), customer("C-1", external_ids=external)
    assert found({"party_id": "4711"}, pending, real) == "C-1"


def test_a_private_buyer_of_a_shop_becomes_no_customer() -> None:
    asked = decided({"name": "张三", "party_id": "99"}, channel="ecommerce")
    assert (asked.customer, asked.private_buyer, said(asked)) == (None, True, [("pass", None, None)])


def test_a_customer_may_stand_for_every_buyer_of_an_endpoint() -> None:
    everybody = customer("SHOP", external_ids=[{"source": "dealer-acme", "id": "*"}])
    assert found({"party_id": "99", "name": "Whoever"}, everybody, channel="ecommerce") == "SHOP"


def test_blocked_customers_and_wrong_codes_hold() -> None:
    blocked = customer("C-1", status="blocked")
    assert said(decided({"party_id": "C-1"}, blocked)) == [("hold", "M_CUSTOMER_BLOCKED", None)]
    assert said(decided({"party_id": "C-1", "uscc": USCC[:-1] + "2"}, customer("C-1"))) == [
        ("hold", "E_USCC", None), ("pass", None, None),
    ]  # fmt: skip


def test_without_customers_nothing_is_checked() -> None:
    assert said(decided({}, product())) == [("unchecked", None, None)]


def test_the_bounds_can_be_set() -> None:
    party = {"name": RENJI["name"], "address": {"lines": ["上海市徐汇区某路9号"]}}
    strict, loose = (
        Policies(customer=CustomerSettings.model_validate({"link": link, "review": "0.5"})) for link in ("0.99", "0.6")
    )
    assert said(decided(party, settings=strict)) == [("hold", "M_CUSTOMER_REVIEW", None)]
    assert said(decided(party, settings=loose)) == [("pass", None, None)]


@pytest.mark.parametrize(("name", "plain"), [
    ("上海仁和医疗器械有限公司", "上海仁和医疗器械"), ("ＡＢＣ（中国）医疗集团股份有限公司", "ABC中国医疗"), ("Co.", "CO"),
    ("Acme Medical, Inc.", "ACMEMEDICAL"), ("Müller GmbH & Co. KG", "MÜLLER"), ("有限公司", "有限公司"),
    ("仁和有限公司上海分公司", "仁和有限公司上海分公司"),
])  # fmt: skip
def test_names_are_compared_without_their_legal_form(name: str, plain: str) -> None:
    assert plain_name(name) == plain
