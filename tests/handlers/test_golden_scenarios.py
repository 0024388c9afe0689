"""The golden scenarios of the order's way, through all three handlers, figures exact."""

from decimal import Decimal

from tests.handlers.golden import cancelled, dispatched, level, line, paid, placed, stocked, tracked
from tests.handlers.pump import Pump
from tests.handlers.reading import axes, held, invoices, payment, rows, state_of, stock_of

D = Decimal


def _both_shipped(pump: Pump) -> None:
    pump.take(stocked(), placed(), dispatched("S1"), dispatched("S2", day=22))


def test_g1_two_shipments_are_billed_to_the_cent_and_the_order_walks_to_closed(pump: Pump) -> None:
    pump.take(stocked(), placed())
    assert axes(pump.database) == ("confirmed", "picking", "none", "unpaid")
    pump.take(dispatched("S1"))
    assert axes(pump.database) == ("confirmed", "part_shipped", "part", "unpaid")
    pump.take(dispatched("S2", day=22))
    assert axes(pump.database) == ("confirmed", "shipped", "full", "unpaid")
    pump.take(tracked("S1", "in_transit", 9), tracked("S1", "delivered", 10), tracked("S2", "delivered", 11))
    assert axes(pump.database) == ("confirmed", "delivered", "full", "unpaid")
    pump.take(paid("B-1", "1394.42"))
    assert axes(pump.database) == ("closed", "delivered", "full", "paid")
    s1, s2 = pump.of("invoice.issued")
    assert (s1.totals.net, s1.totals.tax, s1.totals.gross) == (D("994.00"), D("129.22"), D("1123.22"))
    assert (s2.totals.net, s2.totals.tax, s2.totals.gross) == (D("240.00"), D("31.20"), D("271.20"))
    assert s1.totals.gross + s2.totals.gross == D("1394.42")
    assert s1.due_on.isoformat() == "2026-12-21"
    assert invoices(pump.database) == {"INV-SO-1-S1": (D("1123.22"), D(0)), "INV-SO-1-S2": (D("271.20"), D(0))}
    assert pump.milestones("SO-1") == [
        "part_shipped", "invoiced", "shipped", "invoiced", "in_transit", "delivered", "delivered", "part_paid", "paid", "closed",
    ]  # fmt: skip
    assert pump.conflicts == []


def test_g2_a_header_discount_is_spread_and_the_invoices_sum_to_the_order(pump: Pump) -> None:
    pump.take(stocked(), placed(discount="100.00"), dispatched("S1"), dispatched("S2", day=22))
    s1, s2 = pump.of("invoice.issued")
    assert (s1.totals.net, s1.totals.tax, s1.totals.gross) == (D("913.45"), D("118.75"), D("1032.20"))
    assert (s2.totals.net, s2.totals.tax, s2.totals.gross) == (D("220.55"), D("28.67"), D("249.22"))
    assert s1.totals.gross + s2.totals.gross == D("1281.42")


def test_g3_money_ahead_is_a_deposit_and_pays_each_invoice_as_it_is_issued(pump: Pump) -> None:
    pump.take(stocked(), placed(), paid("B-1", "1394.42"))
    assert payment(pump.database, "B-1") == ("deposit", D("1394.42"), None)
    pump.take(dispatched("S1"))
    assert payment(pump.database, "B-1") == ("part_allocated", D("271.20"), None)
    pump.take(dispatched("S2", day=22))
    assert payment(pump.database, "B-1") == ("allocated", D(0), None)
    assert axes(pump.database) == ("closed", "shipped", "full", "paid")


def test_g4_too_much_money_stays_on_account(pump: Pump) -> None:
    _both_shipped(pump)
    pump.take(paid("B-1", "1400.00"))
    assert payment(pump.database, "B-1") == ("part_allocated", D("5.58"), None)
    assert axes(pump.database)[3] == "paid"


def test_g5_too_little_money_leaves_the_last_invoice_open(pump: Pump) -> None:
    _both_shipped(pump)
    pump.take(paid("B-1", "1390.00"))
    assert invoices(pump.database) == {"INV-SO-1-S1": (D("1123.22"), D(0)), "INV-SO-1-S2": (D("271.20"), D("4.42"))}
    assert [a.invoice_open for a in pump.of("payment.allocated")] == [D("0.00"), D("4.42")]
    assert axes(pump.database) == ("confirmed", "shipped", "full", "part")


