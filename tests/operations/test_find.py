"""Finding orders, stock, invoices, shipments and messages, in a hub that ran."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256

import pytest

from operations import find, find_invoices, find_shipments, messages, stocks
from operations.failing import BadCursor, NotFound
from store.business import OrderFilter
from store.database import to_micros
from store.queries import MessageFilter
from tests.handlers import golden
from tests.operations.small_hub import SmallHub, shopify_order


def test_an_order_shows_its_line_figures_with_what_stock_set_aside(hub: SmallHub) -> None:
    hub.take(golden.level("WH-1", {"SO-1-NEEDLE": 100, "SO-1-GLOVES": 1}), golden.placed(), golden.dispatched("S1", lines={"1": 4}))
    order = find.order(hub.database, "SO-1")
    assert [(x.line_no, x.ordered, x.shipped, x.open, x.reserved, x.backordered, x.location) for x in order.lines] == [
        ("1", 10, 4, 6, 6, 0, "WH-1"),
        ("2", 3, 0, 3, 1, 2, "WH-1"),
    ]
    assert (order.display, order.display_zh, order.state, order.fulfilment) == (
        "Partly shipped",
        "部分发货",
        "confirmed",
        "part_shipped",
    )
    assert (order.payable, order.currency, order.buyer) == (Decimal("1394.42"), "CNY", "Hospital One")


def test_an_order_that_is_not_billed_is_closed_and_never_paid(hub: SmallHub) -> None:
    hub.take(golden.stocked(), golden.placed(kind="consignment_replenish"))
    hub.take(golden.dispatched("S1", lines={"1": 10, "2": 3}), golden.tracked("S1", "delivered", 5))
    order = find.order(hub.database, "SO-1")
    assert (order.state, order.billing, order.display, order.display_zh) == ("closed", "none", "Closed", "已结案")


def test_an_order_shows_shipments_invoices_and_payments(hub: SmallHub) -> None:
    hub.take(golden.stocked(), golden.placed(), golden.dispatched("S1"), golden.dispatched("S2"))
    hub.take(golden.tracked("S1", "delivered", 5), golden.paid("P-1", "1200.00"))
    order = find.order(hub.database, "SO-1")
    assert [(s.shipment_no, s.state, s.tracking_nos) for s in order.shipments] == [
        ("SO-1-S1", "delivered", ["SO-1-T-S1"]),
        ("SO-1-S2", "dispatched", ["SO-1-T-S2"]),
    ]
    assert sum(i.gross for i in order.invoices) == Decimal("1394.42")
    assert sum(i.open for i in order.invoices) == Decimal("194.42")
    assert sum(a.amount for i in order.invoices for a in i.allocations) == Decimal("1200.00")
    assert [(p.payment_ref, p.state, p.amount) for p in order.payments] == [("P-1", "allocated", Decimal("1200.00"))]
    assert find_shipments.shipment(hub.database, "SO-1-S1").events[0].raw_code == "delivered"
    assert find_invoices.invoice(hub.database, "INV-SO-1-S1") == order.invoices[0]


def test_prices_are_shown_with_the_digits_of_their_currency_and_more_only_where_needed(hub: SmallHub) -> None:
    lines = (golden.line("1", "A", "2.000", "9984.000000"), golden.line("2", "B", 4, "0.125500"), golden.line("3", "C", 1, "7"))
    hub.take(golden.placed(lines=lines))
    order = find.order(hub.database, "SO-1")
    assert [str(line.unit_price) for line in order.lines] == ["9984.00", "0.1255", "7.00"]
    assert [line["unit_price"] for line in order.document["lines"]] == ["9984.00", "0.1255", "7.00"]
    assert [str(line.ordered) for line in order.lines] == ["2", "4", "1"]


def test_stock_of_an_item_tells_who_waits(hub: SmallHub) -> None:
    hub.take(golden.level("WH-1", {"SO-1-NEEDLE": 4}), golden.level("WH-2", {"SO-1-NEEDLE": 3}), golden.placed())
    stock = stocks.stock(hub.database, "SO-1-NEEDLE")
    assert [(p.location, p.on_hand, p.reserved, p.available) for p in stock.places] == [("WH-1", 4, 4, 0), ("WH-2", 3, 0, 3)]
    assert (stock.on_hand, stock.reserved, stock.available) == (7, 4, 3)
    assert [(w.order_no, w.line_no, w.qty) for w in stock.waiting] == [("SO-1", "1", 6)]


@pytest.mark.parametrize(
    "find_it", [find.order, find_shipments.shipment, find_invoices.invoice, stocks.stock, messages.message, messages.raw]
)
def test_what_is_not_there_is_not_found(hub: SmallHub, find_it) -> None:
    with pytest.raises(NotFound, match="'nothing'"):
        find_it(hub.database, "nothing")


def test_orders_page_by_cursor_newest_first_without_gap_or_repeat(hub: SmallHub) -> None:
    days = [golden.DAY + timedelta(days=n // 3) for n in range(7)]  # several orders of the same instant
    hub.take(*(golden.placed(f"SO-{n}", ordered_at=day) for n, day in enumerate(days)))
    seen, cursor = [], None
    for size in (3, 3, 1):
        page = find.orders(hub.database, cursor=cursor, limit=3)
        assert len(page.items) == size
        seen += [o.order_no for o in page.items]
        cursor = page.next
    assert cursor is None
    assert seen == ["SO-6", "SO-5", "SO-4", "SO-3", "SO-2", "SO-1", "SO-0"]


def test_orders_are_filtered_by_state_origin_time_and_text(hub: SmallHub) -> None:
    hub.take(golden.placed("SO-1"), source="shop-eu")
    hub.take(
        golden.placed("SO-2", remarks="Call 100% before_noon", ordered_at=golden.DAY + timedelta(days=2)), golden.cancelled("SO-2")
    )

    def found(**wanted: object) -> list[str]:
        return [o.order_no for o in find.orders(hub.database, OrderFilter(**wanted)).items]

    middle = to_micros(golden.DAY + timedelta(days=1))
    assert found(state="cancelled") == ["SO-2"]
    assert found(origin="shop-eu") == ["SO-1"]
    assert (found(since=middle), found(until=middle)) == (["SO-2"], ["SO-1"])
    assert found(text="100% BEFORE_noon") == ["SO-2"]
    assert found(text="100%%noon") == []
    assert found(text="hospital one") == ["SO-2", "SO-1"]


def test_messages_page_by_cursor_and_are_filtered(hub: SmallHub) -> None:
    hub.take(golden.stocked(), golden.placed())
    every = messages.messages(hub.database, limit=200).items
    paged, cursor = [], None
    while True:
        page = messages.messages(hub.database, cursor=cursor, limit=2)
        paged += page.items
        cursor = page.next
        if cursor is None:
            break
    assert paged == every
    assert sorted(m.type for m in every) == [
        "order.confirmed", "order.placed", "shipment.requested", "stock.level", "stock.reserved",
    ]  # fmt: skip

    def found(**wanted: str) -> list[str]:
        return sorted(m.type for m in messages.messages(hub.database, MessageFilter(**wanted)).items)

    assert found(type="order.placed") == ["order.placed"]
    assert found(subject="SO-1", channel="stock") == ["order.confirmed"]
    assert found(source="orderlane/stock") == ["stock.reserved"]
    assert found(source="orderlane/order") == ["order.confirmed", "shipment.requested"]
    assert found(correlation_id=every[-1].correlation_id, type="stock.level") == ["stock.level"]
    assert found(channel="warehouse-main-out") == ["shipment.requested"]


def test_a_cursor_of_another_list_or_of_nobody_is_refused(hub: SmallHub) -> None:
    hub.take(golden.placed("SO-1"), golden.placed("SO-2"))
    cursor = find.orders(hub.database, limit=1).next
    for bad in (cursor, "x", "", "é", "WzFd", "e30", "bnVsbA"):
        if bad:
            with pytest.raises(BadCursor):
                messages.messages(hub.database, cursor=bad)


def test_messages_are_listed_by_how_they_stand(hub: SmallHub) -> None:
    hub.refusing.add("warehouse-main-out")
    hub.take(golden.stocked(), golden.placed(), golden.tracked("S9", "delivered", 5))
    (waiting,) = hub.keep(golden.placed("SO-2"))

    def found(standing: str) -> set[str]:
        return {m.type for m in messages.messages(hub.database, MessageFilter(standing=standing)).items}

    assert found("parked") == {"shipment.tracking"}
    assert found("dead") == {"shipment.requested"}
    assert found("on_its_way") == {"order.placed"}
    assert found("retrying") == found("discarded") == set()
    assert found("handled") == {"order.placed", "order.confirmed", "stock.level", "stock.reserved"}
    assert messages.message(hub.database, waiting).standing == "on_its_way"
    (parked,) = messages.messages(hub.database, MessageFilter(standing="parked")).items
    assert [(c.channel, c.standing, c.detail) for c in parked.channels] == [("order", "parked", "tracking:SO-1-T-S9")]


def test_a_message_shows_its_raw_message_children_and_deliveries(hub: SmallHub) -> None:
    accepted = hub.shop(shopify_order(), "delivery-7")
    hub.run()
    view = messages.message(hub.database, accepted.message_ids[0])
    assert (view.standing, view.type, view.subject) == ("handled", "order.placed", "1001")
    assert view.raw is not None
    assert (view.raw.endpoint, view.raw.delivery_id, view.raw.status, view.raw.message_ids) == (
        "shop-eu", "delivery-7", "accepted", accepted.message_ids,
    )  # fmt: skip
    assert messages.raw(hub.database, view.raw.raw_id).startswith(b'{"id":450789469')
    assert view.raw.size == len(messages.raw(hub.database, view.raw.raw_id))
    (confirmed,) = (m for m in view.caused if m.type == "order.confirmed")
    (delivery,) = messages.message(hub.database, confirmed.message_id).deliveries
    assert (delivery.endpoint, delivery.status, delivery.partner_id) == ("shop-eu-events", "sent", "theirs-1")
    assert [(a.attempt, a.outcome, a.answer) for a in delivery.attempts] == [(1, "sent", "thanks")]


def test_raw_messages_are_listed_by_status(hub: SmallHub) -> None:
    hub.shop(shopify_order())
    hub.shop(b"{not json")
    bad = messages.raws(hub.database, status="quarantined").items
    assert [(r.endpoint, r.size, len(r.problems)) for r in bad] == [("shop-eu", 9, 1)]
    assert [r.status for r in messages.raws(hub.database, endpoint="shop-eu").items] == ["quarantined", "accepted"]
    assert bad[0].received_at <= datetime.now(UTC)


def test_a_message_shows_the_hash_of_what_it_states_or_none_where_this_version_cannot_read_it(hub: SmallHub) -> None:
    level = golden.level("WH-1", {"A": 1})
    hub.take(level)
    (shown,) = messages.messages(hub.database, MessageFilter(type="stock.level")).items
    assert messages.message(hub.database, shown.message_id).content_sha256 == sha256(level.content()).hexdigest()
    with hub.database.transaction() as tx:
        tx.run("UPDATE messages SET type = 'stock.dreamt'")
    assert messages.message(hub.database, shown.message_id).content_sha256 == ""
