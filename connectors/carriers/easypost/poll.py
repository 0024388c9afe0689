"""Asks EasyPost for the trackers of one number at a time: `GET /v2/trackers?tracking_code=...`."""

import base64
from collections.abc import Iterator, Sequence
from urllib.parse import urlencode

from connectors.base import Endpoint, Polled
from connectors.number_polling import NumberPolling, poll_numbers
from connectors.rest_polling import Question
from connectors.settings import poll_secret_of, polling_of


def track(endpoint: Endpoint, numbers: Sequence[str]) -> Iterator[Polled]:
    """Each answer is a document `trackers`."""
    settings = polling_of(endpoint, NumberPolling)
    key = base64.b64encode(poll_secret_of(endpoint) + b":").decode()

    def question(some: Sequence[str]) -> Question:
        query = urlencode({"tracking_code": some[0]})
        return Question(f"{settings.url.rstrip('/')}/v2/trackers?{query}", {"authorization": f"Basic {key}"})

    return poll_numbers(endpoint, settings, numbers, question)
