"""Several writers bill, pay, give back and take back for the same orders at once: the books end as if one had done it."""

import random
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from canonical.documents.base import Document
from canonical.documents.returns import ReturnReceived
from canonical.documents.shipments import ShipmentDispatched
from canonical.envelope import Message, first_message
from canonical.failures import Transient
from handlers.invoice.handler import InvoiceHandler
from store.database import Database
from tests.handlers.golden import dispatched, paid
from tests.handlers.pump import NOW, Pump
from tests.handlers.reading import rows
from tests.handlers.test_money_in_any_order import LEDGER, SHIPMENTS, _order, balances, emptied
from tests.handlers.test_money_that_goes_back import returned_goods, reversed_payment
from tests.support.waiting import PATIENCE

WRITERS = 4
ORDERS = tuple(f"SO-{letter}" for letter in "ABCDEF")


def _facts(chance: random.Random) -> list[Document]:
    found: list[Document] = []
    for number, order_no in enumerate(ORDERS):
        found += [dispatched(name, order_no, lines=lines, day=21 + day, item="X")
                  for day, (name, lines) in enumerate(SHIPMENTS.items())]  # fmt: skip
        refs = (order_no, ORDERS[(number + 1) % len(ORDERS)])
        found += [paid(f"P-{order_no}-{n}", f"{chance.randint(100, 900)}.00", refs=refs, day=20 + n) for n in range(3)]
        found.append(reversed_payment(f"V-{order_no}", f"{chance.randint(1, 99)}.00", f"P-{order_no}-1"))
        found.append(returned_goods(f"R-{order_no}", {"1": 2}, order_no, shipment_no=f"{order_no}-S1"))
    return found


def _work(database: Database, messages: Sequence[Message], start: threading.Barrier) -> list[Message]:
    """Handle each message in a transaction of its own, again while others are in the way; those that still wait."""
    handler, waiting = InvoiceHandler(), []
    start.wait()
    for message in messages:
        for _ in range(200):
            try:
                with database.transaction() as tx:
                    waiting += [parked.message for parked in handler.handle([message], tx, NOW).parked]
                break
            except Transient:
                continue
        else:
            raise AssertionError("writers keep each other from working")
    return waiting


def _ends_in(database: Database, documents: Sequence[Document], writers: int) -> list[list[tuple[object, ...]]]:
    pump = Pump(database, batch=10)
    pump.take(*(_order(order_no) for order_no in ORDERS))
    pump.accept_for("order", *(one for one in documents if isinstance(one, ShipmentDispatched | ReturnReceived)))
    messages = [first_message(document, source="test", raw_id=None, now=NOW) for document in documents]
    while messages:
        start = threading.Barrier(writers)
        with ThreadPoolExecutor(writers) as pool:
            runs = [pool.submit(_work, database, messages[n::writers], start) for n in range(writers)]
            still = [message for run in runs for message in run.result(timeout=PATIENCE)]
        assert len(still) < len(messages)
        messages = still
    balances(database)
    return [rows(database, sql) for sql in LEDGER]


def test_concurrent_writers_end_in_the_books_that_one_would_keep(database: Database) -> None:
    chance = random.Random(7)
    documents = _facts(chance)
    chance.shuffle(documents)
    at_once = _ends_in(database, documents, WRITERS)
    emptied(database)
    assert at_once == _ends_in(database, sorted(documents, key=lambda d: d.message_type, reverse=True), 1)
