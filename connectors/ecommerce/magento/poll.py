"""Asks Magento's REST API for changed orders and for credit memos: two lists, each with a watermark of its own."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlencode

from pydantic import Field

from connectors.base import Endpoint, Polled
from connectors.ecommerce.magento.send import search
from connectors.ecommerce.magento.settings import Name
from connectors.keyset_paging import Keyset, rows_of
from connectors.rest_polling import Question, RestSettings, poll_list
from connectors.settings import poll_secret_of, polling_of
from connectors.url_token import credential

LISTS = ("orders", "creditmemos")


class MagentoPolling(RestSettings):
    """url: the shop's address; store: a store view's code; the secret is an integration's access token."""

    store: Name = "all"
    page_size: Annotated[int, Field(ge=1, le=300)] = 100


def poll(endpoint: Endpoint, watermark: str | None) -> Iterator[Polled]:
    settings = polling_of(endpoint, MagentoPolling)
    headers = {"authorization": f"Bearer {credential(poll_secret_of(endpoint), endpoint)}", "accept": "application/json"}
    marks: dict[str, str] = json.loads(watermark) if watermark else {}
    for name in LISTS:
        keyset = _keyset(f"{settings.url.rstrip('/')}/rest/{settings.store}/V1/{name}", settings, headers)
        for page in poll_list(endpoint, settings, keyset.listing(), marks.get(name)):
            marks |= {name: page.watermark} if page.watermark else {}
            yield replace(page, watermark=json.dumps(marks) if page.watermark else None)


def _keyset(base: str, settings: MagentoPolling, headers: dict[str, str]) -> Keyset:
    def page_of(since: datetime, page: int) -> Question:
        query = [
            *search("updated_at", since.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S"), "gteq"),
            ("searchCriteria[sortOrders][0][field]", "updated_at"), ("searchCriteria[sortOrders][0][direction]", "ASC"),
            ("searchCriteria[pageSize]", str(settings.page_size)), ("searchCriteria[currentPage]", str(page)),
        ]  # fmt: skip
        return Question(f"{base}?{urlencode(query)}", headers)

    return Keyset(page_of, lambda reply: rows_of(reply, "items"), lambda row: row.get("updated_at"), settings.page_size)
