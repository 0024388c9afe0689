"""The ledger check finds nothing in a hub that ran well, and exactly what was broken in one that was tampered with."""

from datetime import UTC, datetime

import pytest

from canonical.documents.products import ProductMaster
from operations.verify import Verification, verify, verify_hub
from store.database import Database
from tests.handlers import golden
from tests.operations.small_hub import SmallHub, shopify_order

HANDLERS = ("invoice", "order", "stock")


def check(database: Database, grace: float = 0.0) -> Verification:
    return verify(database, handlers=HANDLERS, grace=grace)


@pytest.fixture
def ran(hub: SmallHub) -> SmallHub:
    """An order from its placing to its payment, one partly cancelled, one from the shop with a prepayment, one that waits."""
    hub.take(golden.stocked(), golden.placed(), golden.dispatched("S1"), golden.dispatched("S2"))
    hub.take(golden.tracked("S1", "delivered", 5), golden.tracked("S2", "delivered", 6), golden.paid("P-1", "1394.42"))
    hub.take(golden.stocked("SO-2"), golden.placed("SO-2"), golden.cancelled("SO-2", {"2": 2}), golden.dispatched("S1", "SO-2"))
    hub.shop(shopify_order())
    hub.shop(b"{not json")
    hub.take(golden.tracked("S9", "delivered", 5, "SO-9"))
    return hub


def test_a_hub_that_ran_well_is_exact(ran: SmallHub) -> None:
    result = check(ran.database)
    assert result.differences == []
    assert result.exact
    assert (result.lost, result.doubled, result.disordered, result.dead, result.on_their_way) == (0, 0, 0, 0, 0)
    assert (result.parked, result.raws) == (1, {"accepted": 13, "quarantined": 1})
    assert set(result.deliveries) == {"sent"}
    with ran.database.reading() as tx:
        (row,) = tx.rows("SELECT (SELECT count(*) FROM messages) AS messages, (SELECT count(*) FROM receipts) AS receipts")
    assert (result.messages, result.handled) == (row.messages, row.receipts)


def test_messages_without_an_end_are_on_their_way_within_the_grace_time_and_lost_after_it(ran: SmallHub) -> None:
    (kept,) = ran.keep(golden.placed("SO-7"))
    assert check(ran.database).on_their_way == 1
    assert kept in ran.drop_queues()
    within = check(ran.database, grace=3600)
    assert (within.on_their_way, within.lost, within.exact) == (1, 0, True)
    after = check(ran.database)
    assert (after.on_their_way, after.lost, after.exact) == (0, 1, False)
    assert [(d.what, d.count, d.example) for d in after.differences] == [("messages lost on the way to order", 1, kept)]


def test_what_the_queues_hold_is_on_its_way_however_old(ran: SmallHub) -> None:
    ran.keep(golden.placed("SO-7"))
    ran.relay.step()
    assert check(ran.database).lost == 1
    result = verify_hub(ran.operations, grace=0)
    assert (result.lost, result.on_their_way, result.exact) == (0, 1, True)


def test_a_dead_letter_and_a_discarded_one_are_ends(ran: SmallHub) -> None:
    for order_no, status in (("SO-7", "dead"), ("SO-8", "discarded")):
        (message_id,) = ran.keep(golden.placed(order_no))
        ran.drop_queues()
        with ran.database.transaction() as tx:
            tx.run(
                "INSERT INTO dead_letters (message_id, channel, died_at, attempts, reason, status)"
                " VALUES (:id, 'order', {now}, 5, 'no luck', :status)",
                id=message_id,
                status=status,
            )
    result = check(ran.database)
    assert (result.dead, result.discarded, result.lost, result.exact) == (1, 1, 0, True)


