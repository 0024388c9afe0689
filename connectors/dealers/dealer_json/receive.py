"""Orders, changes and cancellations of dealers who write the hub's own JSON."""

import json

from connectors import own_json
from connectors.base import Answer, Endpoint, Identified, RawMessage
from connectors.dealers.dealer_json.schema import SCHEMAS, request_schema
from connectors.dealers.dealer_json.settings import DealerJsonSettings
from connectors.settings import options_of

DOCUMENTS = tuple(SCHEMAS)


def authenticate(raw: RawMessage, endpoint: Endpoint) -> None:
    own_json.authenticate(raw, endpoint, options_of(endpoint, DealerJsonSettings))


def identify(raw: RawMessage, _: Endpoint) -> Identified:
    return own_json.identify(raw, DOCUMENTS)


def sign(raw: RawMessage, endpoint: Endpoint) -> RawMessage:
    return own_json.sign(raw, endpoint, options_of(endpoint, DealerJsonSettings))


def describe(_: Endpoint) -> Answer:
    """The JSON Schema of every request."""
    return Answer(200, json.dumps(request_schema(), indent=2).encode(), "application/schema+json")
