"""Invoices, payments, held orders and tracking beyond the golden scenarios."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal

from canonical.documents.base import Document
from canonical.documents.orders import PaymentTerms
from canonical.documents.shipments import ShipmentDispatched, ShipmentLine
from canonical.envelope import first_message
from handlers.invoice.handler import InvoiceHandler
from store.database import Database
from tests.handlers.golden import DAY, cancelled, d, dispatched, line, paid, placed, stocked, tracked
from tests.handlers.pump import NOW, Pump
from tests.handlers.reading import axes, invoices, payment, rows, state_of
from tests.support.waiting import PATIENCE

D = Decimal


def test_a_payment_without_any_reference_is_suspended(pump: Pump) -> None:
    pump.take(paid("B-1", "10.00", refs=(), text="thank you"))
    assert payment(pump.database, "B-1") == ("suspense", D("10.00"), "no_reference")


def test_a_payment_for_an_order_nobody_knows_yet_is_applied_once_it_is_billed(pump: Pump) -> None:
    pump.take_each(paid("B-1", "1394.42", refs=(), text="Invoice for order SO-1, thanks!"))
    assert payment(pump.database, "B-1") == ("suspense", D("1394.42"), "unknown_reference")
    pump.take_each(stocked(), placed(), dispatched("S1"))
    assert payment(pump.database, "B-1") == ("part_allocated", D("271.20"), None)


def test_an_invoice_number_in_the_text_pays_that_invoice_and_no_other(pump: Pump) -> None:
    pump.take(stocked(), placed(), dispatched("S1"), dispatched("S2", day=22))
    pump.take(paid("B-1", "300.00", refs=(), text="re (INV-SO-1-S2)."))
    assert invoices(pump.database) == {"INV-SO-1-S1": (D("1123.22"), D("1123.22")), "INV-SO-1-S2": (D("271.20"), D(0))}
    assert payment(pump.database, "B-1") == ("part_allocated", D("28.80"), None)


def test_part_of_a_reference_means_nothing(pump: Pump) -> None:
    pump.take(stocked(), placed(), dispatched("S1"))
    pump.take(paid("B-1", "10.00", refs=("SO-11",), text="SO-1-S1 SO-"))
    assert payment(pump.database, "B-1") == ("suspense", D("10.00"), "unknown_reference")


def test_the_channels_own_order_number_is_a_reference(pump: Pump) -> None:
    pump.take(stocked(), placed(source_order_id="820982911946154508"), dispatched("S1"))
    pump.take(paid("B-1", "1123.22", refs=("820982911946154508",)))
    assert payment(pump.database, "B-1")[0] == "allocated"


def test_another_currency_is_suspended_and_never_applied(pump: Pump) -> None:
    pump.take_each(stocked(), placed(), paid("B-1", "1394.42", currency="EUR"), dispatched("S1"))
    assert payment(pump.database, "B-1") == ("suspense", D("1394.42"), "currency")
    assert pump.of("payment.allocated") == []


def test_the_oldest_invoice_is_paid_first_across_orders(pump: Pump) -> None:
    pump.take(stocked("SO-1"), stocked("SO-2"), placed("SO-1"), placed("SO-2"))
    pump.take(dispatched("S1", "SO-1", day=23), dispatched("S1", "SO-2", day=21))
    pump.take(paid("B-1", "1200.00", refs=("SO-1", "SO-2")))
    assert [(a.invoice_no, a.amount.amount) for a in pump.of("payment.allocated")] == [
        ("INV-SO-2-S1", D("1123.22")), ("INV-SO-1-S1", D("76.78")),
    ]  # fmt: skip


def test_a_shipment_of_two_orders_is_billed_to_each(pump: Pump) -> None:
    joint = ShipmentDispatched(
        shipment_no="J-1", warehouse="WH-1", carrier="sf", tracking_nos=("T-J",), dispatched_at=DAY,
        lines=tuple(ShipmentLine(order_no=no, line_no="2", item=f"{no}-GLOVES", qty=d(3)) for no in ("SO-1", "SO-2")),
    )  # fmt: skip
    pump.take(stocked("SO-1"), stocked("SO-2"), placed("SO-1"), joint)
    assert [p.waits_for for p in pump.parked["invoice"]] == ["order:SO-2"]
    assert pump.of("invoice.issued") == []
    pump.take(placed("SO-2"))
    assert {(i.invoice_no, i.totals.gross) for i in pump.of("invoice.issued")} == {
        ("INV-J-1-SO-1", D("406.80")), ("INV-J-1-SO-2", D("406.80")),
    }  # fmt: skip
    assert rows(pump.database, "SELECT state FROM shipments") == [("dispatched",)]


def test_terms_of_the_order_set_the_due_date(pump: Pump) -> None:
    pump.take(stocked(), placed(payment_terms=PaymentTerms(net_days=10, due_basis="month_end")), dispatched("S1"))
    assert [i.due_on for i in pump.of("invoice.issued")] == [date(2026, 12, 10)]


def test_more_than_was_ordered_is_shipped_but_not_billed(pump: Pump) -> None:
    pump.take(stocked(), placed(), dispatched("S1", lines={"1": 12, "2": 3}), dispatched("S2", lines={"2": 2}, day=22))
    assert [i.totals.gross for i in pump.of("invoice.issued")] == [D("1394.42")]
    assert state_of(pump.database).lines["1"].shipped == 12


def test_an_order_without_prices_is_held_and_neither_confirmed_nor_answered_nor_billed(pump: Pump) -> None:
    pump.take(stocked(), placed(lines=(line("1", "X", 2, None, tax=None),)), dispatched("S1", lines={"1": 2}))
    assert axes(pump.database)[:2] == ("on_hold", "shipped")
    assert state_of(pump.database).holds == ("P_NO_PRICE",)
    assert pump.of("order.confirmed") == pump.of("order.response") == []
    assert [p.waits_for for p in pump.parked["invoice"]] == ["price:SO-1"]


def test_an_order_cancelled_before_anything_left_is_cancelled(pump: Pump) -> None:
    pump.take_each(stocked(), placed(), cancelled())
    assert axes(pump.database) == ("cancelled", "none", "none", "unpaid")
    assert state_of(pump.database).payable == 0
    assert pump.milestones("SO-1") == ["cancelled"]


def test_the_answer_accepts_every_line_and_goes_to_the_origin(pump: Pump) -> None:
    pump.take(placed(channel="edi"), source="dealer-acme")
    (answer,) = pump.of("order.response")
    assert (answer.code, answer.origin) == ("AP", "dealer-acme")
    assert [(one.line_no, one.code, one.qty.value, one.unit_price) for one in answer.lines] == [
        ("1", "accepted", 10, D("87.40")), ("2", "accepted", 3, D("120.00")),
    ]  # fmt: skip


def test_a_web_shop_gets_no_order_response_but_the_confirmation(pump: Pump) -> None:
    pump.take(placed(channel="ecommerce"), source="shop-eu")
    assert pump.of("order.response") == []
    assert [one.origin for one in pump.of("order.confirmed")] == ["shop-eu"]


def test_news_after_delivery_undo_it_only_when_goods_come_back(pump: Pump) -> None:
    pump.take_each(stocked(), placed(), dispatched("S1"), tracked("S1", "delivered", 10), tracked("S1", "in_transit", 11))
    assert rows(pump.database, "SELECT state FROM shipments") == [("delivered",)]
    pump.take(tracked("S1", "refused", 12), tracked("S1", "returned", 13), tracked("S1", "in_transit", 14))
    assert rows(pump.database, "SELECT state FROM shipments") == [("returned",)]
    assert pump.milestones("SO-1") == ["part_shipped", "invoiced", "delivered", "exception", "returned"]


def test_a_code_nobody_knows_is_kept_but_changes_nothing(pump: Pump) -> None:
    pump.take(stocked(), placed(), dispatched("S1"), tracked("S1", "unknown", 9))
    ((state, facts),) = rows(pump.database, "SELECT state, facts FROM shipments")
    assert state == "dispatched"
    assert '"unknown"' in facts


def test_a_shipment_of_two_packages_is_delivered_with_the_second(pump: Pump) -> None:
    two = dispatched("S1").model_copy(update={"tracking_nos": ("T-A", "T-B")})
    pump.take(stocked(), placed(), two)
    news = [tracked("S1", "delivered", hour).model_copy(update={"tracking_no": no}) for hour, no in ((9, "T-A"), (11, "T-B"))]
    pump.take(news[0])
    assert rows(pump.database, "SELECT state FROM shipments") == [("in_transit",)]
    pump.take(news[1])
    assert rows(pump.database, "SELECT state FROM shipments") == [("delivered",)]
    assert pump.milestones("SO-1").count("delivered") == 1


def test_a_payment_and_the_invoice_it_is_for_find_each_other_when_handled_at_once(database: Database) -> None:
    for number in range(12):
        order_no = f"SO-{number}"
        Pump(database).take(placed(order_no))
        named = order_no if number % 2 else f"INV-{order_no}-S1"
        documents = [dispatched("S1", order_no), paid(f"B-{number}", "1123.22", refs=(named,))]
        start = threading.Barrier(2)
        with ThreadPoolExecutor(2) as pool:
            for run in [pool.submit(_bill, database, document, start) for document in documents]:
                run.result(timeout=PATIENCE)
    assert rows(database, "SELECT DISTINCT state FROM payments") == [("allocated",)]
    assert rows(database, "SELECT count(*), sum(amount) FROM allocations") == [(12, 12 * 112_322)]


def _bill(database: Database, document: Document, start: threading.Barrier) -> None:
    message = first_message(document, source="test", raw_id="raw", now=NOW)
    start.wait()
    with database.transaction() as tx:
        InvoiceHandler().handle([message], tx, NOW)
