"""Handler processes that race for one credit account, one stock row and one lot: one wins each time, the others get their code."""

import multiprocessing
from collections import Counter
from collections.abc import Callable
from datetime import date
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from typing import cast

import pytest

from canonical.documents.base import Document
from canonical.documents.decisions import OrderHeld
from canonical.documents.order_answers import ConfirmedLine, OrderConfirmed
from canonical.documents.stock import StockBackordered, StockItem, StockLevel
from canonical.envelope import first_message
from canonical.failures import Transient
from canonical.handling import Outcome
from canonical.values import Quantity
from handlers.order.handler import OrderHandler
from handlers.stock.handler import StockHandler
from store import ledger
from store.database import Database, open_database
from tests.handlers.golden import BUYER, DAY, d
from tests.handlers.pump import NOW, Pump
from tests.handlers.reading import rows
from tests.handlers.trading import dealer, known, order, prices, product
from tests.support.waiting import PATIENCE

PROCESSES, ROUNDS = 4, 8


def credit_wanted(number: int, process: int) -> Document:
    """An order of 60.00 against the limit of 100.00 of the round's dealer."""
    return order(f"SO-{number}-{process}", price="60.00", buyer=f"D-{number}")


def goods_wanted(number: int, process: int) -> Document:
    """Eight of the ten of the round's goods, or none."""
    line = ConfirmedLine(line_no="1", item=f"ITEM-{number}", qty=Quantity(value=d(8)))
    return OrderConfirmed(
        order_no=f"SO-{number}-{process}", origin="shop-eu", channel="ecommerce", allow_partial=False, ship_to=BUYER, lines=(line,)
    )


def ten_of_each(lot: str | None) -> list[Document]:
    items = (StockItem(item=f"ITEM-{n}", on_hand=d(10), lot=lot, expiry=date(2028, 1, 1) if lot else None) for n in range(ROUNDS))
    return [StockLevel(location="WH-1", as_of=DAY, mode="snapshot", reference="count", items=tuple(items))]


RACES: dict[str, tuple[Callable[[int, int], Document], str, str, str]] = {
    "credit account": (credit_wanted, "portal", "order.confirmed", "K_LIMIT"),
    "stock row": (goods_wanted, "shop-eu", "stock.reserved", "S_SHORT"),
    "lot": (goods_wanted, "shop-eu", "stock.reserved", "S_SHORT"),
}
"""(what each process asks for in a round, through which endpoint, what the winner hears, the code of the others)"""


def _answers(outcome: Outcome) -> set[str]:
    """What was told: its type, or the code that came with it."""
    found: set[str] = set()
    for document in (emitted.document for emitted in outcome.emitted):
        if document.message_type == OrderHeld.message_type:
            found |= set(cast(OrderHeld, document).codes)
        elif document.message_type == StockBackordered.message_type:
            found |= {line.code or "" for line in cast(StockBackordered, document).lines}
        else:
            found.add(document.message_type)
    return found


def race(url: str, what: str, process: int, start: Barrier, told: "Queue[list[tuple[int, list[str]]]]") -> None:
    database, wanted, source = open_database(url, pool_size=1), *RACES[what][:2]
    handler = OrderHandler() if what == "credit account" else StockHandler()
    answers = []
    for number in range(ROUNDS):
        message = first_message(wanted(number, process), source=source, raw_id="raw", now=NOW)
        start.wait(timeout=PATIENCE)
        for _ in range(500):
            try:
                with database.transaction() as tx:
                    outcome = handler.handle([message], tx, NOW)
                break
            except Transient:
                continue
        else:
            raise AssertionError("processes keep each other from working")
        answers.append((number, sorted(_answers(outcome))))
    told.put(answers)
    database.close()


@pytest.mark.slow
@pytest.mark.parametrize("what", RACES)
def test_of_several_processes_exactly_one_wins_and_the_others_get_their_code(
    database: Database, database_url: str, what: str
) -> None:
    if what == "credit account":
        known(Pump(database), product(), *(dealer(f"D-{n}", limit="100") for n in range(ROUNDS)), prices("60.00"))
    else:
        Pump(database).take(*ten_of_each("L1" if what == "lot" else None))
    context = multiprocessing.get_context("spawn")
    start, told = context.Barrier(PROCESSES), context.Queue()
    runs = [context.Process(target=race, args=(database_url, what, number, start, told)) for number in range(PROCESSES)]
    for run in runs:
        run.start()
    answers = [answer for _ in runs for answer in told.get(timeout=PATIENCE)]
    for run in runs:
        run.join(timeout=PATIENCE)
    _, _, won, code = RACES[what]
    for number in range(ROUNDS):
        heard = Counter(word for turn, words in answers if turn == number for word in words if word in (won, code))
        assert heard == {won: 1, code: PROCESSES - 1}
    with database.reading(scans=True) as tx:
        assert [row.what for row in ledger.differences(tx, handlers=("stock", "order"))] == []
    if what == "credit account":
        assert rows(database, "SELECT DISTINCT exposure FROM credit_accounts") == [(6000,)]
    else:
        table = "stock_lots" if what == "lot" else "stock"
        assert rows(database, f"SELECT DISTINCT reserved FROM {table} WHERE reserved > 0") == [(8_000_000,)]
