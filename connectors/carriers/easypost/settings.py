"""What an endpoint of this connector may say in its options."""

from pydantic import Field

from connectors.settings import MaybeSending


class EasyPostSettings(MaybeSending):
    """EasyPost's times name their zone. url: only where numbers are registered. carriers: EasyPost's word for a carrier of ours."""

    carriers: dict[str, str] = Field(default_factory=dict)
