"""What an endpoint of this connector may say in its options."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from connectors.posting import PostingAuth
from connectors.settings import MaybeSending
from connectors.transport_auth import TransportAuth

Separator = Annotated[str, Field(min_length=1, max_length=1)]


class Separators(BaseModel):
    """The characters an interchange is written with."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    element: Separator = "*"
    segment: Separator = "~"
    component: Separator = ">"
    repetition: Annotated[str, Field(max_length=1)] = ""


class Identity(BaseModel):
    """Who writes to whom in the envelopes of what we send: ISA05 to ISA08, GS02 and GS03 (the ids where no codes are given).

    version: GS08, its first five digits are ISA12. usage: ISA15, P production or T test.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    sender_id: Annotated[str, Field(min_length=1, max_length=15)]
    sender_qualifier: Annotated[str, Field(pattern=r"^[0-9A-Z]{2}$")] = "ZZ"
    sender_code: Annotated[str, Field(min_length=2, max_length=15)] | None = None
    receiver_id: Annotated[str, Field(min_length=1, max_length=15)]
    receiver_qualifier: Annotated[str, Field(pattern=r"^[0-9A-Z]{2}$")] = "ZZ"
    receiver_code: Annotated[str, Field(min_length=2, max_length=15)] | None = None
    version: Annotated[str, Field(pattern=r"^00[0-9]{4}$")] = "004010"
    usage: Literal["P", "T"] = "P"
    separators: Separators | None = None


class X12Settings(TransportAuth, MaybeSending):
    """How requests prove themselves, in both directions; the dealer's URL and the envelopes' ids where it is sent to."""

    x12: Identity | None = None


class X12SendingSettings(PostingAuth, X12Settings):
    """The same for an endpoint that is being sent to."""
