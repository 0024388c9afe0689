"""Several handler processes reserve, hold, ship, recall and recount the same lots at once: the books add up all the same."""

import multiprocessing
import random
from concurrent.futures import ProcessPoolExecutor
from datetime import date, timedelta

import pytest

from canonical.documents.base import Document
from canonical.documents.decisions import OrderHeld
from canonical.documents.order_answers import ConfirmedLine, OrderConfirmed
from canonical.documents.recalls import RecallOpened
from canonical.documents.shipments import ShipmentDispatched, ShipmentLine
from canonical.documents.stock import StockItem, StockLevel
from canonical.envelope import first_message
from canonical.failures import Transient
from canonical.values import LotRef, Quantity
from handlers.stock.handler import StockHandler
from store import archive, ledger
from store.database import Database, open_database
from tests.handlers.golden import BUYER, DAY, d
from tests.handlers.pump import NOW
from tests.handlers.reading import rows
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.slow

ITEMS = ("SCALPEL", "STENT", "GLOVES")
LOTS = {"L1": date(2026, 12, 31), "L2": date(2027, 5, 1), "L3": date(2028, 1, 1)}
PROCESSES, TURNS, EACH = 4, 10, 60


def _level(quantities: dict[str, int], *, reference: str, mode: str = "delta", hours: int = 1) -> StockLevel:
    items = tuple(
        StockItem(item=item, on_hand=d(qty), lot=lot, expiry=LOTS[lot]) for item in ITEMS for lot, qty in quantities.items()
    )
    return StockLevel(location="WH-1", as_of=DAY + timedelta(hours=hours), mode=mode, reference=reference, items=items)


def _demand(order_no: str, chance: random.Random) -> Document:
    lines = tuple(
        ConfirmedLine(line_no=str(n), item=item, qty=Quantity(value=d(chance.randint(1, 5))),
                      min_remaining_shelf_days=chance.choice((None, 200)))
        for n, item in enumerate(chance.sample(ITEMS, 2))
    )  # fmt: skip
    more = {
        "order_no": order_no, "origin": "x", "channel": "ecommerce", "ship_to": BUYER, "lines": lines,
        "priority": chance.randint(1, 5), "allow_partial": chance.random() < 0.7,
    }  # fmt: skip
    if chance.random() < 0.4:
        return OrderHeld.model_validate({**more, "codes": ("K_LIMIT",), "until": NOW + timedelta(hours=chance.choice((-1, 9)))})
    return OrderConfirmed.model_validate(more)


def _sent(order_no: str, turn: str, chance: random.Random) -> ShipmentDispatched:
    lot, item = chance.choice(list(LOTS)), chance.choice(ITEMS)
    line = ShipmentLine(order_no=order_no, line_no="0", item=item, qty=d(2), lots=(LotRef(lot=lot, qty=d(2)),))
    return ShipmentDispatched(shipment_no=turn, warehouse="WH-1", dispatched_at=DAY + timedelta(hours=2), lines=(line,))


def work(url: str, process: int) -> int:
    """Batches of orders, dispatches of any of them, goods in, and a recall now and then; how often stock had changed meanwhile."""
    database, chance, handler, again = open_database(url, pool_size=1), random.Random(process), StockHandler(), 0
    for turn in range(TURNS):
        name = f"{process}-{turn}"
        batch: list[Document] = [_demand(f"SO-{name}-{n}", chance) for n in range(6)]
        moves: list[Document] = [_sent(f"SO-{chance.randrange(PROCESSES)}-{turn}-1", name, chance)]
        moves.append(_level({"L1": 2, "L3": 3}, reference=name))
        status = chance.choice(("open", "closed"))
        moves.append(
            RecallOpened(recall_no="R-1", sku="STENT", lots=("L2",), reason="x", status=status, as_of=NOW + timedelta(turn))
        )
        for part in (batch, moves):
            messages = [first_message(document, source="test", raw_id=None, now=NOW) for document in part]
            while True:
                try:
                    with database.transaction() as tx:
                        archive.record_messages(tx, [archive.Routed(message) for message in messages])
                        handler.handle(messages, tx, NOW)
                    break
                except Transient:
                    again += 1
                    assert again < 500, "processes keep each other from working"
    database.close()
    return again


def test_many_processes_leave_books_that_add_up(database: Database, database_url: str) -> None:
    with database.transaction() as tx:
        first = _level(dict.fromkeys(LOTS, EACH), reference="first", mode="snapshot", hours=0)
        StockHandler().handle([first_message(first, source="test", raw_id=None, now=NOW)], tx, NOW)
    with ProcessPoolExecutor(PROCESSES, mp_context=multiprocessing.get_context("spawn")) as pool:
        for run in [pool.submit(work, database_url, process) for process in range(PROCESSES)]:
            run.result(timeout=PATIENCE)
    with database.reading(scans=True) as tx:
        assert [row.what for row in ledger.differences(tx, handlers=("stock",))] == []
    put_in = 3 * (3 * EACH + PROCESSES * TURNS * 5)
    taken_out = PROCESSES * TURNS * 2
    assert rows(database, "SELECT sum(on_hand) - sum(owed) FROM stock_lots") == [((put_in - taken_out) * 1_000_000,)]
    free_for_whom_waits = rows(
        database,
        "SELECT l.item FROM stock_lines l JOIN stock_orders o ON o.order_no = l.order_no JOIN stock_lots b ON b.item = l.item"
        " WHERE l.backordered > 0 AND o.soft_until IS NULL AND b.lot = 'L3' AND b.on_hand > b.reserved"
        " AND o.demand NOT LIKE '%allow_partial%'",
    )
    assert free_for_whom_waits == []
