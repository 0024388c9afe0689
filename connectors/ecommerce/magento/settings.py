"""What an endpoint of this connector may say in its options."""

from typing import Annotated

from pydantic import Field

from connectors.settings import MaybeSending, UsableUrl

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class MagentoSettings(MaybeSending):
    """For sending, `url` is the shop's address, below which /rest/<store>/V1 lies. store: a store view's code, `all` for every one.

    source_code: the inventory source whose quantities are set. notify_customer: whether Magento writes to the buyer.
    carrier_code: what Magento calls the carriers of our shipments.
    """

    store: Name = "all"
    source_code: Name = "default"
    carrier_code: Name = "custom"
    notify_customer: bool = False


class MagentoSending(MagentoSettings):
    """The options of an endpoint that is sent to."""

    url: UsableUrl
