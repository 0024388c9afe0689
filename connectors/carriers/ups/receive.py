"""What UPS sends: pushes of Track Alert, which carry the credential of the subscription, and answers of the Tracking API."""

from dataclasses import replace

from connectors.base import Endpoint, Identified, RawMessage
from connectors.carriers.ups.settings import UpsSettings
from connectors.peek import json_object, one_of_names
from connectors.settings import options_of, secrets_of
from connectors.signatures import check_signature, required
from connectors.url_token import credential

NAMES = {"trackResponse": "track", "response": "track", "activityStatus": "track_alert", "localActivityDate": "track_alert"}
"""A top-level name that only one of the documents has."""
DOCUMENTS = ("track", "track_alert")
HEADER = "credential"


def authenticate(raw: RawMessage, endpoint: Endpoint) -> None:
    options_of(endpoint, UpsSettings)
    keys = secrets_of(endpoint)
    check_signature([required(raw, HEADER)], lambda key: credential(key, endpoint), keys)


def identify(raw: RawMessage, endpoint: Endpoint) -> Identified:
    """An answer of the API or a push. No delivery id: UPS names none."""
    return Identified(one_of_names(json_object(raw.body), NAMES))


def sign(raw: RawMessage, endpoint: Endpoint) -> RawMessage:
    proof = {HEADER: credential(secrets_of(endpoint)[0], endpoint)}
    return replace(raw, headers={"content-type": "application/json", **raw.headers, **proof})
