"""What an endpoint of this connector may say in its options."""

from typing import Literal

from connectors.settings import Settings


class SfSettings(Settings):
    """push_format: how SF was told to push, and is answered: `json`, or `xml` for XML, bare or in a form."""

    push_format: Literal["json", "xml"] = "json"
