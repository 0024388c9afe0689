"""A hub in one process is killed with work in hand, and started again: it goes on where it stopped."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.partners import Partners
from tests.hub import documents
from tests.hub.conftest import started
from tests.hub.running import World
from tests.hub.test_order_to_cash import stock_of


@pytest.fixture
def alone(partners: Partners, tmp_path: Path) -> Iterator[World]:
    """An embedded hub of this test's own."""
    world = World(tmp_path, partners)
    yield from started(world, world.start)


@pytest.mark.slow
def test_what_was_accepted_before_a_kill_is_finished_after_the_next_start(alone: World, number: int) -> None:
    item, orders = f"KILL-{number}", [f"K{number}-{n}" for n in range(40)]
    stock_of(alone, item, 100)
    for order in orders:
        alone.take("shop-eu", documents.shop_order(order, (item, 2, "10.00"), total="20.00"))
    alone.kill()
    alone.start()
    for order in orders:
        alone.asked_to_ship(f"{order}-S1")
    assert alone.available(item) == "20"
    again = alone.take("shop-eu", documents.shop_order(orders[0], (item, 2, "10.00"), total="20.00"))
    assert again["repeated"] is True

    def settled() -> bool:
        figures = json.loads(alone.command("verify", "--json"))
        assert (figures["lost"], figures["doubled"], figures["dead"], figures["differences"]) == (0, 0, 0, [])
        return bool(figures["on_their_way"] + figures["deliveries"].get("on_its_way", 0) == 0)

    alone.until(settled, "everything has one end")
    heard = [kind for order in orders for kind, _ in alone.told_shop(order)]
    assert (heard.count("order.confirmed"), heard.count("stock.reserved")) == (40, 40)
