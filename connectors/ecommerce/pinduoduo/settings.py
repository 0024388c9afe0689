"""What an endpoint of this connector may say in its options."""

from typing import Annotated

from pydantic import Field

from connectors.settings import MaybeSending, Sending, UsableUrl

Key = Annotated[str, Field(pattern=r"^[0-9A-Za-z]{1,64}$")]


class PinduoduoSettings(MaybeSending):
    """client_id: of the application. carriers: the platform's number of a carrier for each one, as the hub names it. Both for an
    endpoint that is sent to.
    """

    client_id: Key | None = None
    carriers: dict[str, Annotated[str, Field(pattern=r"^[0-9]{1,20}$")]] = Field(default_factory=dict)


class PinduoduoSendingSettings(PinduoduoSettings, Sending):
    """The same for an endpoint that is being sent to."""

    url: UsableUrl
    client_id: Key
