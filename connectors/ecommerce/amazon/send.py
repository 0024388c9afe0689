"""Tells Amazon what was shipped and what is in stock."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from canonical.failures import OutcomeUnknown
from connectors.base import Delivery, Endpoint, Sent
from connectors.ecommerce.amazon.selling_partner import selling_partner
from connectors.ecommerce.amazon.settings import AmazonSending
from connectors.http import refuse_failure, request
from connectors.json_api import JsonApi, dug, segment
from connectors.settings import options_of, secrets_of

DOCUMENTS = ("shipment_confirmation", "inventory_feed")
FEED_TYPE = "application/json; charset=UTF-8"


def send(delivery: Delivery, endpoint: Endpoint) -> Sent:
    """Hand the document over; Failures as `connectors/http.py` says. Both calls may be repeated: a package is known by the
    reference made of its shipment, quantities are absolute."""
    options = options_of(endpoint, AmazonSending)
    secret = secrets_of(endpoint)[0]
    api = selling_partner(options.url, options.token_url, options.client_id, secret, options, endpoint)
    return SENDERS[delivery.document](json.loads(delivery.payload), api, options)


def _confirm(document: Mapping[str, Any], api: JsonApi, options: AmazonSending) -> Sent:
    """One package of each order of the shipment."""
    for order in dict.fromkeys(line["order"] for line in document["lines"]):
        items = [
            {"orderItemId": line["line"], "quantity": int(line["quantity"])} for line in document["lines"] if line["order"] == order
        ]
        body = {"marketplaceId": options.marketplace_id, "packageDetail": {**document["package"], "orderItems": items}}
        api.change("POST", f"/orders/v0/orders/{segment(order)}/shipmentConfirmation", body)
    return Sent("confirmed", api.answered, str(document["package"]["packageReferenceId"]))


def _feed(document: Mapping[str, Any], api: JsonApi, options: AmazonSending) -> Sent:
    """A listings feed with the quantities: a place for it, the feed put there, and the word that it is there."""
    place = api.change("POST", "/feeds/2021-06-30/documents", {"contentType": FEED_TYPE})
    url, feed_document = dug(place, "url"), dug(place, "feedDocumentId")
    if not isinstance(url, str) or not isinstance(feed_document, str):
        raise OutcomeUnknown("expected a place to put the feed")
    refuse_failure(request("PUT", url, orjson.dumps(_listings(document, options)), {"content-type": FEED_TYPE}, options))
    told = {
        "feedType": "JSON_LISTINGS_FEED", "marketplaceIds": [options.marketplace_id], "inputFeedDocumentId": feed_document,
    }  # fmt: skip
    feed = api.change("POST", "/feeds/2021-06-30/feeds", told)
    return Sent("fed", api.answered, dug(feed, "feedId"))


def _listings(document: Mapping[str, Any], options: AmazonSending) -> dict[str, Any]:
    wanted: dict[str, int] = {}
    for item in document["items"]:
        wanted[item["sku"]] = wanted.get(item["sku"], 0) + int(item["quantity"])
    return {
        "header": {"sellerId": options.seller_id, "version": "2.0", "issueLocale": "en_US"},
        "messages": [
            {
                "messageId": number, "sku": sku, "operationType": "PATCH", "productType": "PRODUCT",
                "patches": [{
                    "op": "replace", "path": "/attributes/fulfillment_availability",
                    "value": [{"fulfillment_channel_code": "DEFAULT", "quantity": max(0, quantity)}],
                }],
            }
            for number, (sku, quantity) in enumerate(wanted.items(), 1)
        ],
    }  # fmt: skip


SENDERS: Mapping[str, Callable[[Mapping[str, Any], JsonApi, AmazonSending], Sent]] = {
    "shipment_confirmation": _confirm,
    "inventory_feed": _feed,
}
