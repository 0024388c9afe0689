"""What an endpoint of this connector may say in its options."""

from typing import Annotated

from pydantic import Field

from connectors.settings import Settings

Id = Annotated[str, Field(pattern=r"^[0-9]{1,32}$")]


class AlipaySettings(Settings):
    """app_id, seller_id: notifications about another application or for another seller are refused."""

    app_id: Id | None = None
    seller_id: Id | None = None
