"""What an endpoint of this connector may say in its options."""

from typing import Annotated

from pydantic import Field

from connectors.settings import MaybeSending, Sending, UsableUrl
from connectors.signed_params import Method

AppKey = Annotated[str, Field(pattern=r"^[0-9A-Za-z]{1,64}$")]


class TaobaoSettings(MaybeSending):
    """app_key: of the application; pushes of others are refused. sign_method, carriers: for an endpoint that is sent to.

    carriers: Taobao's company code for each carrier, as the hub names it.
    """

    app_key: AppKey | None = None
    sign_method: Method = "md5"
    carriers: dict[str, Annotated[str, Field(min_length=1, max_length=40)]] = Field(default_factory=dict)


class TaobaoSendingSettings(TaobaoSettings, Sending):
    """The same for an endpoint that is being sent to."""

    url: UsableUrl
    app_key: AppKey
