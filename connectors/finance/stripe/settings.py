"""What an endpoint of this connector may say in its options."""

from connectors.settings import Settings


class StripeSettings(Settings):
    """Nothing of its own; Stripe's amounts name their currency, its times are seconds since 1970."""
