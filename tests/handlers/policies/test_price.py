"""R1: the price of a line, why the other candidates lost, and what is held because of it."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.lookup.prices import ListedPolicy, bunched
from handlers.order.policies import price, quantity
from handlers.order.policies.base import Case, Decision
from handlers.order.policies.quoting import Asked, Quote, quote
from handlers.order.policies.settings import Policies
from tests.handlers.policies.masters import DAY, case, catalogue_of, customer, order, price_list, product

LIST = {"policy_id": "L", "kind": "list", "breaks": [{"price": "100.00"}, {"min_qty": "50", "price": "90.00"}]}
CONTRACT = {"policy_id": "C", "kind": "contract", "selector": {"customer": "D1"}, "breaks": [{"price": "92.00"}]}
PROMO = {"policy_id": "P", "kind": "promo", "stackable": True, "breaks": [{"pct_off": "5"}]}
LISTS = {"CN-0": "2026-11-19", "CN-1": "2026-11-20"}
FLOOR = {"sku": "A", "price": "86.00"}


def decided(
    *policies: Mapping[str, Any], lines: Sequence[Mapping[str, Any]] = ({},), settings: Policies | None = None, **more: Any
) -> Case:
    """An order of D1 with these lines, priced by a list of these policies."""
    sold = product(units=[{"uom": "XBX", "numerator": 10}], **more.pop("product", {}))
    listed = price_list(*policies, **{name: more.pop(name) for name in ("currency", "floors", "valid_to") if name in more})
    catalogue = catalogue_of(sold, listed)
    buyer = customer(tier=1, group="KEY", region="3101")
    made = case(order(*lines, **{"currency": "CNY"} | more.pop("order", {})), catalogue, buyer)
    for policy in (quantity, price):
        policy.decide([made], catalogue, settings or Policies())
    return made


def of_price(made: Case) -> list[Decision]:
    return [decision for decision in made.decisions if decision.policy == "price"]


def net(*policies: Mapping[str, Any], qty: str = "1", **more: Any) -> str | None:
    """The net price per base unit; None where there is none."""
    (decision,) = {d.inputs.get("net") for d in of_price(decided(*policies, lines=[{"qty": qty}], **more))}
    return decision


def lost(decision: Decision) -> dict[str, str | None]:
    return why_lost(decision.considered)


def why_lost(considered: Sequence[Mapping[str, Any]]) -> dict[str, str | None]:
    """{policy: why it lost}"""
    names = [(told, told["policies"] if "policies" in told else [told["policy"]]) for told in considered]
    return {name.rpartition("/")[2]: told.get("lost") for told, policies in names for name in policies}


@pytest.mark.parametrize(
    ("qty", "binding", "expected", "code"),
    [("49", False, "87.4", None), ("50", False, "85.5", "P_FLOOR"), ("49", True, "87.4", None), ("50", True, "87.4", None)],
)
def test_the_lowest_net_of_list_contract_and_promotion(qty: str, binding: bool, expected: str, code: str | None) -> None:
    made = decided(LIST, CONTRACT | {"binding": binding}, PROMO, lines=[{"qty": qty}], floors=[FLOOR])
    (decision,) = of_price(made)
    assert (decision.inputs["net"], decision.code) == (expected, code)
    assert made.unit_prices == {"1": Decimal(expected)}


def test_every_losing_candidate_is_told_with_why_it_lost() -> None:
    more = [
        {"policy_id": "X", "kind": "special", "breaks": [{"price": "95"}], "approved": False},
        {"policy_id": "T2", "kind": "contract", "selector": {"tier": 2}, "breaks": [{"price": "1"}]},
        {"policy_id": "Q", "kind": "special", "breaks": [{"min_qty": "51", "price": "1"}]},
        {"policy_id": "S", "kind": "promo", "breaks": [{"pct_off": "4"}]},
        {"policy_id": "OLD", "kind": "special", "valid_to": "2026-11-19", "breaks": [{"price": "1"}]},
        {"policy_id": "OTHER", "kind": "contract", "selector": {"customer": "D2"}, "breaks": [{"price": "1"}]},
    ]
    (decision,) = of_price(decided(LIST, CONTRACT, PROMO, *more, lines=[{"qty": "50"}], floors=[FLOOR]))
    assert (decision.result, decision.code, decision.text) == ("hold", "P_FLOOR", "85.5 CNY is below the floor of 86")
    assert lost(decision) == {
        "L": None, "C": "price", "P": None, "S": "other_promotions", "X": "not_approved", "T2": "tier", "Q": "quantity",
        "OLD": "date",
    }  # fmt: skip
    assert next(told for told in decision.considered if told.get("policy") == "C") == {
        "policy": "C", "list": "CN", "kind": "contract", "price": "92", "net": "87.4", "promotions": ["P"], "lost": "price",
    }  # fmt: skip


def test_ten_then_five_percent_are_fourteen_and_a_half() -> None:
    ten = {"policy_id": "P10", "kind": "promo", "stackable": True, "priority": 1, "breaks": [{"pct_off": "10"}]}
    assert net(LIST, ten, PROMO) == "85.5"


def test_stackables_together_or_one_of_each_exclusive_group_or_one_alone_whichever_is_lowest() -> None:
    stackables = [PROMO, PROMO | {"policy_id": "P2"}]
    group = [{"policy_id": f"G{off}", "kind": "promo", "exclusive_group": "g", "breaks": [{"pct_off": str(off)}]} for off in (6, 9)]
    alone = {"policy_id": "A", "kind": "promo", "breaks": [{"amount_off": "9.5"}]}
    assert net(LIST, *stackables, *group) == "90.25"
    assert net(LIST, PROMO, *group) == "91"
    assert net(LIST, PROMO, *group, alone) == "90.5"
    assert net(LIST, *group, group[0] | {"policy_id": "H", "exclusive_group": "h"}) == "85.54"
    assert net(LIST, *(one | {"stackable": True} for one in group), PROMO) == "86.45"


def test_a_volume_price_of_the_tender_removes_every_lower_one() -> None:
    tender = {"policy_id": "V", "kind": "vbp", "breaks": [{"price": "99"}]}
    (decision,) = of_price(decided(LIST, CONTRACT, tender))
    assert (decision.inputs["net"], lost(decision)) == ("99", {"L": "binding", "C": "binding", "V": None})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"selector": {"customer": "D1"}}, {"selector": {"group": "KEY", "sku": "A"}}),
        ({"selector": {"group": "KEY"}}, {"selector": {"tier": 1}}),
        ({"selector": {"tier": 1}}, {"selector": {"region_prefix": "3101"}}),
        ({"selector": {"region_prefix": "31"}}, {"selector": {"channel": "edi"}}),
        ({"selector": {"sku": "A"}}, {"selector": {"product_line": "X"}}),
        ({"selector": {"product_line": "X"}}, {"selector": {"category": "07"}}),
        ({"selector": {"region_prefix": "3101"}}, {"selector": {"region_prefix": "31"}}),
        ({"priority": 2}, {"priority": 1}),
        ({"valid_from": "2026-03-01"}, {"valid_from": "2026-02-01"}),
        ({}, {}),
    ],
)
def test_of_equal_prices_the_more_specific_then_priority_then_the_later_then_the_id_wins(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    same = {"kind": "special", "breaks": [{"price": "80"}]}
    about = {"product_line": "X", "category_code": "07"}
    (decision,) = of_price(decided(same | other | {"policy_id": "W"}, same | one | {"policy_id": "V"}, product=about))
    assert lost(decision) == {"V": None, "W": "tie"}


def test_a_price_of_another_currency_is_never_converted() -> None:
    (decision,) = of_price(decided(LIST, currency="USD"))
    assert (decision.result, decision.code, lost(decision)) == ("hold", "P_NO_PRICE", {"L": "currency"})
    assert decision.text == "no price of A in CNY fits this order"


def test_the_last_day_and_the_first_quantity_of_a_policy_count() -> None:
    exactly = {"policy_id": "E", "kind": "special", "valid_to": "2026-11-20", "breaks": [{"min_qty": "10", "price": "1"}]}
    assert (net(LIST, exactly, qty="10"), net(LIST, exactly, qty="9")) == ("1", "100")
    assert net(LIST, valid_to="2026-11-20") == "100"
    assert net(LIST, valid_to="2026-11-19") is None


def test_a_price_per_box_counts_per_piece_and_a_line_in_boxes_gets_it_per_box() -> None:
    per_box = {"policy_id": "B", "kind": "list", "uom": "XBX", "breaks": [{"price": "125"}]}
    made = decided(per_box, lines=[{"qty": "3", "uom": "XBX"}, {"qty": "3", "uom": "EA"}])
    assert [d.inputs["net"] for d in of_price(made)] == ["12.5", "12.5"]
    assert made.unit_prices == {"1": Decimal(125), "2": Decimal("12.5")}
    (unknown,) = of_price(decided(per_box | {"uom": "XCT"}))
    assert (unknown.code, lost(unknown)) == ("P_NO_PRICE", {"B": "unit"})


@pytest.mark.parametrize(
    ("stated", "code"),
    [
        ({"qty": "10", "unit_price": "100.00"}, None),
        ({"qty": "10", "unit_price": "99.99"}, "P_MISMATCH"),
        ({"qty": "2", "unit_price": "100.01"}, None),
        ({"qty": "3", "unit_price": "100.01"}, "P_MISMATCH"),
        ({"qty": "500", "unit_price": "90.004", "price_places": 2}, None),
        ({"qty": "2", "uom": "XBX", "unit_price": "1000"}, None),
        ({"qty": "10", "unit_price": "200", "price_base_qty": "2"}, None),
        ({"qty": "10", "unit_price": "110", "allowances": [{"reason": "x", "amount": "100"}]}, None),
        ({"qty": "10", "unit_price": "113", "tax": {"rate_pct": "13", "included": True}}, None),
        ({"qty": "10", "line_amount": "1000"}, None),
        ({"qty": "10", "line_amount": "1015", "charges": [{"reason": "freight", "amount": "15"}]}, None),
    ],
)
def test_a_stated_price_has_to_be_ours_within_what_rounding_explains(stated: dict[str, Any], code: str | None) -> None:
    made = decided(LIST, lines=[stated])
    (decision,) = of_price(made)
    assert (decision.result, decision.code) == ("hold" if code else "pass", code)
    assert made.unit_prices == {}, "the price of the order stands until somebody decides"


def test_a_trusted_channels_price_is_taken_and_the_difference_noted() -> None:
    trusting = Policies.model_validate({"price": {"trusted_channels": ["edi"]}})
    (decision,) = of_price(decided(LIST, lines=[{"qty": "10", "unit_price": "80"}], settings=trusting))
    assert (decision.result, decision.text) == ("pass", "the sender states 800 CNY for the line, ours is 1000")
    assert decision.inputs["discount_pct"] == "20"


def test_an_allowance_on_the_whole_order_counts_against_the_floor() -> None:
    allowance = {"doc_allowances": [{"reason": "x", "amount": "150"}]}
    (decision,) = of_price(decided(LIST, lines=[{"qty": "10", "unit_price": "100"}], floors=[FLOOR], order=allowance))
    assert (decision.code, decision.inputs["discount_pct"], decision.inputs["floor"]) == ("P_FLOOR", "15", "86")


@pytest.mark.parametrize(
    ("floors", "code"),
    [
        ([{"price": "101"}], "P_FLOOR"),
        ([{"price": "100"}], None),
        ([{"price": "101"}, {"price": "99", "region_prefix": "3101"}], None),
        ([{"price": "99"}, {"price": "101", "tier": 1}], "P_FLOOR"),
        ([{"price": "101", "tier": 2}, {"price": "101", "region_prefix": "44"}], None),
        ([{"price": "101", "currency": "USD"}], None),
    ],
)
def test_the_floor_that_says_most_about_tier_and_region_counts(floors: list[dict[str, Any]], code: str | None) -> None:
    (decision,) = of_price(decided(LIST, floors=[{"sku": "A"} | floor for floor in floors]))
    assert decision.code == code


def test_free_goods_and_parts_of_a_bundle_need_no_price() -> None:
    lines = [{"free_of_charge": True}, {"parent_line_no": "1"}, {"parent_line_no": "1", "unit_price": "3"}]
    assert [(d.result, d.code) for d in of_price(decided(LIST, lines=lines))] == [
        ("pass", None), ("pass", None), ("hold", "P_MISMATCH"),
    ]  # fmt: skip


def test_policies_of_two_lists_may_have_one_id() -> None:
    catalogue = catalogue_of(product(), *(price_list(LIST, list_id=name, valid_to=day) for name, day in LISTS.items()))
    catalogue.take(price_list(LIST | {"breaks": [{"price": "80"}]}, list_id="CN-2"))
    made = case(order({"qty": "1"}), catalogue)
    for policy in (quantity, price):
        policy.decide([made], catalogue, Policies())
    (decision,) = of_price(made)
    unfit, dear, best = decision.considered
    assert unfit == {"lost": "date", "policies": ["CN-0/L"]}
    assert (dear["list"], dear["price"], dear["lost"]) == ("CN-1", "100", "price")
    assert (best["list"], best["price"], best.get("lost")) == ("CN-2", "80", None)


def test_without_price_lists_the_orders_own_prices_go_unchecked_and_none_is_a_hold() -> None:
    catalogue = catalogue_of(product())
    stated, none = (case(order(line), catalogue) for line in ({"unit_price": "1", "qty": "1"}, {"qty": "1"}))
    price.decide([stated, none], catalogue, Policies())
    assert [(d.result, d.code) for made in (stated, none) for d in made.decisions] == [("unchecked", None), ("hold", "P_NO_PRICE")]


def test_a_line_of_an_unknown_product_is_unchecked_with_a_price_and_held_without() -> None:
    made = decided(LIST, lines=[{"sku": "B", "unit_price": "1"}, {"sku": "B"}])
    assert [(d.result, d.code) for d in of_price(made)] == [("unchecked", None), ("hold", "P_NO_PRICE")]


AMOUNTS = st.integers(1, 200)
SELECTORS = st.sampled_from(
    [{}, {"customer": "D1"}, {"customer": "D2"}, {"group": "KEY"}, {"tier": 1}, {"tier": 2}, {"region_prefix": "31"}, {"sku": "A"}]
)
BREAKS = st.sampled_from([[1], [10], [1, 10], [1, 10, 50]])


@st.composite
def some_policies(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Bases and promotions that are not binding, with ids of their own."""
    made = []
    for number in range(draw(st.integers(0, 9))):
        kind = draw(st.sampled_from(["list", "contract", "special", "promo", "promo"]))
        said = draw(st.sampled_from(["pct_off", "amount_off", "price"])) if kind == "promo" else "price"
        made.append(
            {
                "policy_id": f"P{number}", "kind": kind, "selector": draw(SELECTORS), "stackable": draw(st.booleans()),
                "exclusive_group": draw(st.sampled_from([None, None, "g", "h"])), "priority": draw(st.integers(0, 2)),
                "breaks": [{"min_qty": str(least), said: str(draw(AMOUNTS) % 101)} for least in draw(BREAKS)],
            }
        )  # fmt: skip
    return made


