"""What an endpoint of this connector may say in its options."""

from pydantic import Field

from connectors.settings import MaybeSending


class Track17Settings(MaybeSending):
    """url: where numbers are registered (`https://api.17track.net/track/v2.4/register`). The secret is the API key, both ways.

    carriers: 17TRACK's code for a carrier of ours (`UPS: 100002`); for others it finds out by itself. `time_zone` is for events
    of which only the carrier's local time is known.
    """

    carriers: dict[str, int] = Field(default_factory=dict)
