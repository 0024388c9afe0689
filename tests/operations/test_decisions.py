"""Why an order stands as it does."""

import pytest

from operations.decisions import decisions
from operations.failing import NotFound
from tests.handlers import golden
from tests.operations.small_hub import SmallHub


def test_a_hub_without_prices_of_its_own_says_that_it_checked_none(hub: SmallHub) -> None:
    (message_id, _) = hub.take(golden.placed(), golden.stocked())
    (run,) = decisions(hub.database, "SO-1").runs
    assert (run.seq, run.step, run.cause, run.cause_type) == (1, "confirm", message_id, "order.placed")
    assert [one.policy for one in run.decisions] == [
        "customer", "product", "saleable", "quantity", "price", "credit", "approval",
    ]  # fmt: skip
    assert {(one.result, one.code) for one in run.decisions} == {("unchecked", None)}


def test_an_order_without_a_price_tells_why_it_waits(hub: SmallHub) -> None:
    hub.take(golden.placed(lines=(golden.line("1", "X", 2, None, tax=None),)))
    (run,) = decisions(hub.database, "SO-1").runs
    assert [(one.policy, one.code) for one in run.decisions if one.result == "hold"] == [("price", "P_NO_PRICE")]


def test_nothing_was_decided_about_an_order_nobody_placed(hub: SmallHub) -> None:
    with pytest.raises(NotFound, match="there is no order 'SO-1'"):
        decisions(hub.database, "SO-1")
