"""An order whose price is changed after its goods were billed: order, invoices and money agree again, whatever came first."""

import random
import tempfile
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canonical.documents.base import Document, is_a
from canonical.documents.finance import InvoiceIssued
from canonical.documents.order_changes import HeaderChange, LineOp, OrderChanged
from canonical.documents.returns import ReturnLine, ReturnReceived
from canonical.documents.settlement import BillingClosed, InvoiceDecided
from canonical.values import Money
from operations.decisions import decisions
from store.database import Database
from tests.handlers.golden import DAY, d, dispatched, level, line, paid, placed, stocked
from tests.handlers.pump import NOW, Pump
from tests.handlers.reading import axes, empty_database, ending_of, payment, rows, state_of, worth_billed
from tests.handlers.test_everything_in_any_order import arrivals
from tests.handlers.test_money_that_goes_back import returned_goods
from tests.handlers.trading import SKU, changed, dealer, known, order, prices, product, said
from tests.support.examples import examples

D = Decimal
S1, S2 = dispatched("S1", lines={"1": 3}, item=SKU), dispatched("S2", lines={"1": 2}, item=SKU, day=22)
BEGUN = (level("WH-1", {SKU: 20}), order(qty="5", channel="edi"))
"""Five needles at 100.00 without tax."""


def repriced(price: str, revision: int = 1, line_no: str = "1", order_no: str = "SO-1") -> OrderChanged:
    op = LineOp(op="update", line_no=line_no, unit_price=D(price))
    return OrderChanged(order_no=order_no, revision=revision, base_revision=revision - 1, line_ops=(op,))


def documents_of(database: Database) -> list[tuple[str, str, str | None, int]]:
    """(number, kind, number of the corrected one, gross in minor units)"""
    return [tuple(row) for row in rows(database, "SELECT invoice_no, kind, original_no, gross FROM invoices ORDER BY seq")]  # type: ignore[misc]


def test_a_lower_price_is_credited_and_what_was_paid_too_much_is_free_again(pump: Pump) -> None:
    pump.take_each(*BEGUN, S1, S2, paid("B-1", "500.00"))
    assert axes(pump.database) == ("closed", "shipped", "full", "paid")
    pump.take(repriced("90.00"))
    assert documents_of(pump.database)[2:] == [
        ("CN-SO-1-R1", "credit", "INV-SO-1-S1", 3_000), ("CN-SO-1-R1-2", "credit", "INV-SO-1-S2", 2_000),
    ]  # fmt: skip
    assert (state_of(pump.database).payable, worth_billed(pump.database)) == (D("450.00"), D("450.00"))
    assert axes(pump.database) == ("closed", "shipped", "full", "paid")
    assert payment(pump.database, "B-1") == ("part_allocated", D("50.00"), None)
    assert {one.reason for one in pump.of("payment.deallocated")} == {"credited"}
    assert pump.of("order.response")[-1].code == "AP"
    note = next(one for one in pump.of("invoice.issued") if one.invoice_no == "CN-SO-1-R1")
    (credited,) = note.lines
    assert (credited.qty, credited.net, note.totals.gross, note.references) == (
        3, D("30.00"), D("30.00"), {"correction": "price", "order_revision": "1"},
    )  # fmt: skip
    assert state_of(pump.database).lines["1"].credited == 0, "no goods came back"


def told_of_billed(pump: Pump) -> list[tuple[str | None, str | None, dict[str, str]]]:
    runs = decisions(pump.database, "SO-1").runs
    return [(one.line_no, one.code, one.inputs) for run in runs if run.step == "correct" for one in run.decisions]


def test_the_answer_to_a_change_of_a_billed_price_says_that_the_invoices_stay_as_they_are(pump: Pump) -> None:
    pump.take_each(*BEGUN, S1, repriced("90.00"))
    answer = pump.of("order.response")[-1]
    assert (answer.code, answer.reasons, [(one.code, one.reason) for one in answer.lines]) == (
        "AP", ("O_PRICE_BILLED",), [("accepted", "O_PRICE_BILLED")],
    )  # fmt: skip
    assert told_of_billed(pump) == [("1", "O_PRICE_BILLED", {"billed": "3", "before": "100", "now": "90"})]


def test_a_change_of_what_was_not_billed_or_of_no_price_says_nothing_of_the_kind(pump: Pump) -> None:
    pump.take_each(*BEGUN, repriced("90.00"), S1, changed("8", 2))
    assert (told_of_billed(pump), pump.of("order.response")[-1].reasons) == ([], ())


def test_a_discount_on_the_whole_of_a_billed_order_concerns_every_billed_line(pump: Pump) -> None:
    pump.take_each(stocked(), placed(channel="edi"), dispatched("S1"))
    pump.take(placed(channel="edi", discount="100.00", revision=1))
    assert [line_no for line_no, _, _ in told_of_billed(pump)] == ["1", "2"]
    assert [(number, gross) for number, _, _, gross in documents_of(pump.database)] == [
        ("INV-SO-1-S1", 112_322), ("CN-SO-1-R1", 9_102),
    ]  # fmt: skip


