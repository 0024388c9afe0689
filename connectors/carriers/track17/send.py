"""Registers tracking numbers with 17TRACK, forty at a time; a number that is registered already is as good."""

import json
from typing import Any

from canonical.failures import Refused
from connectors.base import Delivery, Endpoint, Sent
from connectors.carriers.track17.settings import Track17Settings
from connectors.http import Reply, post
from connectors.registering import answer_of, in_their_words, key_of, numbers_of, part, sending
from connectors.settings import Sending, options_of, secrets_of
from connectors.url_token import credential

DOCUMENTS = ("register_numbers",)
MOST = 40
KNOWN_ALREADY = -18019901


def send(delivery: Delivery, endpoint: Endpoint) -> Sent:
    """Register every number of the shipment. Refused with 17TRACK's words where it takes one of them not."""
    options = options_of(endpoint, Track17Settings)
    numbers = [in_their_words(row, options.carriers, "carrier") for row in numbers_of(delivery)]
    replies = [
        _register(delivery, endpoint, sending(endpoint, options), numbers[start : start + MOST], count)
        for count, start in enumerate(range(0, len(numbers), MOST))
    ]
    return Sent(str(replies[-1].status), replies[-1].body)


def _register(delivery: Delivery, endpoint: Endpoint, options: Sending, rows: list[dict[str, Any]], count: int) -> Reply:
    headers = {
        "content-type": "application/json",
        "17token": credential(secrets_of(endpoint)[0], endpoint),
        "idempotency-key": key_of(delivery, count),
    }
    reply = post(options, json.dumps(rows, ensure_ascii=False).encode(), headers)
    answer = answer_of(reply)
    data = part(answer, "data")
    errors = [*(part(data, "errors") or ()), *(part(one, "error") for one in part(data, "rejected") or ())]
    wrong = [error for error in errors if part(error, "code") != KNOWN_ALREADY]
    if answer.get("code") != 0 or wrong:
        told = part(wrong[0], "message") if wrong else answer.get("message") or answer.get("code")
        raise Refused(f"17TRACK: {told}")
    return reply
