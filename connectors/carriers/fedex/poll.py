"""Asks FedEx about thirty numbers at a time: `POST /track/v1/trackingnumbers`, with a token of its OAuth service."""

import json
from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import Field

from connectors.base import Endpoint, Polled
from connectors.number_polling import NumberPolling, poll_numbers
from connectors.oauth_tokens import TOKENS
from connectors.rest_polling import Question
from connectors.settings import poll_secret_of, polling_of
from connectors.url_token import credential

AT_ONCE = 30


class FedExPolling(NumberPolling):
    """client_id: the API key; its secret stands under `poll: secrets`."""

    client_id: Annotated[str, Field(min_length=1, max_length=200)]


def track(endpoint: Endpoint, numbers: Sequence[str]) -> Iterator[Polled]:
    """Each answer is a document `track`."""
    settings = polling_of(endpoint, FedExPolling)
    secret, url = credential(poll_secret_of(endpoint), endpoint), settings.url.rstrip("/")
    grant = {"grant_type": "client_credentials", "client_id": settings.client_id, "client_secret": secret}

    def question(some: Sequence[str]) -> Question:
        wanted = [{"trackingNumberInfo": {"trackingNumber": number}} for number in some]
        headers = {
            "authorization": f"Bearer {TOKENS.get(f'{url}/oauth/token', grant, settings)}",
            "content-type": "application/json",
        }
        body = json.dumps({"includeDetailedScans": True, "trackingInfo": wanted}).encode()
        return Question(f"{url}/track/v1/trackingnumbers", headers, body)

    return poll_numbers(endpoint, settings, numbers, question, at_once=AT_ONCE)
