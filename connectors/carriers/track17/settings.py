"""What an endpoint of this connector may say in its options."""

from connectors.settings import MaybeSending


class Track17Settings(MaybeSending):
    """url: where numbers are registered (`https://api.17track.net/track/v2.4/register`). The secret is the API key, both ways.

    `time_zone` is for events of which only the carrier's local time is known.
    """
