"""Reversals, refunds and returned goods: what was settled is open again, what was billed is credited, and the sums agree."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from canonical.documents.finance import PaymentRefunded, PaymentReversed
from canonical.documents.returns import ReturnLine, ReturnReceived
from canonical.envelope import first_message
from canonical.values import LotRef, Money
from handlers.invoice.handler import InvoiceHandler
from operations import money
from store.money_lists import PaymentFilter
from tests.handlers.golden import DAY, d, dispatched, line, paid, placed, stocked
from tests.handlers.pump import NOW, Pump
from tests.handlers.reading import axes, invoices, payment, rows

D = Decimal


def reversed_payment(ref: str, amount: str, original: str = "B-1", currency: str = "CNY") -> PaymentReversed:
    return PaymentReversed(
        refund_ref=ref, original_ref=original, value_date=date(2026, 11, 25), amount=Money(amount=d(amount), currency=currency),
        reason="returned by the bank",
    )  # fmt: skip


def refunded_payment(ref: str, amount: str, original: str = "B-1") -> PaymentRefunded:
    return PaymentRefunded(
        refund_ref=ref, original_ref=original, value_date=date(2026, 11, 26), amount=Money(amount=d(amount), currency="CNY"),
        reason="goods returned",
    )  # fmt: skip


def returned_goods(rma: str, lines: dict[str, int], order_no: str | None = "SO-1", **more: Any) -> ReturnReceived:
    return ReturnReceived(
        rma_no=rma, order_no=order_no, returned_at=DAY.replace(day=24),
        lines=tuple(ReturnLine(line_no=no, item="X", qty=d(qty)) for no, qty in lines.items()), **more,
    )  # fmt: skip


def _both_paid(pump: Pump) -> None:
    pump.take(stocked(), placed(), dispatched("S1"), dispatched("S2", day=22), paid("B-1", "1394.42"))


def test_a_reversed_payment_leaves_its_invoices_open_again(pump: Pump) -> None:
    _both_paid(pump)
    pump.take(reversed_payment("R-1", "1394.42"))
    assert invoices(pump.database) == {"INV-SO-1-S1": (D("1123.22"), D("1123.22")), "INV-SO-1-S2": (D("271.20"), D("271.20"))}
    assert rows(pump.database, "SELECT state, allocated, returned FROM payments") == [("returned", 0, 139_442)]
    undone = pump.of("payment.deallocated")
    assert [(u.invoice_no, u.amount.amount, u.invoice_open, u.reason, u.seq) for u in undone] == [
        ("INV-SO-1-S1", D("1123.22"), D("1123.22"), "reversed", 1), ("INV-SO-1-S2", D("271.20"), D("271.20"), "reversed", 1),
    ]  # fmt: skip


def test_money_that_went_back_twice_says_so(pump: Pump) -> None:
    _both_paid(pump)
    pump.take(refunded_payment("F-1", "1394.42"))
    assert rows(pump.database, "SELECT state, reason FROM payments") == [("returned", None)]
    pump.take(reversed_payment("R-1", "0.01"))
    assert rows(pump.database, "SELECT state, reason, returned FROM payments") == [("returned", "returned_too_much", 139_443)]
    assert money.payments(pump.database, PaymentFilter(reason="returned_too_much")).items[0].returned == D("1394.43")


@pytest.mark.parametrize("sums", [("10.00", "25.00"), ("25.00", "10.00"), ("25.00", "25.00")])
def test_of_refunds_told_as_the_sum_so_far_only_what_is_new_counts(pump: Pump, sums: tuple[str, str]) -> None:
    _both_paid(pump)
    pump.take(*(refunded_payment(f"F-{no}", told).model_copy(update={"cumulative": True}) for no, told in enumerate(sums)))
    assert rows(pump.database, "SELECT allocated, returned FROM payments") == [(136_942, 2_500)]
    assert rows(pump.database, "SELECT sum(amount) FROM payment_returns") == [(2_500,)]


def test_a_partly_refunded_payment_gives_back_from_the_youngest_invoice(pump: Pump) -> None:
    _both_paid(pump)
    pump.take(refunded_payment("F-1", "100.00"), refunded_payment("F-1", "100.00"))
    assert invoices(pump.database) == {"INV-SO-1-S1": (D("1123.22"), D(0)), "INV-SO-1-S2": (D("271.20"), D("100.00"))}
    assert [(u.invoice_no, u.amount.amount, u.reason) for u in pump.of("payment.deallocated")] == [
        ("INV-SO-1-S2", D("100.00"), "refunded")
    ]


def test_what_goes_back_of_an_unknown_payment_waits_for_it(pump: Pump) -> None:
    pump.take(stocked(), placed(), dispatched("S1"), reversed_payment("R-1", "1123.22"))
    assert [p.waits_for for p in pump.parked["invoice"]] == ["payment:B-1"]
    pump.take(paid("B-1", "1123.22"))
    assert pump.parked["invoice"] == []
    assert invoices(pump.database) == {"INV-SO-1-S1": (D("1123.22"), D("1123.22"))}


def test_money_back_in_another_currency_is_kept_and_takes_nothing_off(pump: Pump) -> None:
    _both_paid(pump)
    pump.take(reversed_payment("R-1", "1394.42", currency="EUR"))
    assert payment(pump.database, "B-1") == ("allocated", D(0), "return_currency"), "a person has to look"
    assert rows(pump.database, "SELECT amount FROM payment_returns") == [(0,)]
    pump.take(reversed_payment("R-2", "1394.42"))
    assert payment(pump.database, "B-1") == ("returned", D("1394.42"), "return_currency")


def test_returned_goods_are_credited_at_what_they_were_billed_for(pump: Pump) -> None:
    _both_paid(pump)
    pump.take(returned_goods("RMA-1", {"1": 3}))
    (note,) = [i for i in pump.of("invoice.issued") if i.kind == "credit"]
    assert (note.invoice_no, note.original_invoice_no, note.issued_on) == ("CN-SO-1-RMA-1", "INV-SO-1-S1", date(2026, 11, 24))
    assert (note.totals.net, note.totals.tax, note.totals.gross) == (D("262.20"), D("34.09"), D("296.29"))
    assert [(one.line_no, one.qty, one.unit_price, one.net) for one in note.lines] == [("1", 3, D("87.40"), D("262.20"))]
    assert payment(pump.database, "B-1") == ("part_allocated", D("296.29"), None)
    assert [(u.invoice_no, u.amount.amount, u.reason) for u in pump.of("payment.deallocated")] == [
        ("INV-SO-1-S1", D("296.29"), "credited")
    ]


def test_credit_notes_of_a_wholly_returned_invoice_sum_to_it(pump: Pump) -> None:
    pump.take(stocked(), placed(discount="100.00"), dispatched("S1"))
    for number, lines in enumerate(({"1": 3}, {"1": 3, "2": 1}, {"1": 4})):
        pump.take(returned_goods(f"RMA-{number}", lines, shipment_no="SO-1-S1"))
    notes = [i for i in pump.of("invoice.issued") if i.kind == "credit"]
    assert [sum(n.totals.net for n in notes), sum(n.totals.tax for n in notes)] == [D("913.45"), D("118.75")]
    assert rows(pump.database, "SELECT state, gross, credited FROM invoices WHERE kind = 'normal'") == [
        ("credited", 103_220, 103_220)
    ]


def test_goods_that_come_back_before_they_were_billed_wait_for_their_invoice(pump: Pump) -> None:
    pump.take(returned_goods("RMA-1", {"1": 10}))
    assert [p.waits_for for p in pump.parked["invoice"]] == ["order:SO-1"]
    pump.take(stocked(), placed(), dispatched("S2", day=22))
    assert [p.waits_for for p in pump.parked["invoice"]] == ["billed:SO-1"]
    pump.take(dispatched("S1"))
    assert pump.parked["invoice"] == []
    assert [i.totals.net for i in pump.of("invoice.issued") if i.kind == "credit"] == [D("874.00")]


def test_a_return_that_names_only_its_shipment_finds_the_order(pump: Pump) -> None:
    pump.take(returned_goods("RMA-1", {"2": 2}, order_no=None, shipment_no="SO-1-S2"))
    _both_paid(pump)
    assert [(i.original_invoice_no, i.totals.gross) for i in pump.of("invoice.issued") if i.kind == "credit"] == [
        ("INV-SO-1-S2", D("271.20"))
    ]


def test_a_refund_after_the_return_leaves_nothing_open_and_nothing_over(pump: Pump) -> None:
    _both_paid(pump)
    pump.take(refunded_payment("F-1", "296.29"), returned_goods("RMA-1", {"1": 3}))
    assert payment(pump.database, "B-1")[0] == "allocated"
    assert rows(pump.database, "SELECT sum(gross - credited - allocated) FROM invoices WHERE kind = 'normal'") == [(0,)]


def test_an_earlier_payment_that_arrives_later_settles_the_earlier_invoice(pump: Pump) -> None:
    pump.take(stocked(), placed(), dispatched("S1"), dispatched("S2", day=22))
    pump.take(paid("B-2", "1123.22", day=24))
    pump.take(paid("B-1", "1123.22", day=23))
    kept = "SELECT payment_ref, invoice_no, amount FROM allocations WHERE amount > 0 ORDER BY 1, 2"
    assert rows(pump.database, kept) == [("B-1", "INV-SO-1-S1", 112_322), ("B-2", "INV-SO-1-S2", 27_120)]
    assert [(u.payment_ref, u.reason) for u in pump.of("payment.deallocated")] == [("B-2", "rearranged")]


def test_a_discounted_price_of_three_shipments_is_credited_to_the_cent(pump: Pump) -> None:
    pump.take(stocked(), placed(lines=(line("1", "X", 3, "33.35"),), discount="0.05"))
    for number in range(3):
        pump.take(dispatched(f"S{number}", lines={"1": 1}, day=21 + number, item="X"))
    pump.take(returned_goods("RMA-1", {"1": 3}))
    billed = [i.totals.gross for i in pump.of("invoice.issued") if i.kind == "normal"]
    assert sorted(i.totals.gross for i in pump.of("invoice.issued") if i.kind == "credit") == sorted(billed)
    assert sum(billed) == D("113.00")


def test_what_is_told_of_money_belongs_to_the_story_that_moved_it(pump: Pump) -> None:
    orders = ("SO-1", "SO-2", "SO-3")
    pump.take(*(placed(no) for no in orders), *(paid(f"B-{no}", "2000.00", refs=(no,)) for no in orders))
    batch = [first_message(dispatched("S1", no), source="warehouse-main", raw_id=None, now=NOW) for no in orders]
    with pump.database.transaction() as tx:
        outcome = InvoiceHandler().handle(batch, tx, NOW)
    told = [(e.document.message_type, e.document.subject(), e.cause.document.lines[0].order_no) for e in outcome.emitted]
    assert sorted(told) == sorted(
        (kind, no, no) for no in orders for kind in ("invoice.issued", "payment.allocated", "payment.deposited")
    )


def test_a_fee_that_the_payer_bears_settles_nothing_and_one_that_we_bear_takes_nothing_off(pump: Pump) -> None:
    fee = {"fee": Money(amount=d("3.00"), currency="CNY")}
    pump.take(stocked(), placed(), dispatched("S1"), placed("SO-2"), dispatched("S1", "SO-2"))
    pump.take(paid("B-1", "1123.22").model_copy(update=fee))
    pump.take(paid("B-2", "1123.22", refs=("SO-2",)).model_copy(update={**fee, "fee_from": "payee"}))
    assert invoices(pump.database) == {"INV-SO-1-S1": (D("1123.22"), D("3.00"))}
    assert invoices(pump.database, "SO-2") == {"INV-SO-2-S1": (D("1123.22"), D("0"))}


def test_money_that_came_before_its_order_lies_ready_when_the_order_waits(pump: Pump) -> None:
    pump.take(paid("B-1", "100.00"))
    assert payment(pump.database, "B-1") == ("suspense", D("100.00"), "unknown_reference")
    pump.take(stocked(), placed(lines=(line("1", "X", 2, None, tax=None),)))
    assert payment(pump.database, "B-1") == ("deposit", D("100.00"), None)
    assert [(p.order_no, p.amount.amount, p.seq) for p in pump.of("payment.deposited")] == [("SO-1", D("100.00"), 1)]


def credited(pump: Pump) -> list[tuple[str, int]]:
    return rows(pump.database, "SELECT invoice_no, gross FROM invoices WHERE kind = 'credit' ORDER BY invoice_no")


def lines_back(rma: str, *lines: dict[str, Any], **more: Any) -> ReturnReceived:
    given = tuple(ReturnLine(**{"item": "X", **one}) for one in lines)
    return ReturnReceived(rma_no=rma, order_no="SO-1", returned_at=DAY.replace(day=24), lines=given, **more)


def test_a_return_is_credited_at_what_the_buyer_gets_back_and_the_rest_is_withheld_for_good(pump: Pump) -> None:
    _both_paid(pump)
    pump.take(lines_back("RMA-1", {"line_no": "1", "qty": d(3), "amount": d("200.00")}), refunded_payment("F-1", "200.00"))
    assert credited(pump) == [("CN-SO-1-RMA-1", 20_000)]
    (note,) = [one for one in pump.of("invoice.issued") if one.kind == "credit"]
    assert (note.totals.net, note.totals.tax) == (D("176.99"), D("23.01"))
    assert note.lines[0].references == {"withheld_net": "85.21", "withheld_tax": "11.08"}
    assert axes(pump.database) == ("closed", "part_returned", "full", "paid")
    pump.take(returned_goods("RMA-2", {"1": 7}))
    assert credited(pump)[1] == ("CN-SO-1-RMA-2", 98_762 - 29_629)


def test_a_refund_as_a_whole_is_spread_over_what_comes_back(pump: Pump) -> None:
    _both_paid(pump)
    refund = Money(amount=d("300.00"), currency="CNY")
    pump.take(lines_back("RMA-1", {"line_no": "1", "qty": d(3)}, {"line_no": "2", "qty": d(1)}, refund=refund))
    assert credited(pump) == [("CN-SO-1-RMA-1", 9_419), ("CN-SO-1-RMA-1-2", 20_581)]


def test_more_than_was_billed_for_the_goods_is_not_credited(pump: Pump) -> None:
    _both_paid(pump)
    pump.take(lines_back("RMA-1", {"line_no": "1", "qty": d(3), "amount": d("5000.00")}))
    assert credited(pump) == [("CN-SO-1-RMA-1", 29_629)]


def test_goods_that_are_refused_or_exchanged_are_not_credited_and_the_order_is_as_done_as_before(pump: Pump) -> None:
    _both_paid(pump)
    pump.take(lines_back("RMA-1", {"line_no": "1", "qty": d(3), "disposition": "Exchange"}))
    pump.take(lines_back("RMA-2", {"line_no": "1", "qty": d(1), "amount": d(0)}))
    assert (credited(pump), pump.parked["invoice"]) == ([], [])
    assert axes(pump.database) == ("closed", "part_returned", "full", "paid")


@pytest.mark.parametrize(
    ("qty", "lots", "told"),
    [(1, {"L2": 1}, {"L2": 1}), (1, {}, {}), (3, {}, {"L1": 2, "L2": 1}), (2, {"L1": 1}, {})],
)
def test_a_credit_note_names_the_lots_that_came_back(pump: Pump, qty: int, lots: dict[str, int], told: dict[str, int]) -> None:
    """Those the return tells, or all that were billed; of a part of which nothing is told nobody can say."""
    shipment = dispatched("S1", lines={"1": 3}, item="X")
    left = shipment.lines[0].but(lots=(LotRef(lot="L1", qty=d(2)), LotRef(lot="L2", qty=d(1))))
    pump.take(placed(lines=(line("1", "X", 3, "10.00"),)), shipment.but(lines=(left,)))
    refs = tuple(LotRef(lot=lot, qty=d(n)) for lot, n in lots.items())
    back = ReturnLine(line_no="1", item="X", qty=d(qty), lots=refs)
    pump.take(ReturnReceived(rma_no="R-1", order_no="SO-1", returned_at=DAY.replace(day=24), lines=(back,)))
    (note,) = [one for one in pump.of("invoice.issued") if one.kind == "credit"]
    assert {ref.lot: ref.qty for ref in note.lines[0].lots} == told
    assert json.loads(note.body())["lines"][0]["qty"] == str(qty)
