"""Standard Webhooks 1.0 (standardwebhooks.com): how the hub signs what it sends and checks what its own kind sends.

Signed is `{id}.{timestamp}.{body}` with HMAC-SHA-256; a secret is `whsec_` and the base64 of its 24 to 64 bytes.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime

from canonical.failures import Misconfigured
from connectors.base import Endpoint, RawMessage
from connectors.settings import secrets_of
from connectors.signatures import check_signature, check_window, refusal, required

PREFIX = b"whsec_"
ID = re.compile(r"[!-\-/-~]{1,255}")
"""Printable ASCII without a full stop, which ends the id in what is signed."""

SIGNATURE = re.compile(r"[A-Za-z0-9]+,[A-Za-z0-9+/=_-]+")
"""A version and what it makes of the message."""


def signed_headers(webhook_id: str, body: bytes, secrets: tuple[bytes, ...], now: datetime) -> dict[str, str]:
    """The three headers; one signature for each secret, so that the receiver may change to the new one when it likes."""
    timestamp = str(int(now.timestamp()))
    signatures = [_signature(secret, webhook_id, timestamp, body) for secret in secrets]
    return {"webhook-id": webhook_id, "webhook-timestamp": timestamp, "webhook-signature": " ".join(signatures)}


def check_signed(raw: RawMessage, secrets: tuple[bytes, ...]) -> str:
    """The webhook id of an authentic message; Unauthenticated otherwise. Signatures of other versions than v1 are ignored."""
    webhook_id = required(raw, "webhook-id")
    timestamp = required(raw, "webhook-timestamp")
    given = required(raw, "webhook-signature").split(" ")
    if not ID.fullmatch(webhook_id) or not all(SIGNATURE.fullmatch(signature) for signature in given):
        raise refusal()
    check_window(timestamp, raw.received_at)
    check_signature(given, lambda secret: _signature(secret, webhook_id, timestamp, raw.body), secrets)
    return webhook_id


def usable_secrets(endpoint: Endpoint) -> tuple[bytes, ...]:
    """The endpoint's secrets as they are configured; Misconfigured where one is not of the standard's form."""
    secrets = secrets_of(endpoint)
    for secret in secrets:
        try:
            _key(secret)
        except ValueError as error:
            raise Misconfigured(f"endpoint {endpoint.name}: {error}") from None
    return secrets


def _signature(secret: bytes, webhook_id: str, timestamp: str, body: bytes) -> str:
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(_key(secret), signed, hashlib.sha256).digest()).decode()


def _key(secret: bytes) -> bytes:
    """The bytes behind a secret; ValueError for one that is none."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not secret.startswith(PREFIX) or not 24 <= len(key) <= 64:
        raise ValueError("expected a secret of the form whsec_ and the base64 of 24 to 64 bytes")
    return key


def with_signature(raw: RawMessage, secrets: tuple[bytes, ...]) -> Mapping[str, str]:
    """The headers a sender gives a message: signed with the newest secret, under an id that the body decides."""
    webhook_id = raw.headers.get("webhook-id") or f"msg_{hashlib.sha256(raw.body).hexdigest()[:32]}"
    return signed_headers(webhook_id, raw.body, secrets[:1], raw.received_at)
