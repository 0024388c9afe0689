"""Asks UPS about one number at a time: `GET /api/track/v1/details/{number}`, with a token of its OAuth service."""

import base64
import uuid
from collections.abc import Iterator, Sequence
from typing import Annotated
from urllib.parse import quote

from pydantic import Field

from connectors.base import Endpoint, Polled
from connectors.number_polling import NumberPolling, poll_numbers
from connectors.oauth_tokens import TOKENS
from connectors.rest_polling import Question
from connectors.settings import poll_secret_of, polling_of

SOURCE = "orderlane"
"""What UPS shall call who asks (transactionSrc)."""


class UpsPolling(NumberPolling):
    """client_id: of the app at UPS; its secret stands under `poll: secrets`."""

    client_id: Annotated[str, Field(min_length=1, max_length=200)]


def track(endpoint: Endpoint, numbers: Sequence[str]) -> Iterator[Polled]:
    """Each answer is a document `track`."""
    settings = polling_of(endpoint, UpsPolling)
    url = settings.url.rstrip("/")
    key = base64.b64encode(settings.client_id.encode() + b":" + poll_secret_of(endpoint)).decode()

    def question(some: Sequence[str]) -> Question:
        proof = {"authorization": f"Basic {key}"}
        token = TOKENS.get(f"{url}/security/v1/oauth/token", {"grant_type": "client_credentials"}, settings, proof)
        headers = {"authorization": f"Bearer {token}", "transid": uuid.uuid4().hex, "transactionsrc": SOURCE}
        return Question(f"{url}/api/track/v1/details/{quote(some[0], safe='')}", headers)

    return poll_numbers(endpoint, settings, numbers, question)
