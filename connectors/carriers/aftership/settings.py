"""What an endpoint of this connector may say in its options."""

from pydantic import Field

from connectors.settings import MaybeSending


class AfterShipSettings(MaybeSending):
    """url: where numbers are registered (`https://api.aftership.com/tracking/2024-07/trackings`).

    slugs: AfterShip's word for a carrier of ours (`SF: sf-express`); for others it finds out by itself. `time_zone` is for
    checkpoints of carriers that tell local times without an offset. Receiving, the secrets are those of the webhook; sending, the
    first is the API key, so the two are endpoints of their own.
    """

    slugs: dict[str, str] = Field(default_factory=dict)
