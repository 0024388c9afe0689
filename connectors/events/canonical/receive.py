"""The hub's own JSON, for partners without a format of their own, such as warehouses: `{"type": "...", "data": {...}}`."""

from dataclasses import replace

from connectors.base import Endpoint, Identified, RawMessage
from connectors.events.canonical.settings import CanonicalSettings
from connectors.peek import delivery_id, json_object, one_of, text_at
from connectors.settings import options_of
from connectors.standard_webhooks import check_signed, usable_secrets, with_signature
from connectors.transport_auth import TransportAuth, authorization, check_authorization

DOCUMENTS = (
    "shipment.dispatched", "delivery.confirmed", "stock.level", "order.placed", "order.cancelled", "payment.received",
)  # fmt: skip
BEARER = TransportAuth(auth="bearer")


def authenticate(raw: RawMessage, endpoint: Endpoint) -> None:
    if options_of(endpoint, CanonicalSettings).auth == "signature":
        check_signed(raw, usable_secrets(endpoint))
    else:
        check_authorization(raw, endpoint, BEARER)


def identify(raw: RawMessage, endpoint: Endpoint) -> Identified:
    """The message type it names; the delivery is the webhook id where there is one, with either kind of proof."""
    document = one_of(text_at(json_object(raw.body), "type"), DOCUMENTS, "type")
    webhook_id = raw.headers.get("webhook-id")
    return Identified(document, delivery_id(webhook_id, "webhook-id") if webhook_id else None)


def sign(raw: RawMessage, endpoint: Endpoint) -> RawMessage:
    if options_of(endpoint, CanonicalSettings).auth == "signature":
        proof = dict(with_signature(raw, usable_secrets(endpoint)))
    else:
        proof = {"authorization": authorization(endpoint, BEARER)}
    return replace(raw, headers={"content-type": "application/json", **raw.headers, **proof})
