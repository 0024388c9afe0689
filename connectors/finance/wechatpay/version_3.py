"""API v3 of WeChat Pay: the signature over time, nonce and raw body, and the sealed resource (AES-256-GCM)."""

import base64
import hashlib
from dataclasses import replace
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from canonical.failures import Malformed
from canonical.problems import Problem
from connectors.base import Endpoint, Identified, RawMessage
from connectors.finance.wechatpay.settings import WechatPaySettings
from connectors.peek import delivery_id, json_object, one_of, shown, text_at
from connectors.rsa_keys import check_rsa, rsa_signature, serial_of
from connectors.signatures import check_window, refusal, required

EVENTS = ("TRANSACTION.SUCCESS", "REFUND.SUCCESS", "REFUND.ABNORMAL", "REFUND.CLOSED")
DOCUMENTS = (*EVENTS, "transaction", "refund")
ALGORITHM = "AEAD_AES_256_GCM"
BY_PUBLIC_KEY = "PUB_KEY_ID_"


def check(raw: RawMessage, keys: tuple[bytes, ...], options: WechatPaySettings, endpoint: Endpoint) -> None:
    """Pass when the key that the serial names signed the request within the last five minutes."""
    serial, timestamp = required(raw, "wechatpay-serial"), required(raw, "wechatpay-timestamp")
    signature, nonce = required(raw, "wechatpay-signature"), required(raw, "wechatpay-nonce")
    check_window(timestamp, raw.received_at)
    named = [key for key in keys if _is_named(key, serial, options)]
    check_rsa(signature, _content(timestamp, nonce, raw.body), named, endpoint)


def _is_named(key: bytes, serial: str, options: WechatPaySettings) -> bool:
    """Whether a serial names this key: a certificate by its number, a bare key by the configured id."""
    own = serial_of(key)
    if own is not None:
        return serial.lstrip("0").upper() == own
    return options.public_key_id in (None, serial)


def identified(tree: dict[str, Any]) -> Identified:
    if "event_type" in tree:
        document = one_of(text_at(tree, "event_type"), EVENTS, "event_type")
        return Identified(document, delivery_id(text_at(tree, "id"), "id"))
    for field, document in (("refund_id", "refund"), ("trade_state", "transaction")):
        if field in tree:
            return Identified(document)
    raise Malformed([Problem("E_DOCUMENT", "event_type", f"expected a payment, a refund, or one of {', '.join(EVENTS)}")])


def opened(body: bytes, keys: tuple[bytes, ...]) -> bytes:
    """`{"event": the notification, "resource": what it holds}`; a body without a sealed resource as it is. Malformed also for
    a notification that is about something else."""
    tree = json_object(body)
    identified(tree)
    resource = tree.get("resource")
    if not isinstance(resource, dict) or "ciphertext" not in resource:
        return body
    if resource.get("algorithm") != ALGORITHM:
        raise _sealed("resource.algorithm", f"expected {ALGORITHM}", resource.get("algorithm"))
    plain = next((found for key in keys if (found := _unsealed(resource, key)) is not None), None)
    if plain is None:
        raise _sealed("resource.ciphertext", "expected what one of the endpoint's APIv3 keys opens")
    return b'{"event":' + body + b',"resource":' + plain + b"}"


def _unsealed(resource: dict[str, Any], key: bytes) -> bytes | None:
    texts = [resource.get(name) for name in ("nonce", "ciphertext", "associated_data")]
    nonce, ciphertext, associated = (text if isinstance(text, str) else "" for text in texts)
    try:
        return AESGCM(key).decrypt(nonce.encode(), base64.b64decode(ciphertext, validate=True), associated.encode())
    except (InvalidTag, ValueError):
        return None


def signed(raw: RawMessage, secret: bytes, endpoint: Endpoint) -> RawMessage:
    timestamp = str(int(raw.received_at.timestamp()))
    nonce = hashlib.sha256(raw.body).hexdigest()[:32]
    headers = {
        "content-type": "application/json",
        "wechatpay-serial": f"{BY_PUBLIC_KEY}0",
        **raw.headers,
        "wechatpay-timestamp": timestamp,
        "wechatpay-nonce": nonce,
        "wechatpay-signature": rsa_signature(_content(timestamp, nonce, raw.body), secret, endpoint),
    }
    return replace(raw, headers=headers)


def _content(timestamp: str, nonce: str, body: bytes) -> bytes:
    """Headers are Latin-1 as they arrive; one that is not can have no signature."""
    try:
        return f"{timestamp}\n{nonce}\n".encode("latin-1") + body + b"\n"
    except UnicodeEncodeError:
        raise refusal() from None


def _sealed(path: str, expected: str, value: object = None) -> Malformed:
    return Malformed([Problem("E_SEALED", path, expected, shown(value))])
