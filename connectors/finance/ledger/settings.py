"""What an endpoint of this connector may say in its options."""

from typing import Annotated

from pydantic import Field

from connectors.settings import Sending


class LedgerSettings(Sending):
    """username: for the WS-Security UsernameToken; the endpoint's newest secret is its password."""

    username: Annotated[str, Field(min_length=1, max_length=200)]
