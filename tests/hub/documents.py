"""What partners send in these tests, in their own formats. Prices carry no tax, so sums are easy to see."""

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

Line = tuple[str, int, str]
"""Item, quantity, unit price."""


def shop_order(number: str, *lines: Line, total: str) -> bytes:
    """A Shopify order `#number` in EUR. total: what the lines sum to."""
    order = {
        "id": int.from_bytes(number.encode()[-6:]), "name": f"#{number}", "currency": "EUR",
        "created_at": "2026-11-20T09:14:07+01:00", "processed_at": "2026-11-20T09:14:06+01:00",
        "email": "einkauf@klinikum.example", "taxes_included": False, "subtotal_price": total, "total_line_items_price": total,
        "total_discounts": "0.00", "total_tax": "0.00", "total_price": total,
        "line_items": [
            {"id": n, "sku": sku, "title": sku, "quantity": qty, "price": price, "total_discount": "0.00",
             "requires_shipping": True, "tax_lines": []}
            for n, (sku, qty, price) in enumerate(lines, 1)
        ],
        "shipping_lines": [], "tax_lines": [],
        "customer": {"id": 7712300001, "email": "einkauf@klinikum.example", "first_name": "Imke", "last_name": "Petersen"},
    }  # fmt: skip
    return json.dumps(order).encode()


def shop_cancellation(order: bytes) -> bytes:
    """The same order, cancelled by the customer an hour later."""
    changed = {"cancelled_at": "2026-11-20T10:14:07+01:00", "cancel_reason": "customer", "financial_status": "voided"}
    return json.dumps(json.loads(order) | changed).encode()


def stock_report(reference: str, mode: str = "snapshot", as_of: str = "2026-11-20T06:00:00Z", **items: int) -> bytes:
    """What the warehouse MAIN counts (snapshot) or what has come in (delta)."""
    report = {
        "location": "MAIN", "as_of": as_of, "mode": mode, "reference": reference,
        "items": [{"item": item.replace("_", "-"), "on_hand": str(qty)} for item, qty in items.items()],
    }  # fmt: skip
    return _own("stock.level", report)


def dispatch(asked: dict[str, Any], tracking_no: str, **quantities: str) -> bytes:
    """The warehouse has shipped what it was asked for. quantities: by `line_N`, where it shipped less."""
    lines = [
        {"order_no": asked["order_no"], "line_no": line["line_no"], "item": line["item"],
         "qty": quantities.get(f"line_{line['line_no']}", line["qty"])}
        for line in asked["lines"]
    ]  # fmt: skip
    report = {
        "shipment_no": asked["shipment_no"], "warehouse": asked["warehouse"], "carrier": "DHLExpress",
        "tracking_nos": [tracking_no], "dispatched_at": "2026-11-20T15:00:00Z", "lines": lines,
    }  # fmt: skip
    return _own("shipment.dispatched", report)


def _own(kind: str, data: dict[str, Any]) -> bytes:
    return json.dumps({"type": kind, "data": data}).encode()


def tracking(tracking_no: str, status: str, at: str) -> bytes:
    """One piece of EasyPost's news of a parcel."""
    detail = {
        "object": "TrackingDetail", "message": status, "status": status, "status_detail": "unknown", "datetime": at,
        "source": "DHLExpress", "tracking_location": {"object": "TrackingLocation", "city": "BREMEN", "country": "DE"},
    }  # fmt: skip
    event = {
        "id": f"evt_{tracking_no}_{status}", "object": "Event", "created_at": at, "updated_at": at,
        "description": "tracker.updated", "mode": "production", "previous_attributes": {}, "pending_urls": [],
        "completed_urls": [], "status": "pending",
        "result": {
            "id": f"trk_{tracking_no}", "object": "Tracker", "mode": "production", "tracking_code": tracking_no,
            "status": status, "created_at": at, "updated_at": at, "signed_by": None, "weight": None, "est_delivery_date": None,
            "shipment_id": None, "carrier": "DHLExpress", "tracking_details": [detail], "fees": [], "carrier_detail": None,
        },
    }  # fmt: skip
    return json.dumps(event).encode()


