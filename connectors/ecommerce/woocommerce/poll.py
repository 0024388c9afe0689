"""Asks WooCommerce's REST API for changed orders, and for the refunds of those that have some."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlencode

import orjson
from pydantic import Field

from connectors.base import Endpoint, Polled, RawMessage
from connectors.http import ask
from connectors.keyset_paging import SECOND, Keyset, rows_of
from connectors.rest_polling import Question, RestSettings, poll_list
from connectors.settings import poll_secret_of, polling_of
from connectors.transport_auth import TransportAuth, authorization

TOPIC = "x-wc-webhook-topic"


class WooPolling(RestSettings):
    """url: the shop's address; username: the consumer key, whose consumer secret is the secret."""

    username: Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{1,200}$")]
    page_size: Annotated[int, Field(ge=1, le=100)] = 100


def poll(endpoint: Endpoint, watermark: str | None) -> Iterator[Polled]:
    settings = polling_of(endpoint, WooPolling)
    asking = replace(endpoint, secrets=(poll_secret_of(endpoint),))
    headers = {"authorization": authorization(asking, TransportAuth(auth="basic", username=settings.username))}
    base = f"{settings.url.rstrip('/')}/wp-json/wc/v3/orders"

    def page_of(since: datetime, page: int) -> Question:
        # modified_after leaves the moment itself out.
        after = (since.astimezone(UTC) - SECOND).strftime("%Y-%m-%dT%H:%M:%S")
        query = {
            "modified_after": after, "dates_are_gmt": "true", "orderby": "modified", "order": "asc", "per_page": settings.page_size,
            "page": page,
        }  # fmt: skip
        return Question(f"{base}?{urlencode(query)}", headers)

    keyset = Keyset(
        page_of,
        lambda reply: rows_of(reply, None),
        lambda order: order.get("date_modified_gmt"),
        settings.page_size,
        {TOPIC: "orders"},
    )
    for page in poll_list(endpoint, settings, keyset.listing(), watermark):
        refunds = [one for raw in page.raws for one in _refunds(raw, base, settings, headers)]
        yield replace(page, raws=[*page.raws, *refunds])


def _refunds(page: RawMessage, base: str, settings: WooPolling, headers: dict[str, str]) -> Iterator[RawMessage]:
    """The refunds of each order that has some, with the order's number and currency, which they do not name themselves."""
    for order in orjson.loads(page.body):
        if order.get("refunds"):
            found = rows_of(ask(f"{base}/{order['id']}/refunds?per_page=100", settings, headers), None)
            known = {"order_number": order.get("number"), "currency": order.get("currency")}
            yield replace(page, headers={TOPIC: "refunds"}, body=orjson.dumps({"refunds": [{**row, **known} for row in found]}))
