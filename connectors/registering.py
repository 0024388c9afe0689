"""Registering tracking numbers with a platform that wants to be told of them: what comes back, read to the end."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from canonical.failures import Misconfigured, OutcomeUnknown, Refused
from canonical.references import Reference, told
from connectors.base import Delivery, Endpoint
from connectors.http import Reply
from connectors.settings import MaybeSending, Sending


def numbers_of(delivery: Delivery) -> list[dict[str, Any]]:
    """The rows of the payload as the outgoing mapping wrote it; Refused for a shipment without a tracking number."""
    rows: list[dict[str, Any]] = json.loads(delivery.payload).get("numbers", [])
    if not rows:
        raise Refused("the shipment names no tracking number")
    return rows


def sending(endpoint: Endpoint, options: MaybeSending) -> Sending:
    """What it takes to send; Misconfigured for an endpoint that only receives."""
    if options.url is None:
        raise Misconfigured(f"endpoint {endpoint.name}: url: expected where numbers are registered")
    return Sending(url=options.url, allow_private=options.allow_private, deadline_seconds=options.deadline_seconds)


def in_their_words(row: Mapping[str, Any], words: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The row with the platform's word for its carrier under `name`; without one the platform finds the carrier out itself."""
    word = words.get(row.get("carrier", ""))
    rest = {key: value for key, value in row.items() if key != "carrier"}
    return rest if word is None else {**rest, name: word}


def known_trackings(numbers: Iterable[str], ids: Iterable[str | None]) -> tuple[Reference, ...]:
    """What the platform calls the numbers from now on."""
    return tuple(one for number, known in zip(numbers, ids, strict=True) for one in told("tracking", number, known))


def key_of(delivery: Delivery, number: int) -> str:
    """The idempotency key of one of several requests: the same in every attempt, the delivery's own for the first."""
    return delivery.delivery_id if number == 0 else f"{delivery.delivery_id}-{number}"


def answer_of(reply: Reply) -> dict[str, Any]:
    """The JSON object of an answer; OutcomeUnknown where it is cut off or none: what was sent may have arrived."""
    try:
        tree = json.loads(reply.body) if reply.complete else None
    except ValueError:
        tree = None
    if not isinstance(tree, dict):
        raise OutcomeUnknown(f"HTTP {reply.status} without a whole JSON object")
    return tree


def part(tree: Any, name: str) -> Any:
    """What stands under a name, None where there is none or the tree is no object."""
    return tree.get(name) if isinstance(tree, dict) else None
