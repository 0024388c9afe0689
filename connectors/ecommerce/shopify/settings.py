"""What an endpoint of this connector may say in its options."""

from typing import Annotated

from pydantic import Field

from connectors.settings import MaybeSending, UsableUrl

API_VERSION = "2026-07"


class ShopifySettings(MaybeSending):
    """shop_domain: the shop this endpoint is for (`acme.myshopify.com`); messages of other shops of the same app are refused.

    For sending, `url` is the shop's address (https://acme.myshopify.com). api_version: of the Admin API. location_id: where stock
    levels are set. notify_customer: whether Shopify writes to the buyer about a shipment.
    """

    shop_domain: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*\.myshopify\.com$")] | None = None
    api_version: Annotated[str, Field(pattern=r"^20[0-9]{2}-(01|04|07|10)$")] = API_VERSION
    location_id: Annotated[str, Field(pattern=r"^[0-9]{1,20}$")] | None = None
    notify_customer: bool = False


class ShopifySending(ShopifySettings):
    """The options of an endpoint that is sent to."""

    url: UsableUrl
