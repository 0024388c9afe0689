"""What an endpoint of this connector may say in its options."""

from typing import Annotated

from pydantic import Field

from connectors.settings import Settings


class PayPalSettings(Settings):
    """webhook_id: the id PayPal gave the webhook; it is part of what is signed, so that nobody replays another webhook's events."""

    webhook_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,50}$")]
