"""Registers tracking numbers with AfterShip, one request each; a number that is registered already is as good."""

import json
from typing import Any

from connectors.base import Delivery, Endpoint, Sent
from connectors.carriers.aftership.settings import AfterShipSettings
from connectors.http import Reply, exchange, refuse_failure
from connectors.registering import answer_of, in_their_words, key_of, known_trackings, numbers_of, part, sending
from connectors.settings import Sending, options_of, secrets_of
from connectors.url_token import credential

DOCUMENTS = ("create_tracking",)
KNOWN_ALREADY = 4003


def send(delivery: Delivery, endpoint: Endpoint) -> Sent:
    """Register every number of the shipment; `partner_id` is AfterShip's id of the last."""
    options = options_of(endpoint, AfterShipSettings)
    way = sending(endpoint, options)
    rows = numbers_of(delivery)
    trackings = [in_their_words(row, options.slugs, "slug") for row in rows]
    replies = [_register(delivery, endpoint, way, tracking, count) for count, tracking in enumerate(trackings)]
    ids = [_id_in(reply) for reply in replies]
    known_as = known_trackings((row["tracking_number"] for row in rows), ids)
    return Sent(str(replies[-1].status), replies[-1].body, ids[-1], known_as)


def _id_in(reply: Reply) -> str | None:
    data = part(answer_of(reply), "data")
    known = part(data, "id") or part(part(data, "tracking"), "id")
    return str(known) if known else None


def _register(delivery: Delivery, endpoint: Endpoint, options: Sending, tracking: dict[str, Any], count: int) -> Reply:
    headers = {
        "content-type": "application/json",
        "as-api-key": credential(secrets_of(endpoint)[0], endpoint),
        "idempotency-key": key_of(delivery, count),
    }
    reply = exchange(options, json.dumps(tracking, ensure_ascii=False).encode(), headers)
    if reply.status != 400 or not _known_already(reply):
        refuse_failure(reply)
        answer_of(reply)
    return reply


def _known_already(reply: Reply) -> bool:
    return b"4003" in reply.body and part(answer_of(reply).get("meta"), "code") == KNOWN_ALREADY
