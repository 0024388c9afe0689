"""Webhooks of Shopify: signed over the raw body with the app's client secret, the document named by the topic header."""

import hashlib
import uuid
from dataclasses import replace

from canonical.failures import Malformed
from canonical.problems import Problem
from connectors.base import Endpoint, Identified, RawMessage
from connectors.ecommerce.shopify.settings import ShopifySettings
from connectors.peek import delivery_id, one_of
from connectors.settings import options_of, secrets_of
from connectors.signatures import base64_hmac_sha256, check_signature, refusal, required, same

DOCUMENTS = ("orders/create", "orders/cancelled")
"""The topics that are taken, each a document of that name."""


def authenticate(raw: RawMessage, endpoint: Endpoint) -> None:
    options = options_of(endpoint, ShopifySettings)
    check_signature([required(raw, "x-shopify-hmac-sha256")], lambda key: base64_hmac_sha256(raw.body, key), secrets_of(endpoint))
    if options.shop_domain and not same(required(raw, "x-shopify-shop-domain"), options.shop_domain):
        raise refusal()


def identify(raw: RawMessage, endpoint: Endpoint) -> Identified:
    """The topic's document; the delivery is the webhook id, which stays the same when Shopify sends again."""
    topic = raw.headers.get("x-shopify-topic")
    if topic is None:
        raise Malformed([Problem("E_REQUIRED", "X-Shopify-Topic", f"expected one of {', '.join(DOCUMENTS)}")])
    document = one_of(topic, DOCUMENTS, "X-Shopify-Topic")
    webhook_id = raw.headers.get("x-shopify-webhook-id")
    return Identified(document, delivery_id(webhook_id, "X-Shopify-Webhook-Id") if webhook_id else None)


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
