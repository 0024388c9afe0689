"""What EasyPost sends: events, signed over the raw body and named by their `description`, and trackers as its API answers them."""

import hashlib
import hmac
import unicodedata
from dataclasses import replace

from canonical.failures import Misconfigured
from connectors.base import Endpoint, Identified, RawMessage
from connectors.carriers.easypost.settings import EasyPostSettings
from connectors.peek import json_object, one_of, refuse_error, text_at
from connectors.settings import options_of, secrets_of
from connectors.signatures import check_signature, required

EVENTS = ("tracker.created", "tracker.updated")
DOCUMENTS = (*EVENTS, "tracker", "trackers")
PREFIX = "hmac-sha256-hex="


def authenticate(raw: RawMessage, endpoint: Endpoint) -> None:
    options_of(endpoint, EasyPostSettings)
    check_signature([required(raw, "x-hmac-signature")], lambda key: _signature(raw.body, key), _keys(endpoint))


def identify(raw: RawMessage, endpoint: Endpoint) -> Identified:
    """The event's document, or a tracker or list of trackers as the API answers. No delivery id: an event sent again keeps its
    `id` but changes `status` and `pending_urls`."""
    tree = json_object(raw.body)
    refuse_error(tree, "error")
    if isinstance(tree.get("trackers"), list):
        return Identified("trackers")
    if tree.get("object") == "Tracker":
        return Identified("tracker")
    return Identified(one_of(text_at(tree, "description"), EVENTS, "description"))


def sign(raw: RawMessage, endpoint: Endpoint) -> RawMessage:
    signed = {"x-hmac-signature": _signature(raw.body, _keys(endpoint)[0])}
    return replace(raw, headers={"content-type": "application/json", **raw.headers, **signed})


def _signature(body: bytes, key: bytes) -> str:
    return PREFIX + hmac.new(key, body, hashlib.sha256).hexdigest()


def _keys(endpoint: Endpoint) -> tuple[bytes, ...]:
    """The secrets as EasyPost uses them: Unicode in its compatibility decomposition (NFKD)."""
    try:
        return tuple(unicodedata.normalize("NFKD", secret.decode()).encode() for secret in secrets_of(endpoint))
    except UnicodeDecodeError:
        raise Misconfigured(f"endpoint {endpoint.name}: expected a webhook secret in UTF-8") from None
