"""Events of Stripe: signed with their time, the document named by the event's `type`."""

import hashlib
import hmac
from dataclasses import replace

from connectors.base import Endpoint, Identified, RawMessage
from connectors.finance.stripe.settings import StripeSettings
from connectors.peek import delivery_id, json_object, one_of, text_at
from connectors.settings import options_of, secrets_of
from connectors.signatures import check_signature, check_window, refusal, required

DOCUMENTS = (
    "payment_intent.succeeded", "payment_intent.payment_failed", "payment_intent.canceled", "payment_intent.created",
    "payment_intent.processing", "payment_intent.requires_action", "payment_intent.amount_capturable_updated",
    "payment_intent.partially_funded", "checkout.session.completed", "checkout.session.expired",
    "checkout.session.async_payment_succeeded", "checkout.session.async_payment_failed", "invoice.paid",
    "invoice.payment_succeeded", "invoice.payment_failed", "invoice.payment_action_required", "charge.succeeded",
    "charge.captured", "charge.failed", "charge.pending", "charge.expired", "charge.updated", "charge.refunded",
    "refund.created", "refund.updated", "refund.failed", "charge.refund.updated", "charge.dispute.funds_withdrawn",
    "charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed",
)  # fmt: skip


def authenticate(raw: RawMessage, endpoint: Endpoint) -> None:
    options_of(endpoint, StripeSettings)
    timestamp, signatures = _parts(required(raw, "stripe-signature"))
    check_window(timestamp, raw.received_at)
    check_signature(signatures, lambda secret: _signature(secret, timestamp, raw.body), secrets_of(endpoint))


def identify(raw: RawMessage, endpoint: Endpoint) -> Identified:
    event = json_object(raw.body)
    return Identified(one_of(text_at(event, "type"), DOCUMENTS, "type"), delivery_id(text_at(event, "id"), "id"))


def sign(raw: RawMessage, endpoint: Endpoint) -> RawMessage:
    timestamp = str(int(raw.received_at.timestamp()))
    signature = _signature(secrets_of(endpoint)[0], timestamp, raw.body)
    signed = {"stripe-signature": f"t={timestamp},v1={signature}"}
    return replace(raw, headers={"content-type": "application/json; charset=utf-8", **raw.headers, **signed})


def _parts(header: str) -> tuple[str, list[str]]:
    """Timestamp and v1 signatures of `t=..,v1=..,v1=..,v0=..`; Unauthenticated where the time is not there once."""
    pairs = [part.strip(" ").partition("=") for part in header.split(",")]
    times = [value for name, _, value in pairs if name == "t"]
    if len(times) != 1:
        raise refusal()
    return times[0], [value for name, _, value in pairs if name == "v1"]


def _signature(secret: bytes, timestamp: str, body: bytes) -> str:
    """The whole secret is the key, its `whsec_` included (unlike Standard Webhooks)."""
    return hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
