"""What an endpoint of this connector may say in its options."""

from connectors.settings import Sending


class WebhookSettings(Sending):
    """Nothing of its own: where to, and how long."""
