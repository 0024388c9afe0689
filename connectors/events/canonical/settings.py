"""What an endpoint of this connector may say in its options."""

from typing import Literal

from connectors.settings import Settings


class CanonicalSettings(Settings):
    """auth: `signature` (Standard Webhooks, preferred: it covers the body) or `bearer` (an API key)."""

    auth: Literal["signature", "bearer"] = "signature"