def card_payment(order_no: str, cents: int) -> bytes:
    """Stripe has collected the money for an order."""
    intent = {
        "id": f"pi_{order_no}", "object": "payment_intent", "amount": cents, "amount_received": cents, "currency": "eur",
        "created": 1795162440, "latest_charge": f"ch_{order_no}", "livemode": True, "metadata": {"order_no": order_no},
        "payment_method_types": ["card"], "status": "succeeded",
    }  # fmt: skip
    event = {
        "id": f"evt_{order_no}", "object": "event", "api_version": "2024-06-20", "created": 1795162446, "livemode": True,
        "type": "payment_intent.succeeded", "pending_webhooks": 1, "data": {"object": intent},
    }  # fmt: skip
    return json.dumps(event).encode()


def bank_credit(reference: str, amount: str, invoice_no: str) -> bytes:
    """The bank has booked a transfer that names an invoice (camt.054)."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"><BkToCstmrDbtCdtNtfctn>
<GrpHdr><MsgId>N-{reference}</MsgId><CreDtTm>2026-11-23T10:15:00+01:00</CreDtTm></GrpHdr>
<Ntfctn><Id>N-{reference}-1</Id><CreDtTm>2026-11-23T10:15:00+01:00</CreDtTm>
<Acct><Id><IBAN>DE75512108001245126199</IBAN></Id><Ccy>USD</Ccy></Acct>
<Ntry><Amt Ccy="USD">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
<BookgDt><Dt>2026-11-23</Dt></BookgDt><ValDt><Dt>2026-11-23</Dt></ValDt><AcctSvcrRef>{reference}</AcctSvcrRef>
<NtryDtls><TxDtls><Refs><AcctSvcrRef>{reference}</AcctSvcrRef><EndToEndId>E-{reference}</EndToEndId></Refs>
<Amt Ccy="USD">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd>
<RltdPties><Dbtr><Pty><Nm>Acme Medical Supply</Nm></Pty></Dbtr></RltdPties>
<RmtInf><Strd><RfrdDocInf><Tp><CdOrPrtry><Cd>CINV</Cd></CdOrPrtry></Tp><Nb>{invoice_no}</Nb></RfrdDocInf></Strd></RmtInf>
</TxDtls></NtryDtls></Ntry></Ntfctn></BkToCstmrDbtCdtNtfctn></Document>""".encode()


def dealer_order(number: str, *lines: Line, unit: str = "EA", currency: str = "USD") -> list[str]:
    """The segments of one 850, from BEG to CTT."""
    total = sum((Decimal(price) * qty for _, qty, price in lines), Decimal(0))
    return [
        f"BEG*00*SA*{number}**20261120", f"CUR*BY*{currency}", "N1*BY*ACME MEDICAL SUPPLY*UL*5020436000004",
        "N1*ST*LAKESIDE HOSPITAL*92*DOCK-4", "N3*2100 LAKE SHORE DR", "N4*CHICAGO*IL*60614*US",
        *(f"PO1*{n}*{qty}*{unit}*{price}**VN*{item}" for n, (item, qty, price) in enumerate(lines, 1)),
        f"CTT*{len(lines)}", f"AMT*TT*{total:f}",
    ]  # fmt: skip


def interchange(control: int, *orders: Sequence[str]) -> bytes:
    """An X12 interchange with one group of 850s."""
    segments = [
        f"ISA*00*          *00*          *ZZ*ACMEMEDICAL    *ZZ*ORDERLANE      *261120*0815*U*00401*{control:09d}*0*P*>",
        f"GS*PO*ACMEMEDICAL*ORDERLANE*20261120*0815*{control}*X*004010",
    ]
    for n, order in enumerate(orders, 1):
        segments += [f"ST*850*{n:04d}", *order, f"SE*{len(order) + 2}*{n:04d}"]
    segments += [f"GE*{len(orders)}*{control}", f"IEA*1*{control:09d}"]
    return "".join(f"{segment}~" for segment in segments).encode()
