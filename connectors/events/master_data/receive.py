"""Master data as the hub's own JSON: one record, an array, or one a line, each `{"type": "...", "data": {...}}`."""

import json

from connectors import own_json
from connectors.base import Endpoint, Identified, RawMessage
from connectors.events.master_data.settings import KINDS, MasterDataSettings
from connectors.peek import delivery_id, one_of
from connectors.settings import options_of

MANY = "records"
"""The document that holds several records, of whatever kinds."""
DOCUMENTS = (*KINDS, MANY)


def authenticate(raw: RawMessage, endpoint: Endpoint) -> None:
    own_json.authenticate(raw, endpoint, options_of(endpoint, MasterDataSettings))


def identify(raw: RawMessage, endpoint: Endpoint) -> Identified:
    """The type of a single record, which has to be one that the endpoint may send; of several, `records`: each is looked at when
    it is translated."""
    webhook_id = raw.headers.get("webhook-id")
    kind = _single(raw.body)
    document = MANY if kind is None else one_of(kind, options_of(endpoint, MasterDataSettings).documents, "type")
    return Identified(document, delivery_id(webhook_id, "webhook-id") if webhook_id else None)


def sign(raw: RawMessage, endpoint: Endpoint) -> RawMessage:
    return own_json.sign(raw, endpoint, options_of(endpoint, MasterDataSettings))


def _single(body: bytes) -> str | None:
    """The type of the one record a body holds; None where it holds several, or something else."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    kind = value.get("type") if isinstance(value, dict) else None
    return kind if isinstance(kind, str) else None
