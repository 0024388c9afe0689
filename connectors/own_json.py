"""The hub's own JSON, `{"type": "...", "data": {...}}`: proved by a signature (Standard Webhooks) or by an API key."""

from dataclasses import replace
from typing import Literal

from connectors.base import Endpoint, Identified, RawMessage
from connectors.peek import delivery_id, json_object, one_of, text_at
from connectors.settings import Settings
from connectors.standard_webhooks import check_signed, usable_secrets, with_signature
from connectors.transport_auth import TransportAuth, authorization, check_authorization

BEARER = TransportAuth(auth="bearer")


class OwnJsonSettings(Settings):
    """auth: `signature` (Standard Webhooks, preferred: it covers the body) or `bearer` (an API key)."""

    auth: Literal["signature", "bearer"] = "signature"


def authenticate(raw: RawMessage, endpoint: Endpoint, options: OwnJsonSettings) -> None:
    if options.auth == "signature":
        check_signed(raw, usable_secrets(endpoint))
    else:
        check_authorization(raw, endpoint, BEARER)


def identify(raw: RawMessage, documents: tuple[str, ...]) -> Identified:
    """The message type it names; the delivery is the webhook id where there is one, with either kind of proof."""
    document = one_of(text_at(json_object(raw.body), "type"), documents, "type")
    webhook_id = raw.headers.get("webhook-id")
    return Identified(document, delivery_id(webhook_id, "webhook-id") if webhook_id else None)


def sign(raw: RawMessage, endpoint: Endpoint, options: OwnJsonSettings) -> RawMessage:
    if options.auth == "signature":
        proof = dict(with_signature(raw, usable_secrets(endpoint)))
    else:
        proof = {"authorization": authorization(endpoint, BEARER)}
    return replace(raw, headers={"content-type": "application/json", **raw.headers, **proof})
