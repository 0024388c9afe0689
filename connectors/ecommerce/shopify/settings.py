"""What an endpoint of this connector may say in its options."""

from typing import Annotated

from pydantic import Field

from connectors.settings import Settings


class ShopifySettings(Settings):
    """shop_domain: the shop this endpoint is for (`acme.myshopify.com`); messages of other shops of the same app are refused."""

    shop_domain: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*\.myshopify\.com$")] | None = None
