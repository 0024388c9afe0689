"""What Amazon's Selling Partner API answers and notifies, posted to the hub with a bearer token: Amazon itself calls nobody."""

from dataclasses import replace

import orjson

from canonical.failures import Malformed
from canonical.problems import Problem
from connectors.base import Endpoint, Identified, RawMessage
from connectors.ecommerce.amazon.notifications import ORDER_CHANGE, notifications_in
from connectors.ecommerce.amazon.settings import AmazonSettings
from connectors.json_api import dug
from connectors.peek import json_object, one_of, refuse_error
from connectors.settings import options_of
from connectors.transport_auth import TransportAuth, authorization, check_authorization

DOCUMENTS = ("orders_v0", "orders_2026", "vendor_orders", ORDER_CHANGE)
BEARER = TransportAuth(auth="bearer")
TOLD_BY = {
    "AmazonOrderId": "orders_v0", "Orders": "orders_v0", "orderId": "orders_2026", "order": "orders_2026",
    "purchaseOrderNumber": "vendor_orders", "ordersStatus": "vendor_orders",
}  # fmt: skip
"""A document by a name in it, or in its `payload`."""


def authenticate(raw: RawMessage, endpoint: Endpoint) -> None:
    options_of(endpoint, AmazonSettings)
    check_authorization(raw, endpoint, BEARER)


def identify(raw: RawMessage, endpoint: Endpoint) -> Identified:
    """Which API answered, told by the names it uses. No delivery id: the body's hash tells repeats, and a queue brings the same
    notification again in another envelope."""
    tree = json_object(raw.body)
    refuse_error(tree, "errors")
    if notices := notifications_in(tree):
        kinds = dict.fromkeys(str(one["NotificationType"]) for one in notices)
        one_of(next((kind for kind in kinds if kind != ORDER_CHANGE), ORDER_CHANGE), (ORDER_CHANGE,), "NotificationType")
        return Identified(ORDER_CHANGE)
    for inner in (tree, dug(tree, "payload")):
        found = next((document for name, document in TOLD_BY.items() if isinstance(inner, dict) and name in inner), None)
        if found is not None:
            return Identified(found)
        if dug(inner, "orders") is not None:
            is_vendor = dug(inner, "orders", 0, "purchaseOrderNumber") is not None
            return Identified("vendor_orders" if is_vendor else "orders_2026")
    raise Malformed([Problem("E_DOCUMENT", "$", "expected orders of the Orders API (v0 or 2026-01-01) or the Vendor Orders API")])


def opened(body: bytes, _: Endpoint) -> bytes:
    """The notifications of an envelope side by side; anything else as it is."""
    found = notifications_in(json_object(body)) if b"NotificationType" in body else []
    return orjson.dumps({"notifications": found}) if found else body


def sign(raw: RawMessage, endpoint: Endpoint) -> RawMessage:
    proof = {"authorization": authorization(endpoint, BEARER)}
    return replace(raw, headers={"content-type": "application/json", **raw.headers, **proof})
