"""The JSON Schema of what dealers send: the canonical one, less what is not a dealer's to say."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from canonical.schemas import accepted_schema

SCHEMAS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "order.placed": (
        frozenset(("channel", "source_platform", "source_order_id", "referrer_party", "dealer_tier", "seller")),
        frozenset(("sold_to", "currency", "price_date")),
    ),
    "order.changed": (frozenset(("counted",)), frozenset()),
    "order.cancelled": (frozenset(), frozenset(("reason_code", "requested_by"))),
}
"""Message type: names that are not taken, and names that are filled where they are left out."""


@cache
def request_schema() -> dict[str, Any]:
    """The schema (JSON Schema 2020-12) of a request of any type, each type's document under `$defs`."""
    definitions = {message_type: _document(message_type) for message_type in SCHEMAS}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:orderlane:schema:dealer_json:1",
        "title": "What a dealer posts",
        "oneOf": [_request(message_type) for message_type in SCHEMAS],
        "$defs": definitions,
    }


def _request(message_type: str) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "type": {"const": message_type},
            "timestamp": {"type": "string", "format": "date-time"},
            "data": {"$ref": f"#/$defs/{message_type}"},
        },
        "required": ["type", "data"],
        "additionalProperties": False,
    }


def _document(message_type: str) -> dict[str, Any]:
    """One type's schema under an `$id` of its own, so that its references stay within it."""
    closed, filled = SCHEMAS[message_type]
    schema = accepted_schema(message_type)
    schema["properties"] = {name: value for name, value in schema["properties"].items() if name not in closed}
    schema["required"] = [name for name in schema.get("required", ()) if name not in closed | filled]
    schema["$id"] = f"urn:orderlane:schema:dealer_json:{message_type}:1"
    return schema
