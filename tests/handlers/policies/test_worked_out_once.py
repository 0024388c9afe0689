"""What policies remember of master data: whoever asks, in whatever turn, hears what a catalogue that remembers nothing says."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from canonical.documents.customers import CustomerMaster
from canonical.documents.master import Master
from canonical.documents.products import ProductMaster
from handlers.catalogue import Catalogue
from handlers.order.policies import approval, price, quantity, saleable
from handlers.order.policies.base import Case, Decision
from handlers.order.policies.settings import Policies
from tests.handlers.policies.masters import case, catalogue_of, customer, order, price_list, product
from tests.handlers.policies.selling import authorisation, licence
from tests.handlers.policies.test_price import some_policies

LATER = datetime(2026, 11, 21, tzinfo=UTC)
BUYERS = (
    customer("D1", tier=1, group="KEY", region="3101", org_type="dealer_t1"),
    customer("D2", tier=2, region="44", org_type="dealer_t2"),
    customer("D3", tier=1, group="KEY", region="3101", org_type="dealer_t1"),
    customer("H1", region="310115", org_type="hospital", cold_chain_capable=True),
    customer("N1", region="310115", org_type="hospital", status="pending", whitelisted=True),
)
DEVICE: dict[str, Any] = {
    "device_class": "III", "category_code": "13", "product_line": "L",
    "certificates": [{"number": "国械注准20233130001", "valid_to": "2026-11-30"}],
}  # fmt: skip
PERMITTED: Sequence[Master] = (
    licence("D1", valid_to="2026-12-01"), licence("H1", kind="medical_institution"),
    authorisation("A-1", dealer="D1", product_lines=["L"], regions=["31"], valid_to="2026-12-10"),
    licence("D3", valid_to="2026-12-01"), authorisation("A-3", dealer="D3", product_lines=["L"], regions=["44"]),
)  # fmt: skip
FLOORS = [
    {"sku": "A", "price": "20"}, {"sku": "A", "price": "40", "tier": 2}, {"sku": "A", "price": "50", "region_prefix": "44"},
]  # fmt: skip
QUESTIONS = st.tuples(
    st.sampled_from(BUYERS), st.sampled_from(["1", "4", "5", "9", "10", "60"]), st.sampled_from(["EA", "XBX"]),
    st.sampled_from(["edi", "direct", "dealer_portal"]), st.sampled_from(["310115", "440300"]),
    st.sampled_from([date(2026, 11, 20), date(2026, 12, 5)]), st.sampled_from([None, "10", "45"]),
)  # fmt: skip
Question = tuple[CustomerMaster, str, str, str, str, date, str | None]


def decisions(question: Question, catalogue: Catalogue, settings: Policies) -> tuple[list[Decision], dict[str, Decimal]]:
    """What is said of one order, and the prices found for it."""
    buyer, qty, uom, channel, region, day, stated = question
    line = {"qty": qty, "uom": uom} | ({"unit_price": stated} if stated is not None else {})
    placed = order(line, channel=channel, price_date=day, ship_to={"party_id": "D1", "region": region})
    asked: Case = case(placed, catalogue, buyer)
    asked.ship_date = day
    for policy in (saleable, quantity, price, approval):
        policy.decide([asked], catalogue, settings)
    return asked.decisions, asked.unit_prices


@given(some_policies(), st.lists(QUESTIONS, min_size=2, max_size=6), st.booleans())
def test_what_is_remembered_is_what_is_worked_out(policies: list[dict[str, Any]], asked: list[Question], packed: bool) -> None:
    packs = [{"policy_id": "PACK", "kind": "list", "uom": "XBX", "breaks": [{"price": "300"}]}] if packed else []
    known = (product(units=[{"uom": "XBX", "numerator": 10}], **DEVICE), price_list(*policies, *packs, floors=FLOORS), *PERMITTED)
    settings, remembering = Policies(), catalogue_of(*known)
    for question in [*asked, *asked]:
        assert decisions(question, remembering, settings) == decisions(question, catalogue_of(*known), settings)


def goods(number: int, device_class: str | None, category: str, line: str, cold: bool, home: bool) -> ProductMaster:
    return product(
        f"P{number}", device_class=device_class, category_code=category, product_line=line, home_use=home,
        storage={"cold_chain": cold}, certificates=DEVICE["certificates"],
    )  # fmt: skip


GOODS = st.builds(
    goods, st.integers(0, 3), st.sampled_from([None, "I", "II", "III"]), st.sampled_from(["13", "14"]), st.sampled_from(["L", "M"]),
    st.booleans(), st.booleans(),
)  # fmt: skip
PAPERS = st.lists(st.sampled_from([
    licence("D1", valid_to="2026-12-01"), licence("D1", scope=["14"]), licence("D1", kind="operating_filing"),
    licence("D1", kind="operating_filing", scope=["13"]), licence("H1", kind="medical_institution"), licence("D2"),
    authorisation("A-1", dealer="D1", product_lines=["L"], regions=["31"]), authorisation("A-2", dealer="D1", skus=["P0", "P2"]),
    authorisation("A-3", dealer="D2", product_lines=["M"], regions=["44"]),
]))  # fmt: skip
ASKED = st.lists(
    st.tuples(st.sampled_from(BUYERS), st.integers(0, 3), st.sampled_from(["310115", "440300"]), st.booleans()),
    min_size=2,
    max_size=9,
)


@given(st.lists(GOODS, min_size=1), PAPERS, ASKED, st.booleans())
def test_what_may_be_sold_to_a_buyer_is_told_of_each_product_as_if_it_were_the_first(
    sold: list[ProductMaster], papers: list[Master], asked: list[tuple[CustomerMaster, int, str, bool]], exempt: bool
) -> None:
    known, day = (*sold, *papers), date(2026, 11, 20)
    settings = Policies.model_validate({"saleable": {"exempt_categories": ["13"] if exempt else []}})
    remembering = catalogue_of(*known)

    def told(catalogue: Catalogue, buyer: CustomerMaster, number: int, region: str, lots: bool) -> list[Decision]:
        line = {"sku": f"P{number}", "requested_lots": [{"lot": "A", "mfg_date": "2019-01-01"}] if lots else []}
        placed = order(line, price_date=day, ship_to={"party_id": "D1", "region": region})
        one = case(placed, catalogue, buyer)
        saleable.decide([one], catalogue, settings)
        return one.decisions

    for question in [*asked, *asked]:
        assert told(remembering, *question) == told(catalogue_of(*known), *question)


def test_what_was_worked_out_is_forgotten_with_the_next_change_of_master_data() -> None:
    listed = price_list({"policy_id": "L", "kind": "list", "breaks": [{"price": "100.00"}]})
    catalogue = catalogue_of(product(**DEVICE), listed, *PERMITTED)
    question: Question = (BUYERS[0], "1", "EA", "edi", "310115", date(2026, 11, 20), None)
    said, prices = decisions(question, catalogue, Policies())
    assert ({one.code for one in said}, prices) == ({None, "A_ENDING_SOON"}, {"1": Decimal("100.00")})
    cheaper = price_list({"policy_id": "L", "kind": "list", "breaks": [{"price": "90.00"}]}).model_copy(update={"as_of": LATER})
    catalogue.take(cheaper, licence("D1", status="suspended", as_of=LATER), product(status="stop_sale", as_of=LATER, **DEVICE))
    said, prices = decisions(question, catalogue, Policies())
    assert {one.code for one in said} == {None, "C_RECALL", "C_LICENCE", "A_ENDING_SOON"}
    assert prices == {"1": Decimal("90.00")}
