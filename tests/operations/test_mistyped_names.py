"""A number nobody knows: which one was meant."""

from collections.abc import Callable

import pytest

from operations import decisions, find, find_shipments, money, stocks, timeline
from operations.failing import NotFound
from store.database import Database
from tests.handlers import golden
from tests.operations.small_hub import SmallHub

ASKED: list[tuple[Callable[[Database, str], object], str, str, str]] = [
    (find.order, "S0-1", "order", "SO-1"),
    (decisions.decisions, "so-1", "order", "SO-1"),
    (timeline.timeline, "SO-11", "order", "SO-1"),
    (find_shipments.shipment, "SO-1-S", "shipment", "SO-1-S1"),
    (stocks.stock, "SO-1-NEDLE", "item", "SO-1-NEEDLE"),
]


@pytest.mark.parametrize(("ask", "name", "kind", "meant"), ASKED)
def test_a_mistyped_number_names_the_one_that_looks_like_it(
    hub: SmallHub, ask: Callable[[Database, str], object], name: str, kind: str, meant: str
) -> None:
    hub.take(golden.placed(), golden.stocked(), golden.dispatched("S1"))
    with pytest.raises(NotFound) as refused:
        ask(hub.database, name)
    assert str(refused.value) == f"there is no {kind} {name!r}. Did you mean `{meant}`?"


def test_a_number_like_no_other_is_only_unknown(hub: SmallHub) -> None:
    hub.take(golden.placed())
    with pytest.raises(NotFound) as refused:
        money.payment(hub.database, "4711")
    assert str(refused.value) == "there is no payment '4711'"
