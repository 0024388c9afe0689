"""What an endpoint of this connector may say in its options."""

from connectors.own_json import OwnJsonSettings
from connectors.settings import MaybeSending, Sending, UsableUrl


class DealerJsonSettings(OwnJsonSettings, MaybeSending):
    """How requests prove themselves; the dealer's webhook where it is sent to."""


class DealerJsonSendingSettings(DealerJsonSettings, Sending):
    """The same for an endpoint that is being sent to."""

    url: UsableUrl