def test_a_higher_price_is_billed_by_a_further_invoice_that_money_for_the_first_settles_too(pump: Pump) -> None:
    pump.take_each(*BEGUN, S1, S2, paid("B-1", "500.00"), repriced("110.00"))
    assert documents_of(pump.database)[2:] == [
        ("INV-SO-1-S1-D1", "debit", "INV-SO-1-S1", 3_000), ("INV-SO-1-S2-D1", "debit", "INV-SO-1-S2", 2_000),
    ]  # fmt: skip
    state = state_of(pump.database)
    assert (state.payable, worth_billed(pump.database), state.owed, state.payment) == (D("550.00"), D("550.00"), D("50.00"), "part")
    further = next(one for one in pump.of("invoice.issued") if one.invoice_no == "INV-SO-1-S1-D1")
    assert (further.kind, further.original_invoice_no, further.totals.gross) == ("debit", "INV-SO-1-S1", D("30.00"))
    assert further.due_on is not None and (further.due_on - further.issued_on).days == 30
    pump.take(paid("B-2", "30.00", refs=("INV-SO-1-S1",)), paid("B-3", "20.00", refs=("INV-SO-1-S2-D1",)))
    assert axes(pump.database) == ("closed", "shipped", "full", "paid")
    assert [payment(pump.database, ref)[0] for ref in ("B-1", "B-2", "B-3")] == ["allocated"] * 3


def test_a_price_that_goes_up_and_down_takes_off_first_what_was_billed_in_addition(pump: Pump) -> None:
    pump.take_each(*BEGUN, S1, S2, repriced("110.00"), repriced("95.00", 2))
    assert [one[1:] for one in documents_of(pump.database)[4:]] == [
        ("credit", "INV-SO-1-S1-D1", 3_000), ("credit", "INV-SO-1-S1", 1_500),
        ("credit", "INV-SO-1-S2-D1", 2_000), ("credit", "INV-SO-1-S2", 1_000),
    ]  # fmt: skip
    assert worth_billed(pump.database) == state_of(pump.database).payable == D("475.00")
    pump.take(repriced("100.00", 3), paid("B-1", "500.00"))
    assert (axes(pump.database), worth_billed(pump.database)) == (("closed", "shipped", "full", "paid"), D("500.00"))


@pytest.mark.parametrize("at", range(4))
def test_goods_that_came_back_are_worth_the_new_price_as_well_whichever_came_first(pump: Pump, at: int) -> None:
    story: list[Document] = [S1, S2, returned_goods("RMA-1", {"1": 2})]
    story.insert(at, repriced("110.00"))
    pump.take_each(*BEGUN, *story, paid("B-1", "330.00"))
    total = "SELECT sum(CASE WHEN kind = 'credit' THEN -gross ELSE gross END) FROM invoices"
    assert rows(pump.database, total) == [(33_000,)]
    assert (state_of(pump.database).owed, axes(pump.database)) == (D(0), ("closed", "part_returned", "full", "paid"))


@pytest.mark.parametrize("price", ["80.00", "110.00"])
@pytest.mark.parametrize("late", [False, True])
def test_what_the_buyer_gets_back_for_returned_goods_stays_as_it_was_stated(pump: Pump, price: str, late: bool) -> None:
    back = ReturnReceived(
        rma_no="RMA-1", order_no="SO-1", returned_at=DAY, refund=Money(amount=D("105.00"), currency="CNY"),
        lines=(ReturnLine(line_no="1", item=SKU, qty=D(1)),),
    )  # fmt: skip
    pump.take_each(*BEGUN, S1, S2, *((back, repriced(price)) if late else (repriced(price), back)))
    total = "SELECT sum(CASE WHEN kind = 'credit' THEN -gross ELSE gross END) FROM invoices"
    assert rows(pump.database, total) == [({"80.00": 32_000, "110.00": 44_500}[price],)]


def test_all_goods_back_leave_nothing_of_a_corrected_order(pump: Pump) -> None:
    pump.take_each(stocked(), placed(discount="100.00"), dispatched("S1"), repriced("91.23", 1, "2"), dispatched("S2", day=22))
    pump.take_each(returned_goods("RMA-1", {"1": 3, "2": 1}), repriced("133.33", 2, "2"), returned_goods("RMA-2", {"1": 7, "2": 2}))
    assert rows(pump.database, "SELECT sum(CASE WHEN kind = 'credit' THEN -gross ELSE gross END) FROM invoices") == [(0,)]
    assert axes(pump.database)[2] == "credited"


def test_a_price_that_waits_for_approval_is_not_billed_before_that(pump: Pump) -> None:
    known(pump, product(), dealer(), prices(floor="95.00")).take(level("WH-1", {SKU: 20}), order(qty="5"), S1, source="portal")
    pump.take(repriced("90.00"), source="portal")
    assert axes(pump.database)[0] in ("approval", "on_hold")
    pump.take(S2)
    assert [one[1:] for one in documents_of(pump.database)] == [("normal", None, 30_000), ("normal", None, 20_000)]
    pump.take(said("reject", role="regional_manager"))
    assert (worth_billed(pump.database), state_of(pump.database).payable) == (D("500.00"), D("500.00"))


