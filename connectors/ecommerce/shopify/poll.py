"""Asks Shopify's REST API for changed orders; what was refunded of them stands in them and is told as refunds of its own."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode

import orjson
from pydantic import Field

from connectors.base import Endpoint, Polled, RawMessage
from connectors.ecommerce.shopify.settings import API_VERSION
from connectors.http import Reply
from connectors.keyset_paging import newest_of, rows_of
from connectors.rest_polling import Listing, Question, RestSettings, link_to_next, poll_list
from connectors.settings import poll_secret_of, polling_of
from connectors.url_token import credential

TOPIC = "x-shopify-topic"


class ShopifyPolling(RestSettings):
    """url: the shop's (https://acme.myshopify.com); the secret is an Admin API access token."""

    api_version: Annotated[str, Field(pattern=r"^20[0-9]{2}-(01|04|07|10)$")] = API_VERSION
    page_size: Annotated[int, Field(ge=1, le=250)] = 100


def poll(endpoint: Endpoint, watermark: str | None) -> Iterator[Polled]:
    settings = polling_of(endpoint, ShopifyPolling)
    headers = {"x-shopify-access-token": credential(poll_secret_of(endpoint), endpoint), "accept": "application/json"}
    base = f"{settings.url.rstrip('/')}/admin/api/{settings.api_version}/orders.json"

    def first(since: datetime) -> Question:
        query = {"status": "any", "limit": settings.page_size, "order": "updated_at asc", "updated_at_min": since.isoformat()}
        return Question(f"{base}?{urlencode(query)}", headers)

    def following(_: Question, reply: Reply) -> Question | None:
        address = link_to_next(reply)
        return None if address is None else Question(address, headers)

    def newest(reply: Reply) -> datetime | None:
        return newest_of(rows_of(reply, "orders"), lambda order: order.get("updated_at"))

    for page in poll_list(
        endpoint, settings, Listing(first, following, newest, in_order=True, headers={TOPIC: "orders"}), watermark
    ):
        yield replace(page, raws=[*page.raws, *(refunds for raw in page.raws for refunds in _refunds(raw))])


def _refunds(page: RawMessage) -> Iterator[RawMessage]:
    """The refunds of a page's orders as a document of their own, where there are some."""
    found = [refund for order in orjson.loads(page.body)["orders"] for refund in order.get("refunds") or ()]
    if found:
        yield replace(page, headers={TOPIC: "refunds/create"}, body=orjson.dumps({"refunds": found}))
