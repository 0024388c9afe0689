"""What an endpoint of this connector may say in its options."""

from typing import Annotated

from pydantic import Field

from connectors.settings import MaybeSending, UsableUrl


class WooSettings(MaybeSending):
    """source: the shop this endpoint is for, as X-WC-Webhook-Source says it; webhooks of other shops are refused.

    For sending, `url` is the shop's address, below which /wp-json/wc/v3 lies, and username the consumer key (ck_...).
    customer_note: whether the buyer sees the note about a shipment.
    """

    source: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    username: Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{1,200}$")] | None = None
    customer_note: bool = False


class WooSending(WooSettings):
    """The options of an endpoint that is sent to."""

    url: UsableUrl
    username: Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{1,200}$")]
