"""The master property (domain 2.3): whatever order one order's messages come in, and however often, it ends the same."""

import random
from collections.abc import Sequence
from decimal import Decimal
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canonical.documents.base import Document
from canonical.documents.finance import InvoiceIssued, InvoiceLine, InvoiceTotals, PaymentAllocated
from canonical.documents.shipments import DeliveredLine, DeliveryConfirmed
from canonical.envelope import first_message
from canonical.handling import Outcome
from canonical.values import Money
from handlers.catalogue import Catalogue
from handlers.order.accounts import Accounts
from handlers.order.books import Books, Order
from handlers.order.handler import APPLY
from handlers.order.policies.settings import Policies
from store.database import Database, Transaction
from tests.handlers.golden import BUYER, DAY, PLACES, cancelled, d, dispatched, paid, placed, stocked, tracked
from tests.handlers.pump import NOW, Pump
from tests.handlers.reading import invoices, rows, state_of
from tests.support.examples import examples


def _invoice(shipment: str, gross: str) -> InvoiceIssued:
    return InvoiceIssued(
        invoice_no=f"INV-SO-1-{shipment}", order_no="SO-1", origin="shop-eu", channel="ecommerce", shipment_no=f"SO-1-{shipment}",
        issued_on=DAY.date(), due_on=DAY.date(), buyer=BUYER, currency="CNY",
        lines=tuple(
            InvoiceLine(order_no="SO-1", line_no=no, item="X", qty=d(qty), unit_price=d(1), net=d(1))
            for no, qty in PLACES[shipment].items()
        ),
        totals=InvoiceTotals(net=d(gross), tax=d(0), gross=d(gross)),
    )  # fmt: skip


def _allocated(ref: str, shipment: str, amount: str, still_open: str) -> PaymentAllocated:
    return PaymentAllocated(
        payment_ref=ref, invoice_no=f"INV-SO-1-{shipment}", order_no="SO-1", amount=Money(amount=d(amount), currency="CNY"),
        invoice_open=d(still_open),
    )  # fmt: skip


def _delivery(shipment: str, lines: dict[str, int]) -> DeliveryConfirmed:
    return DeliveryConfirmed(
        shipment_no=f"SO-1-{shipment}", delivered_at=DAY.replace(day=23), receiver="desk",
        lines=tuple(DeliveredLine(order_no="SO-1", line_no=no, qty_ok=d(qty)) for no, qty in lines.items()),
    )  # fmt: skip


G1 = (
    placed(), dispatched("S1"), dispatched("S2", day=22), tracked("S1", "in_transit", 8), tracked("S1", "delivered", 12),
    tracked("S1", "out_for_delivery", 13), tracked("S2", "picked_up", 8), tracked("S2", "delivered", 12),
    _invoice("S1", "1123.22"), _invoice("S2", "271.20"), _allocated("B-1", "S1", "1123.22", "0"),
    _allocated("B-1", "S2", "271.20", "0"),
)  # fmt: skip
CANCELLED_AFTER_S1 = (
    placed(), dispatched("S1"), cancelled(lines={"2": 1}), cancelled(reason="all_back"), tracked("S1", "delivered", 12),
    tracked("S1", "refused", 14), tracked("S1", "returned", 16), _invoice("S1", "1123.22"), _allocated("B-1", "S1", "1123.22", "0"),
)  # fmt: skip
SHORT_DELIVERY = (
    placed(), dispatched("S1"), dispatched("S2"), _delivery("S1", {"1": 9, "2": 1}), tracked("S1", "delivered", 9, day=23),
    tracked("S2", "exception", 9), tracked("S2", "delivered", 9, day=24), cancelled(lines={"1": 3}),
)  # fmt: skip


def books_of_no_database() -> Books:
    """Books of no database: nothing of these documents needs one."""
    settings = Policies()
    return Books(
        Outcome(), NOW, NOW.date(), Catalogue(), settings, Accounts(cast(Transaction, None), settings.credit.rate, NOW.date())
    )


def order_of(documents: Sequence[Document]) -> Order:
    """The order as it ends when its messages are applied as the handler does, parked ones again until none is left."""
    books = books_of_no_database()
    waiting = [first_message(document, source="shop-eu", raw_id="raw", now=NOW) for document in documents]
    while waiting:
        still = [message for message in waiting if APPLY[message.type](books, message) is not None]
        assert len(still) < len(waiting), "somebody waits for ever"
        waiting = still
    return books.orders["SO-1"]


