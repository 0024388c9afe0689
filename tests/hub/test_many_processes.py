"""Order handlers and stock handlers, three processes each, race for one credit account and one lot: as many win as fit, to the last
one, and the others get their code (domain R5, R7)."""

import json
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from canonical.documents.orders import OrderLine
from canonical.documents.stock import StockItem, StockLevel
from canonical.values import Quantity
from demo.partners import Partners
from tests.handlers import golden, trading
from tests.hub.conftest import started
from tests.hub.running import World
from tests.hub.test_golden_scenarios import tell
from tests.hub.test_golden_scenarios_of_dealers import load
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.slow

THIRDS = ("0-2", "3-5", "6-7")
HANDLERS = tuple(("handle", name, "--partitions", third) for name in ("order", "stock") for third in THIRDS)
REST = (("handle", "invoice"), ("handle", "master"), ("relay",))
FITTING, RIVALS = 7, 24
"""Orders that the limit bears, pieces that the lot has; orders that want one each."""
CREDIT = tuple(f"CREDIT-{number}" for number in range(RIVALS))
LOT = tuple(f"LOT-{number}" for number in range(RIVALS))


@pytest.fixture
def crowded(postgres_url: str, rabbit_url: str, partners: Partners, tmp_path: Path) -> Iterator[World]:
    """A hub whose order and stock handlers are three processes each, with master data and one lot."""
    world = World(tmp_path, partners)
    world.on_services(postgres_url, rabbit_url, f"test-{uuid.uuid4().hex[:10]}")
    for _ in started(world, lambda: world.start_roles((*HANDLERS, *REST))):
        buyers = (trading.dealer("D-1", limit=str(FITTING * 113)), trading.dealer("D-2", limit=None))
        prices = trading.prices(sku="STENT").model_copy(update={"list_id": "L-2"})
        load(world, trading.product(), trading.product("STENT"), trading.prices(), prices, *buyers)
        lot = StockItem(item="STENT", lot="L1", on_hand=Decimal(FITTING), expiry=datetime.now(UTC).date() + timedelta(days=900))
        tell(world, StockLevel(location="MAIN", as_of=golden.DAY, mode="snapshot", reference="count", items=(lot,)))
        world.until(lambda: world.found("/customers/D-2") and world.found("/stock/STENT"), "all is known")
        yield world
    world.channels().delete()


def test_many_processes_that_race_give_out_exactly_what_there_is(crowded: World) -> None:
    relay = crowded.roles["relay"]
    relay.terminate()
    relay.wait(timeout=PATIENCE)
    with ThreadPoolExecutor(8) as senders:
        list(senders.map(lambda order_no: _order(crowded, order_no), (*CREDIT, *LOT)))
    assert crowded.found("/orders/CREDIT-0") is None
    crowded.roles["relay"] = crowded.spawn("relay")  # everything reaches every handler at once
    crowded.until(lambda: all(map(crowded.found, (f"/orders/{no}" for no in (*CREDIT, *LOT)))), "all are decided on")
    crowded.until(lambda: len(crowded.messages(type="stock.backordered", limit="200")) >= RIVALS, "all are served")

    won = Counter((order["state"], tuple(order["holds"])) for order in map(crowded.order, CREDIT))
    assert won == {("confirmed", ()): FITTING, ("approval", ("K_LIMIT",)): RIVALS - FITTING}
    served = [order["lines"][0] for order in map(crowded.order, LOT)]
    assert Counter((line["reserved"], line["backordered"]) for line in served) == {
        ("1", "0"): FITTING,
        ("0", "1"): RIVALS - FITTING,
    }
    stock = crowded.found("/stock/STENT")["places"][0]
    assert (stock["reserved"], stock["lots"][0]["lot"], stock["lots"][0]["reserved"]) == (str(FITTING), "L1", str(FITTING))
    short = [_why_short(crowded, one["message_id"]) for one in crowded.messages(type="stock.backordered", limit="200")]
    assert {no: code for no, code in short if no in LOT} == {
        no: "S_SHORT" for no, line in zip(LOT, served, strict=True) if line["backordered"] == "1"
    }
    assert "the ledger is exact" in crowded.command("verify")


def _order(world: World, order_no: str) -> None:
    wants = {"CREDIT": (trading.SKU, "D-1"), "LOT": ("STENT", "D-2")}
    sku, buyer = wants[order_no.partition("-")[0]]
    line = OrderLine(line_no="1", sku=sku, qty=Quantity(value=Decimal(1)))
    tell(world, trading.order(order_no, buyer=buyer, channel="direct", lines=(line,)))


def _why_short(world: World, message_id: str) -> tuple[str, str]:
    body = world.found(f"/messages/{message_id}")["body"]
    told = json.loads(body) if isinstance(body, str) else body
    return told["order_no"], told["lines"][0]["code"]
