"""Asks 17TRACK about registered numbers, forty at a time: `POST .../gettrackinfo`."""

import json
from collections.abc import Iterator, Sequence

from connectors.base import Endpoint, Polled
from connectors.carriers.track17.send import MOST
from connectors.number_polling import NumberPolling, poll_numbers
from connectors.rest_polling import Question
from connectors.settings import poll_secret_of, polling_of
from connectors.url_token import credential


def track(endpoint: Endpoint, numbers: Sequence[str]) -> Iterator[Polled]:
    """Each answer is a document `gettrackinfo`."""
    settings = polling_of(endpoint, NumberPolling)
    headers = {"content-type": "application/json", "17token": credential(poll_secret_of(endpoint), endpoint)}

    def question(some: Sequence[str]) -> Question:
        body = json.dumps([{"number": number} for number in some]).encode()
        return Question(f"{settings.url.rstrip('/')}/gettrackinfo", headers, body)

    return poll_numbers(endpoint, settings, numbers, question, at_once=MOST)
