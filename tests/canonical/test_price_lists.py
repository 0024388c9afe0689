"""A price list is refused with every mistake in it."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from canonical.documents.prices import PriceList
from canonical.failures import Malformed


def price_list(*policies: dict[str, Any], **more: Any) -> PriceList:
    return PriceList.model_validate(
        {
            "as_of": datetime(2026, 1, 1, tzinfo=UTC), "list_id": "CN-1", "version": "1", "currency": "CNY",
            "valid_from": date(2026, 1, 1), "policies": policies, **more,
        }
    )  # fmt: skip


def policy(policy_id: str = "P1", *breaks: dict[str, str], kind: str = "list", **more: Any) -> dict[str, Any]:
    steps = [{name: Decimal(text) for name, text in step.items()} for step in breaks or ({"price": "100"},)]
    return {"policy_id": policy_id, "kind": kind, "breaks": steps, **more}


def test_a_sound_list_passes() -> None:
    price_list(policy(), policy("P2", {"pct_off": "5"}, kind="promo")).check()


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ([policy("P1"), policy("P1")], "policies[1].policy_id"),
        ([policy("P1", {"min_qty": "1"})], "policies[0].breaks[0]"),
        ([policy("P1", {"price": "1", "pct_off": "5"})], "policies[0].breaks[0]"),
        ([policy("P1", {"pct_off": "5"})], "policies[0].breaks[0].pct_off"),
        ([policy("P1", {"pct_off": "101"}, kind="promo")], "policies[0].breaks[0].pct_off"),
        ([policy("P1", {"price": "2"}, {"price": "1"})], "policies[0].breaks[1].min_qty"),
        ([policy("P1", valid_from=date(2026, 2, 1), valid_to=date(2026, 1, 31))], "policies[0].valid_to"),
    ],
)
def test_each_mistake_is_told_with_its_place(wrong: list[dict[str, Any]], path: str) -> None:
    with pytest.raises(Malformed) as caught:
        price_list(*wrong).check()
    assert [(problem.code, problem.path) for problem in caught.value.problems] == [("E_SCHEMA", path)]
