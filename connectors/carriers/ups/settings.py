"""What an endpoint of this connector may say in its options."""

from connectors.settings import Settings


class UpsSettings(Settings):
    """`time_zone` is for local times that UPS sends without their offset and without Greenwich's time beside them."""
