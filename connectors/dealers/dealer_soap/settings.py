"""What an endpoint of this connector may say in its options and under `poll`."""

from pydantic import AwareDatetime

from connectors.settings import Asking, Sending, UsableUrl
from connectors.soap_receiving import SoapSettings, Username


class DealerSoapSettings(SoapSettings):
    """url: the dealer's service, where it is told the status of its orders."""


class DealerSoapSendingSettings(DealerSoapSettings, Sending):
    """The same for an endpoint that is being sent to."""

    url: UsableUrl


class DealerSoapPolling(Asking):
    """url: the dealer's service. username: for its token, with the secret under `poll`. start: orders before are not asked for."""

    url: UsableUrl
    username: Username
    start: AwareDatetime | None = None
