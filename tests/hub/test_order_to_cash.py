"""One order's whole way, seen from outside: from a partner's document to goods, invoice, money and news of all of it."""

from typing import Any

import orjson

from tests.hub import documents
from tests.hub.running import World


def stock_of(world: World, item: str, on_hand: int) -> None:
    """The warehouse counts an item nobody has seen before."""
    world.take("warehouse-main", documents.stock_report(f"count-{item}", **{item: on_hand}))
    world.until(lambda: world.available(item) == str(on_hand), f"{on_hand} of {item}")


def milestones(world: World, order_no: str) -> list[str]:
    """What the shop heard, a milestone or the type of the event."""
    return [data.get("milestone", kind) for kind, data in world.told_shop(order_no)]


def test_a_shop_order_is_shipped_invoiced_paid_and_closed_and_the_shop_hears_of_each_step(world: World, number: int) -> None:
    order, item, parcel = f"S{number}", f"OXI-{number}", f"TRK{number}"
    stock_of(world, item, 10)
    body = documents.shop_order(order, (item, 2, "149.00"), (item, 1, "20.50"), total="318.50")
    world.take("shop-eu", body)
    asked = world.asked_to_ship(f"{order}-S1")
    assert (asked["order_no"], asked["warehouse"], asked["origin"]) == (order, "MAIN", "shop-eu")
    assert [(line["line_no"], line["item"], line["qty"]) for line in asked["lines"]] == [("1", item, "2"), ("2", item, "1")]
    assert world.available(item) == "7"

    world.take("warehouse-main", documents.dispatch(asked, parcel))
    world.order(order, fulfilment="shipped", billing="full", payment="unpaid")
    world.take("parcels", documents.tracking(parcel, "in_transit", "2026-11-21T09:00:00Z"))
    world.take("parcels", documents.tracking(parcel, "delivered", "2026-11-22T09:00:00Z"))
    world.order(order, fulfilment="delivered")
    world.take("stripe-eu", documents.card_payment(order, 31850))
    closed = world.order(order, state="closed")

    assert (closed["fulfilment"], closed["billing"], closed["payment"]) == ("delivered", "full", "paid")
    assert closed["payable"] == "318.50"
    figures = ("ordered", "shipped", "delivered", "invoiced", "open", "reserved", "backordered")
    assert [[line[name] for name in figures] for line in closed["lines"]] == [
        ["2", "2", "2", "2", "0", "0", "0"],
        ["1", "1", "1", "1", "0", "0", "0"],
    ]
    (invoice,) = closed["invoices"]
    assert (invoice["invoice_no"], invoice["gross"]) == (f"INV-{order}-S1", "318.50")
    assert (invoice["open"], invoice["state"]) == ("0.00", "paid")
    assert [(event["state"], event["at"]) for event in closed["shipments"][0]["events"]] == [
        ("in_transit", "2026-11-21T09:00:00Z"),
        ("delivered", "2026-11-22T09:00:00Z"),
    ]
    events = ["order.confirmed", "stock.reserved", "invoice.issued"]
    steps = ["shipped", "invoiced", "in_transit", "delivered", "paid", "closed"]
    heard = world.until(lambda: len(h := milestones(world, order)) == 9 and h, "the shop hears everything")
    assert sorted(heard) == sorted(events + steps)
    assert [step for step in heard if step in steps] == steps
    assert (heard[0], heard[-1]) == ("order.confirmed", "closed")
    assert (world.partners.shop.refused, world.partners.warehouse.refused) == (0, 0), "the receivers verify every signature"


