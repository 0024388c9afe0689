"""R6: who has to approve an order, and how an approval goes on."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canonical.documents.licences import AuthorisationUpdated, LicenceUpdated
from handlers.order.policies import approval
from handlers.order.policies.approval import approved_fields, lifted_by, roles_of
from handlers.order.policies.approving import Answer, Request, may_act, named, next_roles, refusal, repeated, standing
from handlers.order.policies.base import Case, Decision
from handlers.order.policies.settings import ApprovalSettings, Policies
from tests.handlers.policies.masters import DAY, NOW, case, catalogue_of, customer, order, product

HOUR = timedelta(hours=1)


def decided(
    *found: Decision, line: Mapping[str, Any] | None = None, buyer: Mapping[str, Any] | None = None, masters: tuple[Any, ...] = (),
    settings: Policies | None = None, **more: Any,
) -> Case:  # fmt: skip
    """What approval says after these findings of other policies."""
    who = customer(**buyer or {})
    catalogue = catalogue_of(product(), who, *masters)
    made = case(order({"qty": "1", "unit_price": "10", **(line or {})}, **more), catalogue, who)
    made.decisions.extend(found)
    approval.decide([made], catalogue, settings or Policies())
    return made


def asked(made: Case) -> dict[str | None, tuple[list[str], str]]:
    return {d.code: (d.inputs["roles"], d.text) for d in made.decisions if d.result == "approve"}


def test_an_ordinary_order_needs_nobody() -> None:
    made = decided()
    assert [(d.policy, d.result) for d in made.decisions] == [("approval", "pass")]


def test_without_any_master_data_nothing_is_asked() -> None:
    catalogue = catalogue_of()
    made = case(order({"free_of_charge": True}, channel="dealer_portal", kind="sample"), catalogue)
    approval.decide([made], catalogue, Policies())
    assert [(d.policy, d.result) for d in made.decisions] == [("approval", "unchecked")]


def hold(code: str) -> Decision:
    return Decision("other", "hold", code)


ENDING = {
    "as_of": NOW, "licence_no": "沪食药监械经营许20240001号", "customer_no": "D1", "kind": "operating_licence",
    "valid_from": "2022-01-01",
}  # fmt: skip


@pytest.mark.parametrize(
    ("given", "code", "chain", "why"),
    [
        ({"found": [hold("P_FLOOR")]}, "A_BELOW_FLOOR", ["regional_manager", "finance"], "P_FLOOR"),
        (
            {"found": [Decision("price", "pass", inputs={"discount_pct": "15.01"})]}, "A_DISCOUNT",
            ["regional_manager", "finance"], "15.01% off the agreed price",
        ),
        ({"found": [hold("K_OVERDUE")]}, "A_CREDIT", ["credit_control", "finance_director"], "K_OVERDUE"),
        ({"channel": "dealer_portal"}, "A_DEALER_ENTERED", ["sales_assistant"], "entered by the dealer"),
        ({"found": [hold("C_AUTH_REGION")]}, "A_OUT_OF_TERRITORY", ["channel_manager", "compliance"], "C_AUTH_REGION"),
        ({"found": [hold("C_REG_CERT")]}, "A_ENDING_SOON", ["compliance"], "C_REG_CERT"),
        (
            {"masters": (LicenceUpdated.model_validate(ENDING | {"valid_to": "2026-12-20"}),)}, "A_ENDING_SOON", ["compliance"],
            "operating_licence ends 2026-12-20",
        ),
        (
            {"masters": (AuthorisationUpdated(as_of=NOW, authorisation_no="A-1", dealer="D1", valid_to=DAY),)}, "A_ENDING_SOON",
            ["compliance"], "authorisation for A ends 2026-11-20",
        ),
        ({"line": {"free_of_charge": True}}, "A_UNUSUAL_GOODS", ["product_manager", "compliance"], "free goods: line 1"),
        ({"kind": "sample"}, "A_UNUSUAL_GOODS", ["product_manager", "compliance"], "a sample"),
        (
            {"kind": "implant_bill_only"}, "A_UNUSUAL_GOODS", ["product_manager", "compliance"],
            "billed from consigned goods without a case number",
        ),
        (
            {"buyer": {"status": "pending"}}, "A_NEW_CUSTOMER", ["master_data_steward"],
            "a customer that nobody has looked at yet",
        ),
        ({"line": {"qty": "50000"}}, "A_LARGE_ORDER", ["director"], "worth 500000 CNY"),
    ],
)  # fmt: skip
def test_each_trigger_asks_its_chain(given: dict[str, Any], code: str, chain: list[str], why: str) -> None:
    found = given.pop("found", [])
    assert asked(decided(*found, **given)) == {code: (chain, why)}


@pytest.mark.parametrize(
    "given",
    [
        {"found": [Decision("price", "pass", inputs={"discount_pct": "15"})]},
        {"channel": "dealer_portal", "buyer": {"whitelisted": True}},
        {"masters": (LicenceUpdated.model_validate(ENDING | {"valid_to": "2026-12-21"}),)},
        {"masters": (LicenceUpdated.model_validate(ENDING | {"valid_to": "2026-11-19"}),)},
        {"kind": "implant_bill_only", "line": {"patient_case_id": "K-1"}},
        {"line": {"qty": "49999"}},
        {"line": {"qty": "50000"}, "currency": "USD"},
        {"line": {"qty": "50000"}, "settings": Policies.model_validate({"approval": {"chains": {"large_order": []}}})},
    ],
)
def test_nothing_is_asked_just_below_each_trigger(given: dict[str, Any]) -> None:
    found = given.pop("found", [])
    assert asked(decided(*found, **given)) == {}


def test_several_triggers_are_one_chain_by_level_with_each_role_once_and_lift_their_holds() -> None:
    made = decided(hold("P_FLOOR"), hold("K_LIMIT"), hold("C_DIVERSION"), hold("P_MISMATCH"), line={"qty": "200000"})
    decisions = made.decisions
    assert list(asked(made)) == ["A_BELOW_FLOOR", "A_CREDIT", "A_OUT_OF_TERRITORY", "A_LARGE_ORDER", "A_VERY_LARGE_ORDER"]
    assert roles_of(decisions, ApprovalSettings()) == (
        "regional_manager", "credit_control", "channel_manager", "finance", "compliance", "finance_director", "director",
        "general_manager",
    )  # fmt: skip
    assert lifted_by(decisions) == ("P_FLOOR", "K_LIMIT", "C_DIVERSION")


def test_the_value_of_an_order_without_prices_is_by_our_prices_with_tax() -> None:
    placed = order({"qty": "100", "tax": {"rate_pct": "13"}})
    made = Case(order=placed, origin="x", now=NOW, ship_date=DAY, unit_prices={"1": Decimal("87.40")})
    assert approval.value_of(made) == Decimal("9876.20")


def test_what_is_approved_are_party_address_items_quantities_prices_and_terms() -> None:
    line = {"qty": "10", "unit_price": "87.40"}
    base = order(line)
    fields = approved_fields(base, "D1", {})
    assert approved_fields(order(line, remarks="hurry", priority=1), "D1", {}) == fields
    assert approved_fields(order({"qty": "10.0", "unit_price": "87.4"}), "D1", {}) == fields
    assert approved_fields(order({"qty": "10"}), "D1", {"1": Decimal("87.400000")}) == fields, "priced by us, then stated"
    others = [
        approved_fields(base, "D2", {}),
        approved_fields(order(line, ship_to={"party_id": "D1-b"}), "D1", {}),
        approved_fields(order(line | {"sku": "B"}), "D1", {}),
        approved_fields(order(line | {"qty": "11"}), "D1", {}),
        approved_fields(order(line | {"unit_price": "87.41"}), "D1", {}),
        approved_fields(order(line, payment_terms={"net_days": 60}), "D1", {}),
        approved_fields(order(line, doc_allowances=[{"reason": "x", "amount": "1"}]), "D1", {}),
        approved_fields(order(line, doc_charges=[{"reason": "freight", "amount": "9000"}]), "D1", {}),
        approved_fields(order(line | {"charges": [{"reason": "handling", "amount": "9000"}]}), "D1", {}),
        approved_fields(order(line, bill_to={"party_id": "D7"}), "D1", {}),
    ]
    assert len({fields, *others}) == 11


OPEN = ApprovalSettings(unnamed="anybody")
REQUEST = Request("h", ("regional_manager", "finance"), NOW, asked_by=("D1", "dealer-acme"), lifts=("P_FLOOR",))


def answer(role: str, actor: str, approves: bool = True, *, hours: int = 1, fields: str = "h") -> Answer:
    return Answer(fields, role, actor, approves, NOW + hours * HOUR)


def test_roles_decide_one_after_the_other_and_the_last_one_ends_it() -> None:
    settings, said = OPEN, [answer("regional_manager", "li")]
    assert next_roles(REQUEST, [], NOW, settings) == ("regional_manager",)
    assert refusal(REQUEST, [], answer("finance", "wang"), settings) == "A_NOT_YOUR_TURN"
    assert refusal(REQUEST, [], said[0], settings) is None
    assert (standing(REQUEST, said, settings), next_roles(REQUEST, said, NOW, settings)) == ("open", ("finance",))
    said.append(answer("finance", "wang"))
    assert (standing(REQUEST, said, settings), next_roles(REQUEST, said, NOW, settings)) == ("approved", ())


@pytest.mark.parametrize("controlled", ["lot_controlled", "serial_controlled"])
@pytest.mark.parametrize(
    ("lots", "why"), [((), "billed from consigned goods without lot or serial number: line 1"), (("L1",), None)]
)
def test_used_goods_that_are_followed_by_lot_have_to_name_it(controlled: str, lots: tuple[str, ...], why: str | None) -> None:
    who = customer()
    catalogue = catalogue_of(product(**{controlled: True}), who)
    line = {"qty": "1", "unit_price": "10", "patient_case_id": "K-1", "requested_lots": [{"lot": lot} for lot in lots]}
    made = case(order(line, kind="implant_bill_only"), catalogue, who)
    approval.decide([made], catalogue, Policies())
    expected = {} if why is None else {"A_UNUSUAL_GOODS": (["product_manager", "compliance"], why)}
    assert asked(made) == expected


def test_nobody_approves_an_own_order_and_nobody_twice() -> None:
    settings = OPEN
    assert refusal(REQUEST, [], answer("regional_manager", "d1"), settings) == "A_SELF_APPROVAL"
    assert refusal(REQUEST, [], answer("regional_manager", "d1", approves=False), settings) is None
    said = [answer("regional_manager", "li")]
    assert refusal(REQUEST, said, answer("finance", "Li"), settings) == "A_FOUR_EYES"


@pytest.mark.parametrize("written", [" d1", "d1 ", "D1", "ｄ１", "\u00a0d1\t"])
def test_another_spelling_of_a_name_is_not_another_person(written: str) -> None:
    assert refusal(REQUEST, [], answer("regional_manager", written), OPEN) == "A_SELF_APPROVAL"
    said = [answer("regional_manager", "d1")]
    assert refusal(REQUEST, said, answer("finance", written, approves=False), OPEN) == "A_FOUR_EYES"
    assert repeated(REQUEST, said, answer("regional_manager", written))
    assert may_act(written, "finance", NOW, ApprovalSettings(people={"finance": ("d1",)}))


def test_a_change_voids_what_was_approved() -> None:
    settings, said = (
        OPEN,
        [answer("regional_manager", "li", fields="older"), answer("finance", "wang", fields="older")],
    )
    assert standing(REQUEST, said, settings) == "open"
    assert next_roles(REQUEST, said, NOW, settings) == ("regional_manager",)
    assert refusal(REQUEST, said, answer("regional_manager", "li", fields="older"), settings) == "A_VOID"
    assert refusal(REQUEST, said, answer("regional_manager", "li"), settings) is None


def test_the_same_answer_again_is_known() -> None:
    said = [answer("regional_manager", "li")]
    assert repeated(REQUEST, said, answer("regional_manager", "LI", hours=9))
    assert not repeated(REQUEST, said, answer("regional_manager", "li", approves=False))
    assert not repeated(REQUEST, said, answer("regional_manager", "li", fields="other"))


def test_one_who_rejects_ends_it() -> None:
    said = [answer("regional_manager", "li", approves=False)]
    assert standing(REQUEST, said, ApprovalSettings()) == "rejected"
    assert next_roles(REQUEST, said, NOW, ApprovalSettings()) == ()


def test_whoever_lets_the_time_pass_is_stood_in_for_by_those_it_escalates_to() -> None:
    settings = ApprovalSettings(unnamed="anybody", escalate={"regional_manager": "director", "director": "general_manager"})
    assert next_roles(REQUEST, [], NOW + 23 * HOUR, settings) == ("regional_manager",)
    assert next_roles(REQUEST, [], NOW + 24 * HOUR, settings) == ("regional_manager", "director")
    assert next_roles(REQUEST, [], NOW + 500 * HOUR, settings) == ("regional_manager", "director", "general_manager")
    instead = answer("director", "zhao", hours=25)
    assert refusal(REQUEST, [], instead, settings) is None
    assert refusal(REQUEST, [], answer("director", "zhao", hours=2), settings) == "A_NOT_YOUR_TURN"
    assert next_roles(REQUEST, [instead], NOW + 30 * HOUR, settings) == ("finance",)


def test_only_named_people_and_their_deputies_act_in_a_role() -> None:
    settings = ApprovalSettings.model_validate(
        {
            "unnamed": "anybody",
            "people": {"regional_manager": ["li"]},
            "delegations": [{"role": "regional_manager", "to": "sun", "first": date(2026, 11, 20), "last": date(2026, 11, 20)}],
        }
    )
    assert refusal(REQUEST, [], answer("regional_manager", "li"), settings) is None
    assert refusal(REQUEST, [], answer("regional_manager", "sun"), settings) is None
    assert refusal(REQUEST, [], answer("regional_manager", "sun", hours=20), settings) == "A_ROLE"
    assert refusal(REQUEST, [], answer("regional_manager", "wang"), settings) == "A_ROLE"
    day, night = answer("finance", "x").at, answer("finance", "x", hours=20).at
    assert named(["regional_manager", "finance"], day, settings) == "regional_manager (li, sun) or finance"
    assert named(["regional_manager"], night, settings) == "regional_manager (li)"


def test_in_a_role_nobody_is_named_for_nobody_may_act_unless_it_is_said_that_anybody_may() -> None:
    named_one = {"people": {"regional_manager": ["li"]}}
    closed, opened = (ApprovalSettings.model_validate(one) for one in (named_one, named_one | {"unnamed": "anybody"}))
    assert [may_act("wang", "finance", NOW, one) for one in (ApprovalSettings(), closed, opened)] == [False, False, True]
    assert [may_act("wang", "regional_manager", NOW, one) for one in (closed, opened)] == [False, False]
    deputy = ApprovalSettings.model_validate({"delegations": [{"role": "finance", "to": "wang"}]})
    assert (may_act("Wang", "finance", NOW, deputy), may_act("li", "finance", NOW, deputy)) == (True, False)


def test_request_and_answers_are_kept_as_json() -> None:
    assert Request.from_json(REQUEST.as_json()) == REQUEST
    assert Answer.from_json(answer("finance", "wang").as_json()) == answer("finance", "wang")


ROLES = st.sampled_from(["regional_manager", "finance", "director"])


@given(
    st.lists(
        st.tuples(ROLES, st.sampled_from(["d1", "li", "wang", "sun"]), st.booleans(), st.sampled_from(["h", "x"])), max_size=12
    )
)
def test_whatever_is_answered_an_approval_is_by_every_role_by_different_people_and_never_by_who_asked(
    attempts: list[tuple[str, str, bool, str]],
) -> None:
    settings, said = OPEN, list[Answer]()
    for role, actor, approves, fields in attempts:
        given = answer(role, actor, approves, fields=fields)
        if not repeated(REQUEST, said, given) and refusal(REQUEST, said, given, settings) is None:
            said.append(given)
    assert [one.role for one in said if one.approves] == list(REQUEST.roles)[: sum(one.approves for one in said)]
    assert len({one.actor for one in said}) == len(said)
    if standing(REQUEST, said, settings) == "approved":
        assert len(said) == 2 and "d1" not in {one.actor for one in said}