def test_messages_handled_before_an_earlier_one_of_their_key_are_counted(ran: SmallHub) -> None:
    first, second = ran.keep(golden.placed("SO-7"), golden.cancelled("SO-7"))
    ran.drop_queues()
    with ran.database.transaction() as tx:
        for message_id in (second, first):
            tx.run("INSERT INTO receipts (message_id, channel, handled_at) VALUES (:id, 'order', {now})", id=message_id)
    assert check(ran.database).disordered == 1


BREAKS: dict[str, str] = {
    "receipts without a message": "INSERT INTO receipts (message_id, channel, handled_at) VALUES ('gone', 'order', 1)",
    "receipts of handlers that are not there": "UPDATE receipts SET channel = 'nobody' WHERE message_id ="
    " (SELECT min(message_id) FROM messages WHERE type = 'stock.level')",
    "messages both handled and dead": "INSERT INTO dead_letters (message_id, channel, died_at, attempts, reason, status)"
    " SELECT message_id, channel, 1, 5, 'x', 'dead' FROM receipts ORDER BY receipt_id LIMIT 1",
    "raw messages that name a message which is not there": "UPDATE raw_messages SET message_ids = '[\"gone\"]'"
    " WHERE raw_id = (SELECT min(raw_id) FROM raw_messages)",
    "messages whose raw message is not there": "UPDATE messages SET raw_id = 'gone' WHERE type = 'payment.received'",
    "messages whose cause is not there": "UPDATE messages SET causation_id = 'gone' WHERE type = 'payment.allocated'"
    " AND message_id = (SELECT min(message_id) FROM messages WHERE type = 'payment.allocated')",
    "deliveries marked sent without a finished attempt": "DELETE FROM attempts WHERE delivery_id ="
    " (SELECT min(delivery_id) FROM attempts)",
    "stock whose reserved sum differs from its order lines": "UPDATE stock SET reserved = reserved + 1000000"
    " WHERE item = 'SO-1-NEEDLE' AND location = 'WH-1'",
    "order lines that have or wait for something else than is open": "UPDATE stock_lines SET backordered = 1000000"
    " WHERE order_no = 'SO-1' AND line_no = '1'",
    "deposits told otherwise than they stand": "UPDATE payments SET deposited = 1",
    "invoices whose allocated amount differs from their allocations": "UPDATE invoices SET allocated = allocated - 1"
    " WHERE invoice_no = 'INV-SO-1-S1'",
    "payments whose allocated amount differs from their allocations": "UPDATE payments SET allocated = allocated - 1",
    "invoices whose credited amount differs from their credit notes": "UPDATE invoices SET credited = 1"
    " WHERE invoice_no = 'INV-SO-2-S1'",
    "invoices whose written-off amount differs from what was approved": "UPDATE invoices SET written_off = 1"
    " WHERE invoice_no = 'INV-SO-2-S1'",
    "invoices settled for more than they are worth": "UPDATE invoices SET written_off = 2 WHERE invoice_no = 'INV-SO-1-S1'",
    "payments whose returned amount differs from what went back": "UPDATE payments SET returned = 1",
    "payments used for more than arrived and stayed": "UPDATE payments SET returned = 2",
    "money settling invoices of another currency": "UPDATE payments SET currency = 'EUR'",
    "allocations without their invoice or payment": "UPDATE allocations SET payment_ref = 'gone' WHERE invoice_no = 'INV-SO-1-S1'",
    "shipments billed twice to one order": "INSERT INTO messages SELECT 'twice', type, source, subject, partition_key, 'twice',"
    " occurred_at, recorded_at, correlation_id, causation_id, raw_id, schema_version, traceparent, '[]', body,"
    " leads FROM messages WHERE identity = 'INV-SO-1-S1'",
    "invoices that were not announced": "UPDATE messages SET identity = 'gone' WHERE identity = 'INV-SO-1-S1'",
    "orders handled that are not there": "DELETE FROM orders WHERE order_no = '1001'",
    "payments handled that are not there": "UPDATE payments SET payment_ref = 'other'",
    "fully billed orders whose invoices do not sum to their worth": "UPDATE orders SET payable = payable + 1"
    " WHERE order_no = 'SO-1'",
    "void invoices and drafts that are settled": "UPDATE invoices SET state = 'void' WHERE invoice_no = 'INV-SO-1-S1'",
    "messages lost on the way to ledger-main": "DELETE FROM deliveries WHERE endpoint = 'ledger-main' AND delivery_id ="
    " (SELECT min(delivery_id) FROM deliveries WHERE endpoint = 'ledger-main')",
}


