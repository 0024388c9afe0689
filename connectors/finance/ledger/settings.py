"""What an endpoint of this connector may say in its options."""

from connectors.settings import Sending, UsableUrl
from connectors.soap_receiving import SoapSettings


class LedgerSettings(SoapSettings):
    """username: of the WS-Security UsernameToken in both directions, the endpoint's secret is its password. url: the ledger's
    service, where it is posted to."""


class LedgerSendingSettings(LedgerSettings, Sending):
    """The same for an endpoint that is being sent to."""

    url: UsableUrl