def quoted(policies: Sequence[Mapping[str, Any]], qty: int) -> Quote | tuple[dict[str, Any], ...]:
    listed = price_list(*policies)
    asked = Asked(product(), Decimal(qty), "CNY", DAY, "edi", "D1", "KEY", 1, "310115")
    return quote(bunched(ListedPolicy(policy, listed) for policy in listed.policies), asked, lambda _: None)


@given(some_policies(), st.randoms(use_true_random=False), st.integers(1, 60))
def test_the_order_of_the_policies_is_irrelevant(policies: list[dict[str, Any]], shuffled: Any, qty: int) -> None:
    mixed = policies.copy()
    shuffled.shuffle(mixed)
    one, other = quoted(policies, qty), quoted(mixed, qty)
    for found in (one, other):
        assert isinstance(found, (Quote, tuple))
    if isinstance(one, Quote) and isinstance(other, Quote):
        assert (one.net, one.base) == (other.net, other.base)
        one, other = one.considered, other.considered
    assert isinstance(one, tuple) and isinstance(other, tuple)
    assert why_lost(one) == why_lost(other)
    assert set(why_lost(one)) == {policy["policy_id"] for policy in policies}


@given(some_policies(), some_policies(), st.integers(1, 60))
def test_one_more_policy_that_does_not_bind_never_raises_the_price(
    policies: list[dict[str, Any]], more: list[dict[str, Any]], qty: int
) -> None:
    before = quoted(policies, qty)
    for added in more:
        policies = [*policies, added | {"policy_id": f"N{len(policies)}"}]
        after = quoted(policies, qty)
        if isinstance(before, Quote):
            assert isinstance(after, Quote) and after.net <= before.net
        before = after