def test_drafts_of_a_collective_invoice_are_drawn_up_anew(pump: Pump) -> None:
    known(pump, product(), dealer(consolidated_invoices=True), prices()).take(level("WH-1", {SKU: 20}), source="portal")
    pump.take(order(qty="5"), S1, S2, source="portal")
    pump.take(repriced("99.00"), source="portal")
    assert state_of(pump.database).holds == ("P_MISMATCH",)
    assert [one[3] for one in documents_of(pump.database)] == [30_000, 20_000]
    pump.take(said("release", role="regional_manager"))
    assert [one[1:] for one in documents_of(pump.database)] == [("normal", None, 29_700), ("normal", None, 19_800)]
    month = BillingClosed(customer_no="D-1", currency="CNY", through=date(2026, 11, 30), closed_on=date(2026, 12, 1))
    pump.accept_for("invoice", month)
    issued = [one for one in pump.of("invoice.issued") if is_a(one, InvoiceIssued)]
    assert [(one.kind, one.totals.gross) for one in issued if one.order_no is None] == [("normal", D("495.00"))]
    assert worth_billed(pump.database) == state_of(pump.database).payable == D("495.00")


def test_a_discount_on_the_whole_order_counts_for_what_was_billed_too(pump: Pump) -> None:
    whole = placed(discount="40.00", revision=1, channel="edi")
    pump.take_each(stocked(), placed(discount="100.00", channel="edi"), dispatched("S1"), whole, dispatched("S2", day=22))
    assert worth_billed(pump.database) == state_of(pump.database).payable == whole.totals.payable  # type: ignore[union-attr]


def test_a_raise_after_the_first_invoice_needs_no_correction(pump: Pump) -> None:
    pump.take_each(stocked(), placed(lines=(line("1", "SO-1-NEEDLE", 10, "87.47"),)), dispatched("S1", lines={"1": 3}))
    for revision, qty in enumerate((7, 9, 4), 1):
        op = LineOp(op="update", line_no="1", qty={"value": d(qty), "uom": "EA"})  # type: ignore[arg-type]
        pump.take(OrderChanged(order_no="SO-1", revision=revision, line_ops=(op,)))
    assert [one[0] for one in documents_of(pump.database)] == ["INV-SO-1-S1"]


def test_people_credit_and_give_up_what_a_supplementary_invoice_bills_but_take_no_goods_off_it(pump: Pump) -> None:
    pump.take_each(*BEGUN, S1, S2, repriced("110.00"))
    number = "INV-SO-1-S1-D1"
    for seq, fields, problem in ((1, {"verdict": "void"}, True), (1, {"verdict": "credit", "amount": D("30.00")}, False)):
        decided = InvoiceDecided(invoice_no=number, seq=seq, actor="ada", reason="x", decided_at=NOW, **fields)  # type: ignore[arg-type]
        if problem:
            with pytest.raises(Exception, match="supplementary"):
                pump.accept_for("invoice", decided)
        else:
            pump.accept_for("invoice", decided)
    assert rows(pump.database, "SELECT state, credited FROM invoices WHERE invoice_no = :no", no=number) == [("credited", 3_000)]
    assert rows(pump.database, "SELECT count(*) FROM invoices") == [(5,)], "what a person gave stays given"


STORY: tuple[Document, ...] = (
    stocked(), placed(), repriced("80.33"), repriced("97.77", 2), repriced("110.11", 3, "2"),
    OrderChanged(order_no="SO-1", revision=4, base_revision=3, header=HeaderChange(remarks="urgent")),
    dispatched("S1"), dispatched("S2", day=22), returned_goods("RMA-1", {"1": 2, "2": 1}), paid("B-1", "900.00"),
    paid("B-2", "300.00", refs=("INV-SO-1-S1",), day=23),
)  # fmt: skip


def end_of(documents: Sequence[Document], batch: int = 1, seed: int | None = None) -> tuple[dict[str, Any], Decimal, Decimal]:
    """The state, what is owed, and what all invoices come to less all credit notes."""
    with tempfile.TemporaryDirectory() as folder:
        database = empty_database(folder)
        pump = Pump(database, batch=batch, shuffle=None if seed is None else random.Random(seed))
        for document in documents:
            pump.take(document)
        assert pump.conflicts == []
        ((total,),) = rows(database, "SELECT sum(CASE WHEN kind = 'credit' THEN -gross ELSE gross END) FROM invoices")
        ended = ending_of(database), state_of(database).owed, D(total) / 100
        database.close()
    return ended


@examples(60)
@given(arrivals(STORY), st.sampled_from([1, 3, 50]), st.integers(0, 99))
def test_repriced_shipped_returned_and_paid_in_any_order_it_ends_the_same(documents: list[Document], batch: int, seed: int) -> None:
    (ended, *amounts), (expected, *known_amounts) = end_of(documents, batch, seed), end_of(STORY)
    assert ended == expected
    apart = [abs(one - other) for one, other in zip(amounts, known_amounts, strict=True)]
    assert max(apart) <= D("0.02"), "the cent depends on which invoice the goods are credited of"
