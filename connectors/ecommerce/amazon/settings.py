"""What an endpoint of this connector may say in its options."""

from typing import Annotated

from pydantic import Field

from connectors.settings import MaybeSending, UsableUrl

TOKEN_URL = "https://api.amazon.com/auth/o2/token"
Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,200}$")]


class AmazonSettings(MaybeSending):
    """For sending, `url` is the region's (https://sellingpartnerapi-eu.amazon.com). client_id: of the application; its secret and
    the seller's refresh token are the endpoint's secret, a blank between. marketplace_id, seller_id: where and as whom we sell.
    """

    client_id: Id | None = None
    token_url: UsableUrl = TOKEN_URL
    marketplace_id: Id | None = None
    seller_id: Id | None = None


class AmazonSending(AmazonSettings):
    """The options of an endpoint that is sent to."""

    url: UsableUrl
    client_id: Id
    marketplace_id: Id
    seller_id: Id