def test_each_broken_rule_is_found_by_its_name_when_it_breaks(ran: SmallHub) -> None:
    found: set[str] = set()
    for what, statement in BREAKS.items():
        assert what not in found
        with ran.database.transaction() as tx:
            assert tx.touched(statement) >= 1
        result = check(ran.database)
        found = {difference.what for difference in result.differences}
        assert not result.exact
        assert what in found
        assert all(difference.count >= 1 and difference.example for difference in result.differences)


def test_a_prepayment_and_rounding_explain_what_invoices_differ_from_payable(hub: SmallHub) -> None:
    order = golden.placed()
    assert order.totals is not None
    totals = order.totals.model_copy(
        update={"prepaid": golden.d("100.00"), "rounding": golden.d("0.08"), "payable": golden.d("1294.50")}
    )
    prepaid = order.model_copy(update={"totals": totals})
    prepaid.check()
    hub.take(golden.stocked(), prepaid, golden.dispatched("S1"), golden.dispatched("S2"))
    assert check(hub.database).differences == []
    with hub.database.transaction() as tx:
        tx.run("UPDATE orders SET payable = payable - 1")
    assert [(d.what, d.example) for d in check(hub.database).differences] == [
        ("fully billed orders whose invoices do not sum to their worth", "SO-1")
    ]


def test_invoices_of_an_order_that_changed_follow_it(hub: SmallHub) -> None:
    cheaper = golden.placed(revision=1, lines=(golden.line("1", "SO-1-NEEDLE", 10, "80.00"), golden.placed().lines[1]))
    hub.take(golden.stocked(), golden.placed(), golden.dispatched("S1"), golden.dispatched("S2"))
    hub.take(cheaper)
    assert check(hub.database).differences == []
    note = "invoice_no = 'CN-SO-1-R1'"
    with hub.database.transaction() as tx:
        tx.run(f"UPDATE invoices SET credited = 0 WHERE invoice_no IN (SELECT original_no FROM invoices WHERE {note})")
        assert tx.touched(f"DELETE FROM invoices WHERE {note}") == 1
    found = {one.what: one.example for one in check(hub.database).differences}
    assert found.pop("changed orders whose invoices do not follow them") == "SO-1"
    assert set(found) == {"announced invoices that are not there"}
    with hub.database.transaction() as tx:  # as if the change were on its way to invoicing still
        tx.run(
            "DELETE FROM receipts WHERE channel = 'invoice' AND message_id IN"
            " (SELECT message_id FROM messages WHERE type = 'order.confirmed')"
        )
    assert "changed orders whose invoices do not follow them" not in {one.what for one in check(hub.database).differences}


def test_an_empty_hub_is_exact(hub: SmallHub) -> None:
    result = check(hub.database)
    assert (result.exact, result.messages, result.raws, result.deliveries) == (True, 0, {}, {})


def test_master_data_that_were_handled_are_kept(ran: SmallHub) -> None:
    as_of = datetime(2026, 1, 1, tzinfo=UTC)
    ran.take(*(ProductMaster(sku=sku, name=sku, as_of=as_of) for sku in ("P-1", "P-2")))
    hub = verify_hub(ran.operations, grace=0)
    assert hub.differences == []
    with ran.database.transaction() as tx:
        tx.run("DELETE FROM master_records WHERE key = 'P-2'")
    assert [(d.what, d.count, d.example) for d in verify_hub(ran.operations, grace=0).differences] == [
        ("master data of handled messages that are not kept", 1, "P-2")
    ]