@st.composite
def arrivals(draw: st.DrawFn, documents: tuple[Document, ...]) -> list[Document]:
    """All of the documents in any order, some of them again at any place."""
    again = draw(st.lists(st.sampled_from(documents), max_size=6))
    return draw(st.permutations([*documents, *again]))


@examples(1000)
@given(arrivals(G1))
def test_two_shipments_end_closed_whatever_comes_first(documents: list[Document]) -> None:
    state = order_of(documents).state
    assert (state.state, state.fulfilment, state.billing, state.payment) == ("closed", "delivered", "full", "paid")
    assert {no: (one.shipped, one.delivered, one.invoiced, one.open) for no, one in state.lines.items()} == {
        "1": (10, 10, 10, 0),
        "2": (3, 3, 3, 0),
    }
    assert state == order_of(G1).state


@examples(1000)
@given(arrivals(CANCELLED_AFTER_S1))
def test_a_cancellation_keeps_what_was_shipped_whatever_comes_first(documents: list[Document]) -> None:
    state = order_of(documents).state
    assert (state.state, state.fulfilment, state.billing, state.payment) == ("closed", "returned", "full", "paid")
    assert (state.lines["2"].cancelled, state.lines["2"].shipped, state.payable) == (2, 1, Decimal("1123.22"))
    assert state == order_of(CANCELLED_AFTER_S1).state


@examples(500)
@given(arrivals(SHORT_DELIVERY))
def test_the_receivers_count_wins_over_the_carriers_word_whatever_comes_first(documents: list[Document]) -> None:
    state = order_of(documents).state
    assert (state.fulfilment, state.lines["1"].delivered, state.lines["1"].cancelled) == ("part_delivered", 9, 0)
    assert state == order_of(SHORT_DELIVERY).state


def _story(order_no: str) -> list[Document]:
    return [
        placed(order_no), dispatched("S1", order_no), dispatched("S2", order_no, day=22),
        tracked("S1", "in_transit", 8, order_no), tracked("S1", "delivered", 12, order_no),
        tracked("S2", "delivered", 12, order_no), paid(f"B {order_no}", "1394.42", refs=(order_no,)),
    ]  # fmt: skip


@pytest.mark.slow
def test_g9_a_thousand_orders_in_a_thousand_orders_of_arrival_end_alike(database: Database) -> None:
    chance = random.Random(20261123)
    pump = Pump(database, batch=200, shuffle=chance)
    arriving: list[tuple[float, Document]] = []
    for number in range(1000):
        story = _story(f"SO-{number}")
        story += chance.choices(story, k=3)
        arriving += [(chance.random(), document) for document in (*story, stocked(f"SO-{number}"))]
    arriving.sort(key=lambda arrival: arrival[0])
    for start in range(0, len(arriving), 100):
        pump.take(*(document for _, document in arriving[start : start + 100]))
    assert not any(pump.parked.values())
    assert pump.conflicts == []
    states = {repr(state_of(database, f"SO-{number}")) for number in range(1000)}
    assert len(states) == 1
    assert rows(database, "SELECT DISTINCT state, fulfilment, billing, payment FROM orders") == [
        ("closed", "delivered", "full", "paid")
    ]
    assert invoices(database, "SO-7") == {"INV-SO-7-S1": (d("1123.22"), 0), "INV-SO-7-S2": (d("271.20"), 0)}
    assert rows(database, "SELECT count(*), sum(amount) FROM allocations") == [(2000, 139_442_000)]
    assert rows(database, "SELECT DISTINCT state FROM payments") == [("allocated",)]
    left = rows(database, "SELECT DISTINCT item LIKE '%NEEDLE', on_hand / 1000000, reserved FROM stock WHERE location = 'WH-1'")
    assert sorted((bool(needle), on_hand, reserved) for needle, on_hand, reserved in left) == [(False, 97, 0), (True, 90, 0)]
    assert rows(database, "SELECT count(*) FROM stock_lines WHERE reserved > 0 OR backordered > 0") == [(0,)]
