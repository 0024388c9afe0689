"""What an endpoint of this connector may say in its options."""

from connectors.settings import MaybeSending


class AfterShipSettings(MaybeSending):
    """url: where numbers are registered (`https://api.aftership.com/tracking/2024-07/trackings`).

    `time_zone` is for checkpoints of carriers that tell local times without an offset. Receiving, the secrets are those of the
    webhook; sending, the first one is the API key, so the two are endpoints of their own.
    """
