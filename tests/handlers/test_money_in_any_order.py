"""The ledger commutes: dispatches, payments, reversals, refunds and returns in any order, and repeated, end in the same books."""

import random
from collections.abc import Sequence
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from canonical.documents.base import Document
from store.database import Database
from store.tables import metadata
from tests.handlers.golden import dispatched, line, paid, placed
from tests.handlers.pump import Pump
from tests.handlers.reading import rows
from tests.handlers.test_money_that_goes_back import refunded_payment, returned_goods, reversed_payment

SHIPMENTS = {"S1": {"1": 4}, "S2": {"1": 3, "2": 1}, "S3": {"1": 3, "2": 1}}
ORDERS = ("SO-A", "SO-B", "SO-C")
LEDGER = (
    "SELECT invoice_no, state, gross, credited, allocated FROM invoices WHERE kind = 'normal' ORDER BY 1",
    "SELECT original_no, count(*), sum(gross) FROM invoices WHERE kind = 'credit' GROUP BY 1 ORDER BY 1",
    "SELECT payment_ref, state, allocated, returned, deposited, reason FROM payments ORDER BY 1",
    "SELECT payment_ref, invoice_no, amount FROM allocations WHERE amount > 0 ORDER BY 1, 2",
)


def _order(order_no: str) -> Document:
    return placed(order_no, lines=(line("1", "X", 10, "100.00"), line("2", "Y", 2, "50.00")))


@st.composite
def facts(draw: st.DrawFn) -> list[Document]:
    """Up to three orders with shipments, payments for any of them, and what goes back of both."""
    orders = draw(st.lists(st.sampled_from(ORDERS), min_size=1, max_size=3, unique=True))
    found: list[Document] = [_order(order_no) for order_no in orders]
    names = list(orders)
    for order_no in orders:
        for shipment, lines in SHIPMENTS.items():
            found.append(dispatched(shipment, order_no, lines=lines, day=draw(st.integers(20, 24)), item="X"))
            names.append(f"INV-{order_no}-{shipment}")
            back = draw(st.integers(0, 3))
            if back:
                found.append(
                    returned_goods(f"R-{order_no}-{shipment}", {"1": back}, order_no, shipment_no=f"{order_no}-{shipment}")
                )
    for number in range(draw(st.integers(0, 5))):
        refs = tuple(draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True)))
        amount = draw(st.integers(1, 1600))
        found.append(paid(f"P-{number}", f"{amount}.00", refs=refs, day=draw(st.integers(20, 24))))
        for kind, prefix in ((reversed_payment, "V"), (refunded_payment, "F")):
            if draw(st.integers(0, 3)) == 0:
                found.append(kind(f"{prefix}-{number}", f"{draw(st.integers(1, amount))}.00", f"P-{number}"))
    return found


def _ends_in(database: Database, documents: Sequence[Document], batch: int) -> list[list[tuple[Any, ...]]]:
    """The books after these documents, from empty tables on."""
    emptied(database)
    pump = Pump(database, batch=batch)
    pump.take(*documents)
    assert not any(pump.parked.values())
    assert pump.conflicts == []
    balances(database)
    return [rows(database, sql) for sql in LEDGER]


def emptied(database: Database) -> None:
    with database.transaction() as tx:
        for table in metadata.sorted_tables:
            if table.name != "audit":
                tx.run(f"DELETE FROM {table.name}")


def balances(database: Database) -> None:
    """Nothing is given out that was not paid or is not owed, in one currency, and every sum agrees."""
    wrong = (
        "SELECT p.payment_ref FROM payments p WHERE allocated > 0 AND allocated > amount - fee - returned",
        "SELECT invoice_no FROM invoices WHERE kind = 'normal' AND allocated > gross - credited - written_off",
        "SELECT i.invoice_no FROM invoices i WHERE allocated <>"
        " (SELECT coalesce(sum(amount), 0) FROM allocations a WHERE a.invoice_no = i.invoice_no)",
        "SELECT p.payment_ref FROM payments p WHERE allocated <>"
        " (SELECT coalesce(sum(amount), 0) FROM allocations a WHERE a.payment_ref = p.payment_ref)",
        "SELECT i.invoice_no FROM invoices i WHERE kind = 'normal' AND credited <>"
        " (SELECT coalesce(sum(gross), 0) FROM invoices c WHERE c.original_no = i.invoice_no)",
    )
    assert [rows(database, sql) for sql in wrong] == [[]] * len(wrong)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(facts(), st.randoms(use_true_random=False), st.integers(1, 40))
def test_any_order_of_arrival_ends_in_the_same_books(
    database: Database, documents: list[Document], chance: random.Random, batch: int
) -> None:
    shuffled = [*documents, *chance.choices(documents, k=4)]
    chance.shuffle(shuffled)
    assert _ends_in(database, shuffled, batch) == _ends_in(database, documents, 200)
