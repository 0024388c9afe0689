"""What an endpoint of this connector may say in its options."""

from typing import Annotated

from pydantic import Field

from connectors.settings import MaybeSending, Sending, UsableUrl


class YouzanSettings(MaybeSending):
    """client_id: of the application; pushes of others are refused. kdt_id: the shop; pushes of others are refused.

    carriers: Youzan's number of a carrier for each one, as the hub names it, for an endpoint that is sent to.
    """

    client_id: Annotated[str, Field(pattern=r"^[0-9A-Za-z]{1,64}$")] | None = None
    kdt_id: Annotated[str, Field(pattern=r"^[0-9]{1,20}$")] | None = None
    carriers: dict[str, Annotated[str, Field(pattern=r"^[0-9]{1,20}$")]] = Field(default_factory=dict)


class YouzanSendingSettings(YouzanSettings, Sending):
    """The same for an endpoint that is being sent to."""

    url: UsableUrl