def test_g6_the_same_reference_counts_once_and_the_same_amount_again_is_suspended(pump: Pump) -> None:
    _both_shipped(pump)
    pump.take(paid("B-1", "1394.42"), paid("B-1", "1394.42"), paid("B-2", "1394.42"))
    assert rows(pump.database, "SELECT count(*) FROM payments") == [(2,)]
    assert payment(pump.database, "B-1") == ("allocated", D(0), None)
    assert payment(pump.database, "B-2") == ("suspense", D("1394.42"), "nothing_expected")


def test_g6_a_second_payment_ahead_of_any_invoice_is_suspended_too(pump: Pump) -> None:
    pump.take(stocked(), placed(), paid("B-1", "1394.42"), paid("B-2", "1394.42"))
    assert payment(pump.database, "B-2") == ("suspense", D("1394.42"), "nothing_expected")
    pump.take(dispatched("S1"), dispatched("S2", day=22))
    assert payment(pump.database, "B-1")[0] == "allocated"
    assert payment(pump.database, "B-2") == ("suspense", D("1394.42"), "nothing_expected")


def test_g7_a_cancellation_after_the_first_shipment_closes_the_rest_short(pump: Pump) -> None:
    pump.take(stocked(), placed(), paid("B-1", "1394.42"), dispatched("S1"))
    pump.take(cancelled())
    (reduced,) = pump.of("order.reduced")
    assert [(one.line_no, one.qty) for one in reduced.lines] == [("2", D(2))]
    assert held(pump.database, "SO-1") == {"1": ("", 0, 0), "2": ("", 0, 0)}
    assert stock_of(pump.database, "SO-1-GLOVES") == {"WH-1": (99, 0)}
    assert axes(pump.database) == ("closed", "shipped", "full", "paid")
    assert state_of(pump.database).payable == D("1123.22")
    assert payment(pump.database, "B-1") == ("part_allocated", D("271.20"), None)
    assert pump.milestones("SO-1")[-3:] == ["reduced", "paid", "closed"]
    assert [one.qty for one in pump.of("stock.released")[0].lines] == [D(2)]


def test_g8_tracking_before_its_order_waits_and_is_seen_at_once(pump: Pump) -> None:
    pump.take(tracked("S1", "in_transit", 9))
    assert [p.waits_for for p in pump.parked["order"]] == ["tracking:SO-1-T-S1"]
    pump.take(dispatched("S1"))
    assert {p.waits_for for p in pump.parked["order"] + pump.parked["invoice"]} == {"tracking:SO-1-T-S1", "order:SO-1"}
    pump.take(stocked(), placed())
    assert not any(pump.parked.values())
    assert rows(pump.database, "SELECT state FROM shipments") == [("in_transit",)]
    assert axes(pump.database) == ("confirmed", "part_shipped", "part", "unpaid")
    assert "in_transit" in pump.milestones("SO-1")


def test_g10_two_orders_of_eight_share_ten_and_the_second_waits_for_six(pump: Pump) -> None:
    pump.batch = 10
    pump.take(level("WH-1", {"X": 10}))
    pump.take(placed("SO-A", lines=(line("1", "X", 8),)), placed("SO-B", lines=(line("1", "X", 8),)))
    assert held(pump.database, "SO-A") == {"1": ("WH-1", 8, 0)}
    assert held(pump.database, "SO-B") == {"1": ("WH-1", 2, 6)}
    assert stock_of(pump.database, "X") == {"WH-1": (10, 10)}
    (short,) = pump.of("stock.backordered")
    assert (short.order_no, short.lines[0].qty) == ("SO-B", D(6))


def test_g10_an_order_that_wants_all_or_nothing_gets_nothing_of_two(pump: Pump) -> None:
    pump.batch = 10
    pump.take(level("WH-1", {"X": 10}))
    pump.take(placed("SO-A", lines=(line("1", "X", 8),)), placed("SO-B", lines=(line("1", "X", 8),), allow_partial=False))
    assert held(pump.database, "SO-B") == {"1": ("", 0, 8)}
    assert stock_of(pump.database, "X") == {"WH-1": (10, 8)}
    pump.take(level("WH-1", {"X": 6}, mode="delta", reference="in-1", at=placed().ordered_at.replace(day=21)))
    assert held(pump.database, "SO-B") == {"1": ("WH-1", 8, 0)}
    assert [r.shipment_no for r in pump.of("shipment.requested")] == ["SO-A-S1", "SO-B-S1"]
