"""Asks DHL's unified tracking about one number at a time: `GET /track/shipments?trackingNumber=...`."""

from collections.abc import Iterator, Sequence
from urllib.parse import urlencode

from connectors.base import Endpoint, Polled
from connectors.number_polling import NumberPolling, poll_numbers
from connectors.rest_polling import Question
from connectors.settings import poll_secret_of, polling_of
from connectors.url_token import credential


def track(endpoint: Endpoint, numbers: Sequence[str]) -> Iterator[Polled]:
    """Each answer is a document `unified`."""
    settings = polling_of(endpoint, NumberPolling)
    headers = {"dhl-api-key": credential(poll_secret_of(endpoint), endpoint)}

    def question(some: Sequence[str]) -> Question:
        return Question(f"{settings.url.rstrip('/')}/track/shipments?{urlencode({'trackingNumber': some[0]})}", headers)

    return poll_numbers(endpoint, settings, numbers, question)
