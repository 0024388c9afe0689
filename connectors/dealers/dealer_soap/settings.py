"""What an endpoint of this connector may say in its options and under `poll`."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from connectors.settings import Asking, MaybeSending, Sending, UsableUrl

Username = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^:]+$")]


class DealerSoapSettings(MaybeSending):
    """auth: `token` (WS-Security UsernameToken with digest) or `basic`; the secret is the password. public_url: the endpoint's
    address as the WSDL tells it. url: the dealer's service, where it is told the status of its orders."""

    auth: Literal["token", "basic"] = "token"
    username: Username
    public_url: UsableUrl | None = None


class DealerSoapSendingSettings(DealerSoapSettings, Sending):
    """The same for an endpoint that is being sent to."""

    url: UsableUrl


class DealerSoapPolling(Asking):
    """url: the dealer's service. username: for its token, with the secret under `poll`. start: orders before are not asked for."""

    url: UsableUrl
    username: Username
    start: AwareDatetime | None = None
