"""What an endpoint of this connector may say in its options."""

from connectors.settings import Settings


class EasyPostSettings(Settings):
    """Nothing of its own; EasyPost's times name their zone."""