def test_the_invoice_and_the_payment_are_posted_to_the_ledger_over_soap_once_each(world: World, number: int) -> None:
    order, item = f"S{number}", f"INF-{number}"
    stock_of(world, item, 4)
    world.take("shop-eu", documents.shop_order(order, (item, 4, "24.50"), total="98.00"))
    world.take("warehouse-main", documents.dispatch(world.asked_to_ship(f"{order}-S1"), f"TRK{number}"))
    world.take("stripe-eu", documents.card_payment(order, 9800))
    world.order(order, payment="paid")
    posted = world.until(lambda: len(found := world.ledger_of(f"{order}-S1")) == 2 and found, "both are posted")
    invoice, payment = posted[f"invoice INV-{order}-S1"], posted[f"payment pi_{order} INV-{order}-S1"]
    assert invoice.operation == "PostInvoice"
    assert invoice.fields | {"Reference": ""} == {
        "Reference": "", "InvoiceNumber": f"INV-{order}-S1", "InvoiceKind": "normal", "OrderNumber": order,
        "ShipmentNumber": f"{order}-S1", "IssueDate": "2026-11-20", "DueDate": "2026-12-20", "Currency": "EUR",
        "NetAmount": "98.00", "TaxAmount": "0.00", "GrossAmount": "98.00",
    }  # fmt: skip
    assert payment.fields | {"Reference": ""} == {
        "Reference": "", "PaymentReference": f"pi_{order}", "InvoiceNumber": f"INV-{order}-S1", "OrderNumber": order,
        "Amount": "98.00", "Currency": "EUR", "OpenAmount": "0.00",
    }  # fmt: skip


def test_a_dealers_interchange_is_acknowledged_answered_shipped_and_settled_by_the_bank(world: World, number: int) -> None:
    order, item = f"PO-{number}", f"CATH-{number}"
    stock_of(world, item, 10)
    world.take("dealer-acme", documents.interchange(number, documents.dealer_order(order, (item, 3, "87.4"))))
    (verdict,) = world.until(lambda: world.told_dealer("997", f"AK1*PO*{number}~"), "the dealer gets a 997")
    (answer,) = world.until(lambda: world.told_dealer("855", f"*{order}*"), "the dealer gets an 855")
    assert enveloped(verdict, "FA") == ["ST*997*0001", f"AK1*PO*{number}", "AK2*850*0001", "AK5*A", "AK9*A*1*1*1", "SE*6*0001"]
    lines = [segment for segment in enveloped(answer, "PR") if not segment.startswith("BAK")]
    assert lines == [
        "ST*855*0001", "CUR*SE*USD", "N1*BY*ACME MEDICAL SUPPLY*UL*5020436000004", f"PO1*1*3*EA*87.4*PE*VN*{item}", "ACK*IA*3*EA",
        "CTT*1", "SE*8*0001",
    ]  # fmt: skip
    assert next(segment for segment in answer if segment.startswith("BAK")).startswith(f"BAK*00*AD*{order}*20261120*****20")

    world.take("warehouse-main", documents.dispatch(world.asked_to_ship(f"{order}-S1"), f"EZ{number}"))
    world.order(order, billing="full")
    world.take("bank", documents.bank_credit(f"B{number}", "262.20", f"INV-{order}-S1"))
    closed = world.order(order, state="closed", payment="paid")
    assert [(p["payment_ref"], p["amount"], p["currency"], p["state"]) for p in closed["payments"]] == [
        (f"B{number}", "262.20", "USD", "allocated")
    ]
    assert closed["payable"] == "262.20"


def enveloped(segments: list[str], group: str) -> list[str]:
    """The transaction inside an outgoing interchange, after its envelope was found to fit: same control numbers, fixed widths."""
    isa, gs, *inside, ge, iea, end = segments
    control = isa.split("*")[13]
    assert len(isa) == 105
    assert isa.startswith("ISA*00*          *00*          *ZZ*ORDERLANE      *ZZ*ACMEMEDICAL    *")
    assert isa.endswith(f"*U*00401*{control}*0*P*>")
    assert (gs.split("*")[1:4], gs.split("*")[7:]) == ([group, "ORDERLANE", "ACMEMEDICAL"], ["X", "004010"])
    assert (ge, iea, end) == (f"GE*1*{gs.split('*')[6]}", f"IEA*1*{control}", "")
    assert inside[-1] == f"SE*{len(inside)}*0001"
    return inside


