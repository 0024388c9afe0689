"""Webhooks of WooCommerce: signed over the raw body with the webhook's secret; and what its REST API answers."""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from canonical.failures import Malformed
from canonical.problems import Problem
from connectors.base import Accepted, Answer, Endpoint, Identified, RawMessage
from connectors.ecommerce.woocommerce.settings import WooSettings
from connectors.peek import json_object, one_of, shown
from connectors.settings import options_of, secrets_of
from connectors.signatures import check_signature, refusal, required, same

DOCUMENTS = ("order.created", "order.updated", "order.restored", "order.deleted", "orders", "refunds", "ping")
"""The topics that are taken, pages of the REST API, and the ping a new webhook sends."""
PING = re.compile(rb"webhook_id=[0-9]{1,20}")
SIGNATURE = "x-wc-webhook-signature"
PINGED = b'{"webhook_id": "a ping"}'
"""What every ping is kept as."""
OK = frozenset({"accepted", "untranslated", "quarantined"})


def authenticate(raw: RawMessage, endpoint: Endpoint) -> None:
    """A ping proves nothing and means nothing; anything else is signed."""
    options = options_of(endpoint, WooSettings)
    keys = secrets_of(endpoint)
    if PING.fullmatch(raw.body) and SIGNATURE not in raw.headers:
        return
    check_signature([required(raw, SIGNATURE)], lambda key: _signature(raw.body, key), keys)
    if options.source and not same(required(raw, "x-wc-webhook-source"), options.source):
        raise refusal()


def kept(raw: RawMessage, endpoint: Endpoint) -> RawMessage:
    """Every ping is kept as the same one, so that nobody fills the archive with them."""
    return replace(raw, body=PINGED, headers={}) if PING.fullmatch(raw.body) else raw


def identify(raw: RawMessage, endpoint: Endpoint) -> Identified:
    """The topic's document; without a topic, told by its shape. No delivery id: WooCommerce makes one from the webhook and the
    second, which two changes of one second share."""
    if raw.body == PINGED or PING.fullmatch(raw.body):
        return Identified("ping", "ping")
    topic = raw.headers.get("x-wc-webhook-topic")
    if topic is not None:
        return Identified(one_of(topic, DOCUMENTS, "X-WC-Webhook-Topic"))
    return Identified(_by_shape(raw.body))


def _by_shape(body: bytes) -> str:
    """A list is one of orders, unless its first row is a refund; a single row likewise."""
    if body.lstrip()[:1] == b"[":
        body = b'{"data":' + body + b"}"
    tree = json_object(body)
    if "code" in tree and "message" in tree:
        expected = "expected a document, not the answer to a request that failed"
        raise Malformed([Problem("E_DOCUMENT", "code", expected, shown(tree["code"]))])
    inner = tree.get("data", tree)
    row = inner[0] if isinstance(inner, list) and inner else inner
    if not isinstance(row, dict | list):
        raise Malformed([Problem("E_DOCUMENT", "$", "expected an order or a refund, or a list of them", shown(row))])
    return _kind(row) if isinstance(row, dict) else "orders"


def _kind(row: Mapping[str, Any]) -> str:
    """Refunds state an amount and have no status; whatever is nothing is read as an order, which tells why it is none."""
    return "refunds" if ("refunds" in row or "amount" in row) and "status" not in row else "orders"


def sign(raw: RawMessage, endpoint: Endpoint) -> RawMessage:
    """As WooCommerce sends it; an order that has no topic header is an updated one."""
    source = options_of(endpoint, WooSettings).source
    headers = {
        "content-type": "application/json",
        "x-wc-webhook-topic": "order.updated",
        **({"x-wc-webhook-source": source} if source else {}),
        **raw.headers,
        SIGNATURE: _signature(raw.body, secrets_of(endpoint)[0]),
    }
    return replace(raw, headers=headers)


def answer(accepted: Accepted, endpoint: Endpoint) -> Answer:
    """200 for what is kept: a ping wants exactly that. Five other answers in a row and WooCommerce disables the webhook."""
    told = {"id": accepted.raw_id, "status": accepted.status, "problems": [problem.as_json() for problem in accepted.problems]}
    return Answer(200 if accepted.status in OK else 422, json.dumps(told).encode())


def _signature(body: bytes, secret: bytes) -> str:
    return base64.b64encode(hmac.new(secret, body, hashlib.sha256).digest()).decode()
