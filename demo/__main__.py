"""The demo: a shop order, a dealer's interchange, an order that people decide about; on the embedded default. `python -m demo`."""

import json
import sys
import tempfile
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import httpx

from demo.partners import Partners, RunningHub, say, traffic, wait_for
from demo.trading import name_people, trade
from tools.services.ports import free_port

PARCELS = {"1001-S1": "1Z999AA10123456784", "1001-S2": "1Z999AA10123456785", "PO-88231-S1": "EZ4000000004"}


def main() -> None:
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="orderlane-demo-") as folder:
        partners = Partners()
        partners.start()
        config = partners.configuration(Path(folder))
        name_people(config)
        hub = RunningHub(Path(folder), config, free_port())
        try:
            hub.start()
            story(hub, partners)
        except SystemExit:
            sys.stderr.write(hub.log.read_text()[-4000:] + hub.command("dead", "list"))
            raise
        finally:
            if hub.process is not None and hub.process.poll() is None:
                hub.stop()
            partners.stop()
    say(f"\n[bold green]Done[/] in {time.monotonic() - began:.0f} seconds.")


def story(hub: RunningHub, partners: Partners) -> None:
    say(f"[bold]The hub is up[/] at {hub.url}, in one process, on SQLite, with nothing installed.\n")
    _take(hub, "warehouse-main", "The warehouse reports its stock", traffic("stock.json"))
    _take(hub, "shop-eu", "The web shop sends order 1001 (Shopify)", traffic("shop_order.json"))
    _take(hub, "shop-eu", "  ...and sends it once more, as shops do", traffic("shop_order.json"))
    _take(hub, "dealer-acme", "A dealer sends two orders by X12, the second with an unknown unit", traffic("dealer_orders.edi"))
    wait_for("both orders to reach the warehouse", lambda: _asked_to_ship(partners) == {"1001-S1", "PO-88231-S1"})
    say("  both orders are confirmed, stock is set aside: 6 of 10 boxes of gloves, the rest waits")
    say("\n[bold]Here the hub is killed (kill -9) and started again.[/] What it accepted is on disk.\n")
    hub.kill()
    hub.start()
    _take(hub, "warehouse-main", "More gloves arrive", traffic("more_stock.json"))
    wait_for("the rest of 1001 to be shipped", lambda: "1001-S2" in _asked_to_ship(partners))
    _take(hub, "stripe-eu", "The card payment comes before any invoice", traffic("card_payment.json"))
    for shipment_no, tracking_no in (
        ("1001-S1", "1Z999AA10123456784"),
        ("1001-S2", "1Z999AA10123456785"),
        ("PO-88231-S1", "EZ4000000004"),
    ):
        dispatch = _dispatch(partners, shipment_no, tracking_no)
        _take(hub, "warehouse-main", f"The warehouse ships {shipment_no}", dispatch)
        tracking = traffic("tracking_delivered.json").replace(b"TRACKING-NUMBER", tracking_no.encode())
        _take(hub, "parcels", f"  its parcel {tracking_no} is delivered (EasyPost)", tracking)
    _take(hub, "bank", "The bank reports the dealer's transfer (camt.054)", traffic("bank_credit.xml"))
    for number in ("1001", "PO-88231"):
        wait_for(f"order {number} to be closed", partial(_is_closed, hub, number))
    wait_for("the ledger to have everything", lambda: len(partners.ledger.documents) >= 5)
    wait_for("the shop to hear the end", lambda: any(b'"closed"' in r.body for r in partners.shop.received.values()))
    say("\n[bold]Both orders are shipped, invoiced, paid and closed.[/] This is the journey of order 1001:\n")
    sys.stdout.write(hub.command("order", "1001"))
    _told(partners)
    trade(hub)
    say("\n[bold]The ledger of messages[/] (orderlane verify)")
    sys.stdout.write(hub.command("verify"))


def _is_closed(hub: RunningHub, order_no: str) -> bool:
    return bool(hub.get(f"/orders/{order_no}")["state"] == "closed")


def _take(hub: RunningHub, endpoint: str, what: str, body: bytes) -> None:
    answer = hub.send(endpoint, body)
    say(f"{what}: [cyan]{answer.status_code}[/] {_words(answer)}")


def _words(answer: httpx.Response) -> str:
    told = answer.json()
    if "message_ids" not in told:
        return str(told.get("detail", told))
    count = len(told["message_ids"])
    words = f"{count} message{'' if count == 1 else 's'}" + (", known already" if told["repeated"] else "")
    problems = "; ".join(f"{p['code']} at {p['path']} ({p.get('value')})" for p in told.get("problems", []))
    return words + (f"; set aside: {problems}" if problems else "")


def _asked_to_ship(partners: Partners) -> set[str]:
    return {json.loads(r.body)["data"]["shipment_no"] for r in partners.warehouse.received.values()}


def _dispatch(partners: Partners, shipment_no: str, tracking_no: str) -> bytes:
    """What the warehouse reports once it has shipped what it was asked to."""
    asked = next(d for r in partners.warehouse.received.values() if (d := json.loads(r.body)["data"])["shipment_no"] == shipment_no)
    lines = [{"order_no": asked["order_no"], "line_no": x["line_no"], "item": x["item"], "qty": x["qty"],
              "lots": [{"lot": "L2026-11", "expiry": "2028-10-31", "qty": x["qty"]}]} for x in asked["lines"]]  # fmt: skip
    report = {
        "shipment_no": shipment_no, "warehouse": asked["warehouse"], "carrier": "DHLExpress", "tracking_nos": [tracking_no],
        "dispatched_at": datetime.now(UTC).isoformat(), "lines": lines,
    }  # fmt: skip
    return json.dumps({"type": "shipment.dispatched", "data": report}).encode()


def _told(partners: Partners) -> None:
    say("\n[bold]What went out[/]")
    events = [json.loads(r.body) for r in partners.shop.received.values()]
    heard = [e["data"].get("milestone", e["type"].split(".")[-1]) for e in events]
    say(f"  the shop heard, in signed webhooks: {', '.join(heard)}")
    answers = [name for body in partners.dealer.bodies for name in ("997", "855") if f"ST*{name}*".encode() in body]
    say(f"  the dealer got by X12: {', '.join(answers)}")
    say(f"  the ledger was posted over SOAP: {', '.join(sorted(partners.ledger.documents))}\n")


if __name__ == "__main__":
    main()