def test_one_bad_order_of_an_interchange_is_rejected_with_its_place_and_the_others_go_on(world: World, number: int) -> None:
    item = f"SUT-{number}"
    stock_of(world, item, 9)
    good, bad, last = f"PO-{number}A", f"PO-{number}B", f"PO-{number}C"
    orders = [
        documents.dealer_order(good, (item, 2, "120")),
        documents.dealer_order(bad, (item, 1, "120"), unit="ZZ"),
        documents.dealer_order(last, (item, 3, "120")),
    ]
    told = world.take("dealer-acme", documents.interchange(number, *orders))
    assert len(told["message_ids"]) == 3, "two orders and the verdict on the interchange"
    (problem,) = told["problems"]
    assert (problem["code"], problem["path"], problem["value"]) == ("E_UOM", "ST[2]/PO1[1]-03 (segment 8)", "ZZ")
    world.asked_to_ship(f"{good}-S1")
    world.asked_to_ship(f"{last}-S1")
    assert world.found(f"/orders/{bad}") is None
    assert world.available(item) == "4"
    (verdict,) = world.until(lambda: world.told_dealer("997", f"AK1*PO*{number}~"), "the dealer gets a 997")
    assert enveloped(verdict, "FA") == [
        "ST*997*0001", f"AK1*PO*{number}", "AK2*850*0001", "AK5*A", "AK2*850*0002", "AK3*PO1*8**8", "AK4*3*355*7*ZZ", "AK5*R*5",
        "AK2*850*0003", "AK5*A", "AK9*P*3*3*2", "SE*12*0001",
    ]  # fmt: skip


def test_a_partial_shipment_is_billed_alone_and_the_rest_follows(world: World, number: int) -> None:
    order, item = f"S{number}", f"GLV-{number}"
    stock_of(world, item, 6)
    world.take("shop-eu", documents.shop_order(order, (item, 10, "9.80"), total="98.00"))
    first = world.asked_to_ship(f"{order}-S1")
    assert [line["qty"] for line in first["lines"]] == ["6"]
    world.take("warehouse-main", documents.dispatch(first, f"TRK{number}A"))
    part = world.order(order, fulfilment="part_shipped", billing="part")
    assert [(line["shipped"], line["backordered"], line["open"]) for line in part["lines"]] == [("6", "4", "4")]
    assert [(invoice["invoice_no"], invoice["gross"]) for invoice in part["invoices"]] == [(f"INV-{order}-S1", "58.80")]

    more = documents.stock_report(f"receipt-{number}", "delta", "2026-11-20T16:00:00Z", **{item: 50})
    world.take("warehouse-main", more)
    second = world.asked_to_ship(f"{order}-S2")
    assert [line["qty"] for line in second["lines"]] == ["4"]
    world.take("warehouse-main", documents.dispatch(second, f"TRK{number}B"))
    whole = world.order(order, fulfilment="shipped", billing="full")
    assert sorted((invoice["invoice_no"], invoice["gross"]) for invoice in whole["invoices"]) == [
        (f"INV-{order}-S1", "58.80"),
        (f"INV-{order}-S2", "39.20"),
    ]
    assert world.available(item) == "46"


def test_a_shortage_is_told_as_a_backorder_and_goods_that_come_later_are_shipped(world: World, number: int) -> None:
    order, item = f"S{number}", f"ECG-{number}"
    stock_of(world, item, 0)
    world.take("shop-eu", documents.shop_order(order, (item, 3, "10.00"), total="30.00"))
    world.until(lambda: "stock.backordered" in milestones(world, order), "the shop hears of the shortage")
    (short,) = [data for kind, data in world.told_shop(order) if kind == "stock.backordered"]
    assert [(line["line_no"], line["item"], line["qty"]) for line in short["lines"]] == [("1", item, "3")]
    assert world.lines(order, "backordered") == {"1": "3"}
    asked = [orjson.loads(received.body)["data"]["shipment_no"] for received in world.partners.warehouse.received.values()]
    assert not [shipment for shipment in asked if shipment.startswith(f"{order}-")]

    more = documents.stock_report(f"receipt-{number}", "delta", "2026-11-20T16:00:00Z", **{item: 5})
    world.take("warehouse-main", more)
    assert [line["qty"] for line in world.asked_to_ship(f"{order}-S1")["lines"]] == ["3"]
    assert world.available(item) == "2"


