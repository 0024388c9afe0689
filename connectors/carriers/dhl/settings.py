"""What an endpoint of this connector may say in its options."""

from connectors.settings import Settings


class DhlSettings(Settings):
    """`time_zone` is for DHL's local times, which mostly name no offset."""
