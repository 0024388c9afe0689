"""Several invoice handlers bill one order at the moment its prices change: what they bill together is what it is worth."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from canonical.documents.base import Document
from canonical.envelope import caused_message, first_message
from canonical.failures import Transient
from canonical.handling import Outcome
from handlers.invoice.handler import InvoiceHandler
from handlers.order.handler import OrderHandler
from store.database import Database
from tests.handlers.golden import d, dispatched, placed, stocked
from tests.handlers.pump import ANYBODY, NOW, Pump
from tests.handlers.reading import rows, state_of, worth_billed
from tests.handlers.test_prices_changed_after_billing import repriced

ROUNDS = 3
PARTS = {"S1": {"1": 3, "2": 1}, "S2": {"1": 4, "2": 1}, "S3": {"1": 3, "2": 1}}


def _work(database: Database, handler: Any, documents: Sequence[Document], start: threading.Barrier) -> list[Outcome]:
    """Each document in a transaction of its own, again while others are in the way."""
    done = []
    start.wait()
    for document in documents:
        message = first_message(document, source="shop-eu", raw_id="raw", now=NOW)
        for _ in range(100):
            try:
                with database.transaction() as tx:
                    done.append(handler.handle([message], tx, NOW))
                break
            except Transient:
                continue
        else:
            raise AssertionError("writers keep each other from working")
    return done


def _at_once(database: Database, work: Sequence[tuple[Any, Sequence[Document]]]) -> list[Outcome]:
    start = threading.Barrier(len(work))
    with ThreadPoolExecutor(len(work)) as pool:
        runs = [pool.submit(_work, database, handler, documents, start) for handler, documents in work]
        return [outcome for run in runs for outcome in run.result(timeout=60)]


def test_invoices_issued_while_prices_change_come_to_what_the_order_is_worth(database: Database) -> None:
    for turn in range(ROUNDS):
        order_no, pump = f"SO-{turn}", Pump(database)
        pump.take(stocked(order_no), placed(order_no))
        leaving = [dispatched(name, order_no, lines=lines, day=20 + day) for day, (name, lines) in enumerate(PARTS.items(), 1)]
        prices = [repriced(price, number, order_no=order_no) for number, price in enumerate(("80.05", "91.11", "83.33"), 1)]
        invoicing = [(InvoiceHandler(), [one]) for one in leaving]
        outcomes = _at_once(database, [*invoicing, (OrderHandler(ANYBODY), prices)])
        for outcome in outcomes:
            pump.accept([caused_message(one.document, one.cause, source="hub", now=NOW) for one in outcome.emitted])
        pump.accept_for("order", *leaving)
        pump.run()
        assert worth_billed(database, order_no) == state_of(database, order_no).payable == d("1348.43")  # (833.30 + 360.00) x 1.13
        assert state_of(database, order_no).owed == d("1348.43")
        kinds = rows(database, "SELECT count(*) FROM invoices WHERE order_no = :no AND kind = 'normal'", no=order_no)
        assert kinds == [(3,)]
