"""What an endpoint of this connector may say in its options."""

from typing import Annotated, Literal

from pydantic import Field

from connectors.settings import Settings


class WechatPaySettings(Settings):
    """api: the version of the notifications, v3 (JSON, sealed) or v2 (XML). mchid, appid: v2 notifications for others are refused.

    public_key_id: the id of WeChat Pay's public key (PUB_KEY_ID_...) where it signs with one instead of a certificate.
    """

    api: Literal["v3", "v2"] = "v3"
    mchid: Annotated[str, Field(pattern=r"^[0-9]{1,32}$")] | None = None
    appid: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,32}$")] | None = None
    public_key_id: Annotated[str, Field(pattern=r"^PUB_KEY_ID_[0-9A-Za-z]{1,64}$")] | None = None
