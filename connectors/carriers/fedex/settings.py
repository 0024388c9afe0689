"""What an endpoint of this connector may say in its options."""

from connectors.settings import Settings


class FedExSettings(Settings):
    """Nothing of its own; FedEx's times name their offset, with rare exceptions that are in `time_zone`."""
