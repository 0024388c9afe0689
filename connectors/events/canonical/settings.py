"""What an endpoint of this connector may say in its options."""

from connectors.own_json import OwnJsonSettings


class CanonicalSettings(OwnJsonSettings):
    """Nothing of its own: how requests prove themselves, and what documents leave out."""
