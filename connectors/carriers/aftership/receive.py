"""What AfterShip sends: webhooks of its Tracking, signed over the raw body, and answers of its API."""

from dataclasses import replace
from typing import Any

from canonical.failures import Malformed
from canonical.problems import Problem
from connectors.base import Endpoint, Identified, RawMessage
from connectors.carriers.aftership.settings import AfterShipSettings
from connectors.peek import delivery_id, json_object, one_of, shown, text_at
from connectors.settings import options_of, secrets_of
from connectors.signatures import base64_hmac_sha256, check_signature, required

EVENTS = ("tracking_update", "edd_revise")
DOCUMENTS = (*EVENTS, "tracking", "trackings")
HEADER = "aftership-hmac-sha256"


def authenticate(raw: RawMessage, endpoint: Endpoint) -> None:
    options_of(endpoint, AfterShipSettings)
    check_signature([required(raw, HEADER)], lambda key: base64_hmac_sha256(raw.body, key), secrets_of(endpoint))


def identify(raw: RawMessage, endpoint: Endpoint) -> Identified:
    """A webhook by its event, told from a repeat by `event_id`, which stays when AfterShip tries again; or an answer of the API."""
    tree = json_object(raw.body)
    if "meta" in tree:
        return Identified(_answer(tree))
    document = one_of(text_at(tree, "event"), EVENTS, "event")
    event_id = tree.get("event_id")
    return Identified(document, delivery_id(text_at(tree, "event_id"), "event_id") if event_id else None)


def _answer(tree: dict[str, Any]) -> str:
    """The document of an answer; Malformed where its `meta` tells an error."""
    meta, data = tree["meta"], tree.get("data")
    code = meta.get("code") if isinstance(meta, dict) else None
    if not isinstance(meta, dict) or not isinstance(code, int) or not 200 <= code < 300:
        told = meta.get("message") if isinstance(meta, dict) else meta
        raise Malformed([Problem("E_DOCUMENT", "meta.message", "expected trackings, not an error", shown(told))])
    return "trackings" if isinstance(data, dict) and "trackings" in data else "tracking"


def sign(raw: RawMessage, endpoint: Endpoint) -> RawMessage:
    signed = {HEADER: base64_hmac_sha256(raw.body, secrets_of(endpoint)[0])}
    return replace(raw, headers={"content-type": "application/json", **raw.headers, **signed})
