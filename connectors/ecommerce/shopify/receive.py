"""Webhooks of Shopify: signed over the raw body with the app's client secret, the document named by the topic header; and what its
REST API answers, which has no topic and is told by its shape."""

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from canonical.failures import Malformed
from canonical.problems import Problem
from connectors.base import Endpoint, Identified, RawMessage
from connectors.ecommerce.shopify.settings import ShopifySettings
from connectors.peek import delivery_id, json_object, one_of, shown
from connectors.settings import options_of, secrets_of
from connectors.signatures import base64_hmac_sha256, check_signature, refusal, required, same

DOCUMENTS = (
    "orders/create", "orders/updated", "orders/edited", "orders/paid", "orders/cancelled", "refunds/create", "fulfillments/create",
    "fulfillments/update", "order_transactions/create", "tender_transactions/create", "orders",
)  # fmt: skip
"""The topics that are taken, each a document of that name, and `orders`, a page of the REST API."""
SHAPES: Mapping[str, str] = {
    "orders": "orders", "order": "orders", "refunds": "refunds/create", "refund": "refunds/create",
    "fulfillments": "fulfillments/create", "fulfillment": "fulfillments/create",
    "fulfillment_order": "fulfillments/create", "fulfillment_orders": "fulfillments/create",
    "transactions": "order_transactions/create", "transaction": "order_transactions/create",
    "tender_transactions": "tender_transactions/create", "tender_transaction": "tender_transactions/create",
    "refund_line_items": "refunds/create", "tracking_numbers": "fulfillments/create", "gateway": "order_transactions/create",
}  # fmt: skip
"""What the REST API answers, by a name in it that nothing before it has. An order alone has none of them, or several."""


def authenticate(raw: RawMessage, endpoint: Endpoint) -> None:
    options = options_of(endpoint, ShopifySettings)
    check_signature([required(raw, "x-shopify-hmac-sha256")], lambda key: base64_hmac_sha256(raw.body, key), secrets_of(endpoint))
    if options.shop_domain and not same(required(raw, "x-shopify-shop-domain"), options.shop_domain):
        raise refusal()


def identify(raw: RawMessage, endpoint: Endpoint) -> Identified:
    """The topic's document; the delivery is the webhook id, which stays the same when Shopify sends again. Without a topic the
    document is told by its shape."""
    topic = raw.headers.get("x-shopify-topic")
    if topic is None:
        return Identified(_by_shape(json_object(raw.body)))
    document = one_of(topic, DOCUMENTS, "X-Shopify-Topic")
    webhook_id = raw.headers.get("x-shopify-webhook-id")
    return Identified(document, delivery_id(webhook_id, "X-Shopify-Webhook-Id") if webhook_id else None)


def _by_shape(tree: Mapping[str, Any]) -> str:
    """A page or a wrapped document by its name, an order by its lines; E_DOCUMENT for anything else."""
    if "errors" in tree:
        told = shown(tree["errors"])
        raise Malformed([Problem("E_DOCUMENT", "errors", "expected a document, not the answer to a request that failed", told)])
    if "line_items" in tree and "order_id" not in tree:
        return "orders"
    document = next((document for name, document in SHAPES.items() if name in tree), None)
    if document is None:
        expected = f"expected a topic ({', '.join(DOCUMENTS)}), or an answer of the REST API"
        raise Malformed([Problem("E_REQUIRED", "X-Shopify-Topic", expected)])
    return document


def sign(raw: RawMessage, endpoint: Endpoint) -> RawMessage:
    """As Shopify sends it; an order that has no topic header is a new one, its webhook id follows from topic and body."""
    topic = raw.headers.get("x-shopify-topic", "orders/create")
    content = hashlib.sha256(topic.encode() + raw.body).hexdigest()
    shop = options_of(endpoint, ShopifySettings).shop_domain
    headers = {
        "content-type": "application/json",
        "x-shopify-topic": topic,
        "x-shopify-webhook-id": str(uuid.uuid5(uuid.NAMESPACE_URL, content)),
        **({"x-shopify-shop-domain": shop} if shop else {}),
        **raw.headers,
        "x-shopify-hmac-sha256": base64_hmac_sha256(raw.body, secrets_of(endpoint)[0]),
    }
    return replace(raw, headers=headers)
