"""Registers tracking numbers with EasyPost, one tracker each; a number that has a tracker already gets that one again."""

import base64
import json

from connectors.base import Delivery, Endpoint, Sent
from connectors.carriers.easypost.settings import EasyPostSettings
from connectors.http import Reply, post
from connectors.registering import answer_of, in_their_words, key_of, known_trackings, numbers_of, part, sending
from connectors.settings import options_of, secrets_of

DOCUMENTS = ("create_tracker",)


def send(delivery: Delivery, endpoint: Endpoint) -> Sent:
    """Make a tracker of every number of the shipment; `partner_id` is the last one's id. Failures as `connectors/http.py` says."""
    options = options_of(endpoint, EasyPostSettings)
    way, key = sending(endpoint, options), base64.b64encode(secrets_of(endpoint)[0] + b":").decode()
    rows = numbers_of(delivery)
    replies = []
    for count, row in enumerate(rows):
        headers = {
            "content-type": "application/json",
            "authorization": f"Basic {key}",
            "idempotency-key": key_of(delivery, count),
        }
        replies.append(post(way, json.dumps({"tracker": in_their_words(row, options.carriers, "carrier")}).encode(), headers))
    ids = [_id_in(reply) for reply in replies]
    known_as = known_trackings((row["tracking_code"] for row in rows), ids)
    return Sent(str(replies[-1].status), replies[-1].body, ids[-1], known_as)


def _id_in(reply: Reply) -> str | None:
    known = part(answer_of(reply), "id")
    return str(known) if known else None
