"""What 17TRACK sends: webhooks, with a hash over the raw body and the API key, and answers of its API."""

import hashlib
from dataclasses import replace
from typing import Any

from canonical.failures import Malformed
from canonical.problems import Problem
from connectors.base import Endpoint, Identified, RawMessage
from connectors.carriers.track17.settings import Track17Settings
from connectors.peek import json_object, one_of, shown
from connectors.settings import options_of, secrets_of
from connectors.signatures import check_signature, required

EVENTS = {"TRACKING_UPDATED": "tracking_updated", "TRACKING_STOPPED": "tracking_stopped"}
DOCUMENTS = (*EVENTS.values(), "gettrackinfo", "register", "gettracklist")
HEADER = "sign"


def authenticate(raw: RawMessage, endpoint: Endpoint) -> None:
    options_of(endpoint, Track17Settings)
    check_signature([required(raw, HEADER)], lambda key: _signature(raw.body, key), secrets_of(endpoint))


def identify(raw: RawMessage, endpoint: Endpoint) -> Identified:
    """A webhook by its event, an answer by what it has. No delivery id: 17TRACK names none."""
    tree = json_object(raw.body)
    if "event" in tree:
        event = tree["event"]
        if not isinstance(event, str):
            raise Malformed([Problem("E_DOCUMENT", "event", f"expected one of {', '.join(EVENTS)}", shown(event))])
        return Identified(EVENTS[one_of(event, tuple(EVENTS), "event")])
    if "code" not in tree:
        raise Malformed([Problem("E_DOCUMENT", "$", "expected a webhook with an event, or an answer with a code")])
    return Identified(_answer(tree))


def _answer(tree: dict[str, Any]) -> str:
    data = tree.get("data")
    accepted = data.get("accepted") if isinstance(data, dict) else None
    first = accepted[0] if isinstance(accepted, list) and accepted else None
    if not isinstance(first, dict) or "track_info" in first:
        return "gettrackinfo"
    return "gettracklist" if "package_status" in first else "register"


def sign(raw: RawMessage, endpoint: Endpoint) -> RawMessage:
    signed = {HEADER: _signature(raw.body, secrets_of(endpoint)[0])}
    return replace(raw, headers={"content-type": "application/json", **raw.headers, **signed})


def _signature(body: bytes, key: bytes) -> str:
    """SHA-256 of body, slash and key (api.17track.net/en/doc, webhook). No HMAC, but a key of fixed length at the end."""
    return hashlib.sha256(body + b"/" + key).hexdigest()
