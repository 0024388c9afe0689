"""Tells Shopify what was shipped and what is in stock, through the GraphQL Admin API."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from canonical.failures import Misconfigured, Refused
from canonical.references import of_shipment
from connectors.base import Delivery, Endpoint, Sent
from connectors.ecommerce.shopify.admin import Admin, token_of
from connectors.ecommerce.shopify.settings import ShopifySending
from connectors.json_api import dug, one_of_ours, rows
from connectors.settings import options_of, secrets_of

DOCUMENTS = ("fulfillment", "inventory")

ORDER = """query ($query: String!) { orders(first: 5, query: $query) { nodes { id name
  fulfillments(first: 100) { id status trackingInfo(first: 20) { number } }
  fulfillmentOrders(first: 50) { nodes { id status lineItems(first: 250) { nodes { id remainingQuantity lineItem { id } } } } }
} } }"""
FULFIL = """mutation ($fulfillment: FulfillmentInput!) { fulfillmentCreate(fulfillment: $fulfillment) {
  fulfillment { id } userErrors { field message } } }"""
ITEMS = "query ($query: String!) { inventoryItems(first: 250, query: $query) { nodes { id sku } } }"
SET = """mutation ($input: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) {
  inventoryAdjustmentGroup { id } userErrors { field message } } }"""
SKUS_AT_ONCE = 50


def send(delivery: Delivery, endpoint: Endpoint) -> Sent:
    """Hand the document over; Failures as `connectors/http.py` and `Admin` say."""
    options = options_of(endpoint, ShopifySending)
    admin = Admin(options.url, options, token_of(secrets_of(endpoint)[0], endpoint))
    document = json.loads(delivery.payload)
    return SENDERS[delivery.document](document, admin, options, delivery.delivery_id)


def _fulfil(document: Mapping[str, Any], admin: Admin, options: ShopifySending, key: str) -> Sent:
    """A fulfilment in each order of the shipment. Shopify takes no key for it, so each order is looked at first: one that has a
    fulfilment under the shipment's tracking number has been told before."""
    ids = {}
    for name, order_id in {line["order"]: line.get("order_id") for line in document["lines"]}.items():
        order = _order(admin, name, order_id)
        wanted = {str(line["line"]): int(line["quantity"]) for line in document["lines"] if line["order"] == name}
        found = _told_before(order, document.get("tracking_numbers", []))
        ids[name] = found or _created(admin, order, wanted, document, options, key)
    return Sent("fulfilled", admin.api.answered, ", ".join(ids.values()), of_shipment(document["shipment"], ids))


def _order(admin: Admin, name: str, order_id: str | None) -> dict[str, Any]:
    """The order by the shop's own id, as far as it told one, else by its name, which a shop may change or use twice."""
    query = f"id:{order_id}" if order_id else f"name:{json.dumps(name)}"
    found = rows(admin.graphql(ORDER, {"query": query}), "orders", "nodes")
    ours = [order for order in found if _is(order, name, order_id)]
    return one_of_ours(ours, f"order {name}")


def _is(order: Mapping[str, Any], name: str, order_id: str | None) -> bool:
    if order_id:
        return str(order.get("id")).rpartition("/")[2] == order_id
    return str(order.get("name")).removeprefix("#") == name


def _told_before(order: Mapping[str, Any], tracking_numbers: list[str]) -> str | None:
    for fulfilment in rows(order, "fulfillments"):
        numbers = {one.get("number") for one in rows(fulfilment, "trackingInfo")}
        if fulfilment.get("status") != "CANCELLED" and numbers & set(tracking_numbers):
            return str(fulfilment.get("id"))
    return None


def _created(
    admin: Admin, order: Mapping[str, Any], wanted: dict[str, int], document: Mapping[str, Any], options: ShopifySending, key: str
) -> str:
    groups = [{"fulfillmentOrderId": name, "fulfillmentOrderLineItems": lines} for name, lines in _shares(order, wanted)]
    if any(wanted.values()):
        missing = ", ".join(line for line, quantity in wanted.items() if quantity)
        raise Refused(f"order {order['name']}: expected so much left to fulfil of the lines {missing}")
    tracking = {"numbers": document.get("tracking_numbers", []), "company": document.get("carrier")}
    fulfilment: dict[str, Any] = {"lineItemsByFulfillmentOrder": groups, "notifyCustomer": options.notify_customer}
    if tracking["numbers"]:
        fulfilment["trackingInfo"] = {name: value for name, value in tracking.items() if value}
    result = admin.mutate("fulfillmentCreate", FULFIL, {"fulfillment": fulfilment}, key)
    return str(dug(result, "fulfillment", "id"))


def _shares(order: Mapping[str, Any], wanted: dict[str, int]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """What each open fulfilment order gives of the wanted lines; `wanted` is left with what none has."""
    for fulfilment_order in rows(order, "fulfillmentOrders", "nodes"):
        if fulfilment_order.get("status") in ("CLOSED", "CANCELLED"):
            continue
        lines = []
        for line in rows(fulfilment_order, "lineItems", "nodes"):
            number = str(dug(line, "lineItem", "id")).rpartition("/")[2]
            quantity = min(wanted.get(number, 0), int(line.get("remainingQuantity") or 0))
            if quantity > 0:
                wanted[number] -= quantity
                lines.append({"id": line["id"], "quantity": quantity})
        if lines:
            yield str(fulfilment_order["id"]), lines


def _set_stock(document: Mapping[str, Any], admin: Admin, options: ShopifySending, key: str) -> Sent:
    """The available quantities, absolute and under our key. Items the shop does not have are left out, unless it has none."""
    if options.location_id is None:
        raise Misconfigured("expected the option location_id to set stock levels")
    wanted: dict[str, int] = {}
    for item in document["items"]:
        wanted[item["sku"]] = wanted.get(item["sku"], 0) + int(item["quantity"])
    known = dict(_inventory_items(admin, list(wanted)))
    if not known:
        raise Refused("expected an inventory item for one of the SKUs")
    location = f"gid://shopify/Location/{options.location_id}"
    quantities = [
        {"inventoryItemId": item, "locationId": location, "quantity": max(0, wanted[sku]), "changeFromQuantity": None}
        for sku, item in known.items()
    ]
    given = {
        "name": "available",
        "reason": "correction",
        "referenceDocumentUri": f"orderlane://deliveries/{key}",
        "quantities": quantities,
    }
    result = admin.mutate("inventorySetQuantities", SET, {"input": given, "key": key}, key)
    return Sent("set", admin.api.answered, dug(result, "inventoryAdjustmentGroup", "id"))


def _inventory_items(admin: Admin, skus: list[str]) -> Iterator[tuple[str, str]]:
    for start in range(0, len(skus), SKUS_AT_ONCE):
        some = skus[start : start + SKUS_AT_ONCE]
        query = " OR ".join(f"sku:{json.dumps(sku)}" for sku in some)
        for item in rows(admin.graphql(ITEMS, {"query": query}), "inventoryItems", "nodes"):
            if item.get("sku") in some:
                yield item["sku"], str(item["id"])


SENDERS: Mapping[str, Callable[[Mapping[str, Any], Admin, ShopifySending, str], Sent]] = {
    "fulfillment": _fulfil,
    "inventory": _set_stock,
}
