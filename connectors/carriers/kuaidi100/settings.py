"""What an endpoint of this connector may say in its options."""

from typing import Annotated

from pydantic import AfterValidator, Field

from connectors.settings import MaybeSending
from connectors.urls import parsed


def _usable_url(text: str) -> str:
    parsed(text)
    return text


class Kuaidi100Settings(MaybeSending):
    """url: where numbers are subscribed (`https://poll.kuaidi100.com/poll`). callback_url: our endpoint that is pushed to.

    companies: Kuaidi100's word for a carrier of ours (`SF: shunfeng`); other carriers' own words are sent in lower case.
    Receiving, the secrets are the salts; subscribing, the first is the authorisation key and the second the salt.
    """

    callback_url: Annotated[str, AfterValidator(_usable_url)] | None = None
    companies: dict[str, Annotated[str, Field(min_length=1, max_length=60)]] = Field(default_factory=dict)
