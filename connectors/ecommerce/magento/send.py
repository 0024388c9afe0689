"""Tells Magento what was shipped and what is in stock, through its REST API."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from canonical.failures import Refused
from canonical.references import of_shipment
from connectors.base import Delivery, Endpoint, Sent
from connectors.ecommerce.magento.settings import MagentoSending
from connectors.json_api import JsonApi, one_of_ours, rows
from connectors.settings import options_of, secrets_of
from connectors.url_token import credential

DOCUMENTS = ("shipment", "source_items", "order_status")


def magento_api(url: str, options: MagentoSending, token: str, key: str = "") -> JsonApi:
    headers = {"authorization": f"Bearer {token}", **({"idempotency-key": key} if key else {})}
    return JsonApi(f"{url.rstrip('/')}/rest/{options.store}/V1", options, headers)


def search(field: str, value: str, condition: str = "eq") -> list[tuple[str, str]]:
    """Magento's search criteria for one field."""
    at = "searchCriteria[filter_groups][0][filters][0]"
    return [(f"{at}[field]", field), (f"{at}[value]", value), (f"{at}[condition_type]", condition)]


def send(delivery: Delivery, endpoint: Endpoint) -> Sent:
    """Hand the document over; Failures as `connectors/http.py` says."""
    options = options_of(endpoint, MagentoSending)
    api = magento_api(options.url, options, credential(secrets_of(endpoint)[0], endpoint), delivery.delivery_id)
    return SENDERS[delivery.document](json.loads(delivery.payload), api, options, delivery.delivery_id)


def _ship(document: Mapping[str, Any], api: JsonApi, options: MagentoSending, key: str) -> Sent:
    """A shipment of each order. Its comment holds our delivery id, so an order is looked at first and not shipped twice."""
    ids = {}
    for number, order_id in {line["order"]: line.get("order_id") for line in document["lines"]}.items():
        entity = order_id or _entity_of(api, number)
        found = _told_before(api, entity, key)
        ids[number] = found or str(api.change("POST", f"/order/{entity}/ship", _shipment(document, number, options, key)))
    return Sent("shipped", api.answered, ", ".join(ids.values()), of_shipment(document["shipment"], ids))


def _entity_of(api: JsonApi, number: str) -> str:
    """The shop's id of an order it never told us."""
    order = one_of_ours(rows(api.get("/orders", search("increment_id", number)), "items"), f"order {number}")
    return str(order["entity_id"])


def _told_before(api: JsonApi, entity: str, key: str) -> str | None:
    for shipment in rows(api.get("/shipments", search("order_id", entity)), "items"):
        if any(key in str(comment.get("comment")) for comment in rows(shipment, "comments")):
            return str(shipment.get("entity_id"))
    return None


def _shipment(document: Mapping[str, Any], number: str, options: MagentoSending, key: str) -> dict[str, Any]:
    title = document.get("carrier") or "Carrier"
    return {
        "items": [
            {"order_item_id": int(line["line"]), "qty": float(line["quantity"])}
            for line in document["lines"]
            if line["order"] == number
        ],
        "notify": options.notify_customer,
        "appendComment": True,
        "comment": {"comment": f"{document['shipment']} [{key}]", "is_visible_on_front": 0},
        "tracks": [
            {"track_number": one, "title": title, "carrier_code": options.carrier_code}
            for one in document.get("tracking_numbers", [])
        ],
    }


def _set_stock(document: Mapping[str, Any], api: JsonApi, options: MagentoSending, key: str) -> Sent:
    """The quantities of all items at our source, absolute: setting them twice changes nothing."""
    wanted: dict[str, int] = {}
    for item in document["items"]:
        wanted[item["sku"]] = wanted.get(item["sku"], 0) + int(item["quantity"])
    items = [
        {"sku": sku, "source_code": options.source_code, "quantity": max(0, quantity), "status": 1 if quantity > 0 else 0}
        for sku, quantity in wanted.items()
    ]
    problems = api.change("POST", "/inventory/source-items", {"sourceItems": items})
    if problems:
        raise Refused(f"expected every item to be taken: {str(problems)[:200]}")
    return Sent("set", api.answered)


def _comment(document: Mapping[str, Any], api: JsonApi, options: MagentoSending, key: str) -> Sent:
    """A comment in the order's history. It holds our delivery id and is not written again where it stands already."""
    entity = document.get("order_id") or _entity_of(api, document["order"])
    known = rows(api.get(f"/orders/{entity}/comments", []), "items")
    if not any(f"[{key}]" in str(comment.get("comment")) for comment in known):
        told = {
            "comment": f"{document['note']} [{key}]",
            "is_customer_notified": int(options.notify_customer),
            "is_visible_on_front": 0,
        }
        api.change("POST", f"/orders/{entity}/comments", {"statusHistory": told})
    return Sent("told", api.answered, str(entity))


SENDERS: Mapping[str, Callable[[Mapping[str, Any], JsonApi, MagentoSending, str], Sent]] = {
    "shipment": _ship,
    "source_items": _set_stock,
    "order_status": _comment,
}
