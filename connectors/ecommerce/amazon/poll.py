"""Asks Amazon for changed orders (Orders API 2026-01-01), or for changed purchase orders where we are its vendor."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal
from urllib.parse import urlencode

import orjson
from pydantic import Field

from connectors.base import Endpoint, Polled
from connectors.ecommerce.amazon.selling_partner import access_token
from connectors.ecommerce.amazon.settings import TOKEN_URL, Id
from connectors.http import Reply
from connectors.json_api import dug, rows
from connectors.keyset_paging import newest_of
from connectors.rest_polling import Listing, Question, RestSettings, poll_list
from connectors.settings import UsableUrl, poll_secret_of, polling_of


class AmazonPolling(RestSettings):
    """url: the region's. api: whose list. The secret is "<client secret> <refresh token>". fulfilled_by: whose orders; what Amazon
    ships itself is left out unless it is named."""

    api: Literal["orders", "vendor"] = "orders"
    client_id: Id
    token_url: UsableUrl = TOKEN_URL
    marketplace_ids: tuple[Id, ...] = ()
    fulfilled_by: tuple[Literal["MERCHANT", "AMAZON"], ...] = ("MERCHANT",)
    page_size: Annotated[int, Field(ge=1, le=100)] = 100


@dataclass(frozen=True, slots=True)
class Api:
    """A list of the Selling Partner API. at: where its rows stand. changed: when a row changed. token: where the token for the next
    page stands, and as what it is sent."""

    path: str
    at: tuple[str, ...]
    changed: tuple[str, ...]
    token: tuple[str, ...]
    token_sent: str


APIS: Mapping[str, Api] = {
    "orders": Api("/orders/2026-01-01/orders", ("orders",), ("lastUpdatedTime",), ("pagination", "nextToken"), "paginationToken"),
    "vendor": Api(
        "/vendor/orders/v1/purchaseOrders", ("payload", "orders"), ("orderDetails", "purchaseOrderChangedDate"),
        ("payload", "pagination", "nextToken"), "nextToken",
    ),
}  # fmt: skip
STATUSES = "UNSHIPPED,PARTIALLY_SHIPPED,SHIPPED,CANCELLED"
INCLUDED = "BUYER,RECIPIENT,PROCEEDS,PROMOTION,CANCELLATION,FULFILLMENT,PACKAGES,PAYMENT"


def poll(endpoint: Endpoint, watermark: str | None) -> Iterator[Polled]:
    settings = polling_of(endpoint, AmazonPolling)
    api = APIS[settings.api]
    secret = poll_secret_of(endpoint)

    def question(query: Mapping[str, str]) -> Question:
        token = access_token(settings.token_url, settings.client_id, secret, settings, endpoint)
        return Question(f"{settings.url.rstrip('/')}{api.path}?{urlencode(query)}", {"x-amz-access-token": token})

    def following(asked: Question, reply: Reply) -> Question | None:
        token = dug(_tree(reply), *api.token)
        return question({**given, api.token_sent: str(token)}) if token else None

    def first(since: datetime) -> Question:
        given.update(_criteria(settings, since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")))
        return question(given)

    def newest(reply: Reply) -> datetime | None:
        return newest_of([*rows(_tree(reply), *api.at)], lambda row: dug(row, *api.changed))

    given: dict[str, str] = {}
    yield from poll_list(endpoint, settings, Listing(first, following, newest), watermark)


def _criteria(settings: AmazonPolling, since: str) -> dict[str, str]:
    if settings.api == "vendor":
        return {"changedAfter": since, "limit": str(settings.page_size), "sortOrder": "ASC", "includeDetails": "true"}
    asked = {
        "lastUpdatedAfter": since, "fulfillmentStatuses": STATUSES, "fulfilledBy": ",".join(settings.fulfilled_by),
        "marketplaceIds": ",".join(settings.marketplace_ids), "includedData": INCLUDED,
        "maxResultsPerPage": str(settings.page_size),
    }  # fmt: skip
    return {name: value for name, value in asked.items() if value}


def _tree(reply: Reply) -> object:
    try:
        return orjson.loads(reply.body)
    except ValueError:
        return None
