"""Tells WooCommerce what becomes of an order and what is in stock, through its REST API."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from canonical.failures import Refused
from canonical.references import told
from connectors.base import Delivery, Endpoint, Sent
from connectors.ecommerce.woocommerce.settings import WooSending
from connectors.json_api import JsonApi, one_of_ours, rows
from connectors.settings import options_of
from connectors.transport_auth import TransportAuth, authorization

DOCUMENTS = ("order_status", "stock")
API = "/wp-json/wc/v3"


def send(delivery: Delivery, endpoint: Endpoint) -> Sent:
    """Hand the document over; Failures as `connectors/http.py` says. Setting a status or a quantity twice changes nothing; a note
    carries our delivery id and is not written again where it stands already."""
    options = options_of(endpoint, WooSending)
    proof = authorization(endpoint, TransportAuth(auth="basic", username=options.username))
    api = JsonApi(options.url.rstrip("/") + API, options, {"authorization": proof, "idempotency-key": delivery.delivery_id})
    return SENDERS[delivery.document](json.loads(delivery.payload), api, options, delivery)


def _tell_status(document: Mapping[str, Any], api: JsonApi, options: WooSending, delivery: Delivery) -> Sent:
    path = f"/orders/{_order_id(document)}"
    if "note" in document and not _noted(api, path, delivery):
        note = f"{document['note']} [{delivery.delivery_id}]"
        api.change("POST", f"{path}/notes", {"note": note, "customer_note": options.customer_note})
    if "status" in document:
        api.change("PUT", path, {"status": document["status"]})
    order_id = str(_order_id(document))
    return Sent("told", api.answered, order_id, told("order", delivery.message.subject, order_id))


def _order_id(document: Mapping[str, Any]) -> int:
    order_id = str(document.get("order_id", ""))
    if not order_id.isdigit():
        raise Refused(f"order {document.get('order')}: expected the shop's own id of the order, which it never told")
    return int(order_id)


def _noted(api: JsonApi, path: str, delivery: Delivery) -> bool:
    """Whether an attempt without an answer wrote the note all the same."""
    if not delivery.unknown_before:
        return False
    notes = api.get(f"{path}/notes", [("type", "any")])
    return any(f"[{delivery.delivery_id}]" in str(note.get("note")) for note in rows({"notes": notes}, "notes"))


def _set_stock(document: Mapping[str, Any], api: JsonApi, options: WooSending, delivery: Delivery) -> Sent:
    """The quantity of each item; those the shop does not have are left out, unless it has none of them."""
    wanted: dict[str, int] = {}
    for item in document["items"]:
        wanted[item["sku"]] = wanted.get(item["sku"], 0) + int(item["quantity"])
    done = [sku for sku, quantity in wanted.items() if _set_one(api, sku, quantity)]
    if not done:
        raise Refused("expected a product for one of the SKUs")
    return Sent("set", api.answered, ", ".join(done)[:200])


def _set_one(api: JsonApi, sku: str, quantity: int) -> bool:
    found = rows({"products": api.get("/products", [("sku", sku)])}, "products")
    if not found:
        return False
    product = one_of_ours(found, f"SKU {sku}")
    parent = product.get("parent_id")
    path = f"/products/{parent}/variations/{product['id']}" if parent else f"/products/{product['id']}"
    api.change("PUT", path, {"manage_stock": True, "stock_quantity": max(0, quantity)})
    return True


SENDERS: Mapping[str, Callable[[Mapping[str, Any], JsonApi, WooSending, Delivery], Sent]] = {
    "order_status": _tell_status,
    "stock": _set_stock,
}
