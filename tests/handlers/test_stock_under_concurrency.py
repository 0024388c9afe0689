"""Several writers reserve, ship and recount the same items at once: never more than there is, nobody waits for ever."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from canonical.documents.base import Document
from canonical.documents.order_answers import ConfirmedLine, OrderConfirmed
from canonical.envelope import Message, first_message
from canonical.failures import Transient
from canonical.values import Quantity
from handlers.stock.handler import StockHandler
from store import archive
from store.database import Database
from tests.handlers.golden import BUYER, d, level
from tests.handlers.pump import NOW
from tests.handlers.reading import rows
from tests.support.waiting import PATIENCE

ITEMS = [f"ITEM-{number}" for number in range(12)]
EACH = 40
WRITERS = 4
AS_OF = datetime(2026, 11, 20, tzinfo=UTC)


def _message(document: Document) -> Message:
    return first_message(document, source="test", raw_id="raw", now=NOW)


def _confirmed(order_no: str, chance: random.Random) -> OrderConfirmed:
    wanted = chance.sample(ITEMS, 3)
    lines = tuple(
        ConfirmedLine(line_no=str(number), item=item, qty=Quantity(value=d(chance.randint(1, 4))))
        for number, item in enumerate(wanted)
    )
    return OrderConfirmed(
        order_no=order_no, origin="shop-eu", channel="ecommerce", allow_partial=chance.random() < 0.7, ship_to=BUYER, lines=lines,
        priority=chance.randint(1, 5),
    )  # fmt: skip


def _work(database: Database, writer: int, start: threading.Barrier) -> int:
    """Ten batches of orders, with goods coming in between; how often the stock had changed under our hands."""
    chance, handler, again = random.Random(writer), StockHandler(), 0
    start.wait()
    for turn in range(10):
        batch = [_message(_confirmed(f"SO-{writer}-{turn}-{n}", chance)) for n in range(8)]
        more = level("WH-1", {item: 3 for item in ITEMS}, mode="delta", reference=f"in-{writer}-{turn}", at=NOW)
        for part in (batch, [_message(more)]):
            while True:
                try:
                    with database.transaction() as tx:
                        archive.record_messages(tx, [archive.Routed(message) for message in part])
                        handler.handle(part, tx, NOW)
                    break
                except Transient:
                    again += 1
                    assert again < 200, "writers keep each other from working"
    return again


def test_concurrent_writers_never_reserve_more_than_there_is_and_leave_nobody_waiting_for_free_goods(database: Database) -> None:
    with database.transaction() as tx:
        StockHandler().handle([_message(level("WH-1", {item: EACH for item in ITEMS}, at=AS_OF))], tx, NOW)
    start = threading.Barrier(WRITERS)
    with ThreadPoolExecutor(WRITERS) as pool:
        runs = [pool.submit(_work, database, writer, start) for writer in range(WRITERS)]
        for run in runs:
            run.result(timeout=PATIENCE)
    stock = {item: (on_hand, reserved) for item, on_hand, reserved in rows(
        database, "SELECT item, on_hand, reserved FROM stock WHERE location = 'WH-1'")}  # fmt: skip
    assert {on_hand for on_hand, _ in stock.values()} == {(EACH + 3 * 10 * WRITERS) * 1_000_000}
    lines = dict(rows(database, "SELECT item, sum(reserved) FROM stock_lines GROUP BY item"))
    assert {item: reserved for item, (_, reserved) in stock.items()} == lines
    assert rows(database, "SELECT count(*) FROM stock_orders") == [(WRITERS * 80,)]
    partly = rows(
        database,
        "SELECT l.item FROM stock_lines l JOIN stock s ON s.item = l.item AND s.location = 'WH-1'"
        " JOIN stock_orders o ON o.order_no = l.order_no"
        " WHERE l.backordered > 0 AND s.on_hand > s.reserved AND o.demand NOT LIKE '%allow_partial%'",
    )
    assert partly == []


def test_an_order_and_the_first_report_of_its_item_find_each_other(database: Database) -> None:
    for round_no in range(15):
        item, order_no = f"NEW-{round_no}", f"SO-{round_no}"
        wanted = OrderConfirmed(
            order_no=order_no, origin="shop-eu", channel="ecommerce", ship_to=BUYER,
            lines=(ConfirmedLine(line_no="1", item=item, qty=Quantity(value=d(2))),),
        )  # fmt: skip
        documents = [wanted, level("WH-1", {item: 5}, reference=f"first-{round_no}", at=AS_OF)]
        start = threading.Barrier(2)
        with ThreadPoolExecutor(2) as pool:
            for run in [pool.submit(_once, database, _message(document), start) for document in documents]:
                run.result(timeout=PATIENCE)
        assert rows(database, "SELECT reserved FROM stock_lines WHERE order_no = :no", no=order_no) == [(2_000_000,)]


def _once(database: Database, message: Message, start: threading.Barrier) -> None:
    start.wait()
    while True:
        try:
            with database.transaction() as tx:
                archive.record_messages(tx, [archive.Routed(message)])
                StockHandler().handle([message], tx, NOW)
            return
        except Transient:
            continue
