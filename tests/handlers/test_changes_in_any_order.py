"""Whatever a buyer asks of an order by differences, newer copies and cancellations, and whatever leaves and is billed meanwhile:
in any order of arrival, with repeats, the same is in force, and the same is refused of every revision."""

import random
import tempfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import asdict

from canonical.documents.base import Document
from canonical.documents.finance import InvoiceIssued, InvoiceLine, InvoiceTotals
from canonical.documents.order_changes import HeaderChange, LineOp, LineQty, OrderCancelled, OrderChanged
from canonical.documents.orders import OrderPlaced
from canonical.values import Quantity
from handlers.order.books import Order
from handlers.order.editing import content
from tests.handlers.golden import BUYER, DAY, cancelled, d, dispatched, line, paid, placed, stocked
from tests.handlers.pump import Pump
from tests.handlers.reading import empty_database, revisions_of, state_of, worth_billed
from tests.handlers.test_any_order_of_arrival import order_of
from tests.handlers.test_everything_in_any_order import arrivals
from tests.support.examples import examples

QUANTITIES = st.integers(1, 12)
PRICES = st.sampled_from(["87.40", "80.00", "90.00"])
LINES = st.sampled_from(["1", "2", "3"])
HOURS = st.integers(0, 6)


def at(hour: int) -> datetime:
    return DAY + timedelta(hours=hour)


def quantity(qty: int) -> Quantity:
    return Quantity(value=d(qty))


OPS = st.one_of(
    st.builds(lambda no, qty: LineOp(op="update", line_no=no, qty=quantity(qty)), LINES, QUANTITIES),
    st.builds(lambda no, price: LineOp(op="update", line_no=no, unit_price=d(price)), LINES, PRICES),
    st.builds(lambda no: LineOp(op="delete", line_no=no), LINES),
    st.builds(
        lambda no, qty, price: LineOp(op="add", line_no=no, sku=f"X-{no}", qty=quantity(qty), unit_price=d(price)),
        LINES, QUANTITIES, PRICES,
    ),
)  # fmt: skip
COPIES = st.dictionaries(LINES, st.tuples(QUANTITIES, PRICES), min_size=1)


@st.composite
def changes(draw: st.DrawFn, revision: int) -> OrderChanged | OrderPlaced:
    """One revision: some differences, another header, or the whole order again."""
    kind = draw(st.sampled_from(["ops", "ops", "ops", "header", "copy"]))
    if kind == "copy":
        return copy(revision, draw(COPIES))
    header = HeaderChange(remarks=f"revision {revision}") if kind == "header" else None
    ops = tuple(draw(st.lists(OPS, min_size=1, max_size=2))) if kind == "ops" else ()
    return OrderChanged(order_no="SO-1", revision=revision, changed_at=at(draw(HOURS)), line_ops=ops, header=header)


def copy(revision: int, lines: dict[str, tuple[int, str]]) -> OrderPlaced:
    return placed(
        revision=revision, channel="edi", lines=tuple(line(no, f"X-{no}", qty, price) for no, (qty, price) in sorted(lines.items()))
    )


def invoice(number: int, lines: dict[str, tuple[int, str]]) -> InvoiceIssued:
    return InvoiceIssued(
        invoice_no=f"INV-{number}", order_no="SO-1", origin="shop-eu", channel="edi", shipment_no=f"SO-1-S{number}",
        issued_on=DAY.date(), due_on=DAY.date(), buyer=BUYER, currency="CNY",
        lines=tuple(
            InvoiceLine(order_no="SO-1", line_no=no, item="X", qty=d(qty), unit_price=d(price), net=d(qty) * d(price))
            for no, (qty, price) in lines.items()
        ),
        totals=InvoiceTotals(net=d(1), tax=d(0), gross=d(1)),
    )  # fmt: skip


@st.composite
def cancellations(draw: st.DrawFn) -> OrderCancelled:
    lines = draw(st.one_of(st.just({}), st.just({"1": 10, "2": 3}), st.dictionaries(LINES, QUANTITIES, min_size=1)))
    return OrderCancelled(
        order_no="SO-1", reason_code="changed_mind", requested_by="buyer", cancelled_at=at(draw(HOURS)),
        lines=tuple(LineQty(line_no=no, qty=d(qty)) for no, qty in lines.items()),
    )  # fmt: skip


@st.composite
def stories(draw: st.DrawFn) -> list[Document]:
    """Everything that happens to one order."""
    told: list[Document] = [copy(0, {"1": (10, "87.40"), "2": (3, "80.00")})]
    told += [draw(changes(revision)) for revision in range(1, draw(st.integers(1, 4)) + 1)]
    told += draw(st.lists(cancellations(), max_size=2, unique_by=lambda one: one.identity()))
    left = draw(st.lists(st.dictionaries(LINES, QUANTITIES, min_size=1), max_size=2))
    told += [dispatched(f"S{number}", lines=lines, item="X") for number, lines in enumerate(left, 1)]
    billed = draw(st.lists(COPIES, max_size=2))
    return told + [invoice(number, lines) for number, lines in enumerate(billed, 1)]


def verdicts_of(order: Order) -> dict[str, Any]:
    """{revision: what is refused of it, and whether all of it is}"""
    judged = [one for one in order.facts.revisions if "told" in one]
    return {f"{one['revision']} {'placed' in one}": (one["told"], one.get("idle", False)) for one in judged if one["told"]}


def ending(documents: Sequence[Document]) -> dict[str, Any]:
    order = order_of(documents)
    return {
        "state": asdict(order.state), "document": content(order.document), "remarks": order.document.remarks,
        "revision": order.revision, "verdicts": verdicts_of(order), "wanted": order.facts.wanted,
    }  # fmt: skip


@examples(400)
@given(stories(), st.integers(0, 999))
def test_changed_copied_cancelled_shipped_and_billed_it_ends_the_same(documents: list[Document], seed: int) -> None:
    chance = random.Random(seed)
    mixed = [*documents, *chance.choices(documents, k=3)]
    chance.shuffle(mixed)
    assert ending(mixed) == ending(documents)


def repriced(revision: int, price: str, line_no: str = "1") -> OrderChanged:
    return OrderChanged(
        order_no="SO-1", revision=revision, line_ops=(LineOp(op="update", line_no=line_no, unit_price=d(price)),)
    )  # fmt: skip


PRICED: tuple[Document, ...] = (
    stocked(), placed(), repriced(1, "80.00"), repriced(2, "90.00"), repriced(3, "110.00", "2"), dispatched("S1"),
    dispatched("S2", day=22), cancelled(lines={"1": 2}), paid("B-1", "1000.00"),
)  # fmt: skip


@examples(60)
@given(arrivals(PRICED), st.sampled_from([1, 3, 50]), st.integers(0, 99))
def test_prices_that_change_before_and_after_they_are_billed_end_the_same_and_order_and_invoices_agree(
    documents: list[Document], batch: int, seed: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = empty_database(folder)
        pump = Pump(database, batch=batch, shuffle=random.Random(seed))
        for document in documents:
            pump.take(document)
        state = state_of(database)
        assert worth_billed(database) == state.payable == d("1389.90")  # (10 x 90.00 + 3 x 110.00) x 1.13
        assert (state.money.paid, state.money.balance, state.owed) == (d("1000.00"), d("389.90"), d("389.90"))
        assert [one["told"] for one in revisions_of(database)[1:]] == [{}, {}, {}]
        assert pump.conflicts == []
        database.close()
