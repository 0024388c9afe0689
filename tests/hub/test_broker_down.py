"""RabbitMQ goes away: intake does not notice, and what was accepted meanwhile flows when it is back."""

import uuid
from pathlib import Path

from demo.partners import Partners
from tests.hub import documents
from tests.hub.conftest import started
from tests.hub.running import World
from tests.hub.test_order_to_cash import stock_of
from tools.services import provision


def test_orders_are_accepted_while_the_broker_is_down_and_handled_when_it_is_back(
    postgres_url: str, partners: Partners, tmp_path: Path, number: int
) -> None:
    world, item = World(tmp_path, partners), f"DOWN-{number}"
    with provision.broker() as broker:
        world.on_services(postgres_url, broker.url, f"test-{uuid.uuid4().hex[:10]}")
        for _ in started(world, world.start):
            stock_of(world, item, 100)
            broker.kill()
            for n in range(20):
                told = world.take("shop-eu", documents.shop_order(f"B{number}-{n}", (item, 2, "10.00"), total="20.00"))
                assert told["status"] == "accepted"
            assert world.http.get("/readyz").status_code == 200
            broker.start()
            for n in range(20):
                world.until(lambda n=n: world.found(f"/orders/B{number}-{n}"), "the order is handled")
            world.until(lambda: world.available(item) == "60", "its stock is set aside")