def test_an_order_cancelled_before_it_ships_gives_its_stock_back_and_is_never_billed(world: World, number: int) -> None:
    order, item = f"S{number}", f"BED-{number}"
    stock_of(world, item, 5)
    body = documents.shop_order(order, (item, 4, "10.00"), total="40.00")
    world.take("shop-eu", body)
    world.until(lambda: world.available(item) == "1", "four are set aside")
    world.take("shop-eu", documents.shop_cancellation(body), x_shopify_topic="orders/cancelled")
    cancelled = world.order(order, state="cancelled")
    world.until(lambda: world.available(item) == "5", "all are free again")
    left = world.asked_not_to_ship(f"{order}-S1")
    assert (left["status"], left["reason"], left["warehouse"]) == ("cancel", "cancelled", "MAIN")
    assert [(line["line_no"], line["qty"], line["left"]) for line in left["lines"]] == [("1", "4", "0")]
    assert [(line["ordered"], line["cancelled"], line["open"]) for line in cancelled["lines"]] == [("4", "4", "0")]
    assert (cancelled["invoices"], cancelled["payable"]) == ([], "0.00")
    (reduced,) = [m for m in messages_of(world, order) if m["type"] == "order.reduced"]
    assert reduced["standing"] == "handled"
    assert world.lines(order, "reserved") == {"1": "0"}


def test_a_cancelled_order_leaves_its_goods_to_whoever_waits_for_them(world: World, number: int) -> None:
    first, second, item = f"S{number}A", f"S{number}B", f"VEN-{number}"
    stock_of(world, item, 2)
    body = documents.shop_order(first, (item, 2, "10.00"), total="20.00")
    world.take("shop-eu", body)
    world.asked_to_ship(f"{first}-S1")
    world.take("shop-eu", documents.shop_order(second, (item, 2, "10.00"), total="20.00"))
    world.until(lambda: world.found(f"/orders/{second}") and world.lines(second, "backordered") == {"1": "2"}, "the second waits")
    world.take("shop-eu", documents.shop_cancellation(body), x_shopify_topic="orders/cancelled")
    assert [line["qty"] for line in world.asked_to_ship(f"{second}-S1")["lines"]] == ["2"]
    assert (world.lines(first, "cancelled"), world.lines(second, "reserved")) == ({"1": "2"}, {"1": "2"})


def messages_of(world: World, order_no: str) -> list[dict[str, Any]]:
    return [step["message"] for step in world.found(f"/orders/{order_no}/timeline")["steps"]]


def test_tracking_that_comes_before_its_order_waits_for_it_and_is_applied_then(world: World, number: int) -> None:
    order, item, parcel = f"S{number}", f"PMP-{number}", f"EARLY{number}"
    stock_of(world, item, 1)
    told = world.take("parcels", documents.tracking(parcel, "delivered", "2026-11-22T09:00:00Z"))
    (early,) = told["message_ids"]
    world.until(lambda: world.found(f"/messages/{early}")["standing"] == "parked", "the news waits")
    world.take("shop-eu", documents.shop_order(order, (item, 1, "10.00"), total="10.00"))
    world.take("warehouse-main", documents.dispatch(world.asked_to_ship(f"{order}-S1"), parcel))
    world.order(order, fulfilment="delivered")
    assert world.found(f"/messages/{early}")["standing"] == "handled"
    assert [event["at"] for event in world.found(f"/shipments/{order}-S1")["events"]] == ["2026-11-22T09:00:00Z"]
