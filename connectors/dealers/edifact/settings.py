"""What an endpoint of this connector may say in its options."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from connectors.posting import PostingAuth
from connectors.settings import MaybeSending
from connectors.transport_auth import TransportAuth

Mark = Annotated[str, Field(min_length=1, max_length=1)]
MaybeMark = Annotated[str, Field(max_length=1)]
PartyId = Annotated[str, Field(min_length=1, max_length=35)]
Qualifier = Annotated[str, Field(pattern=r"^[0-9A-Z]{1,4}$")]


class Separators(BaseModel):
    """The characters an interchange is written with."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    component: Mark = ":"
    element: Mark = "+"
    release: MaybeMark = "?"
    repetition: MaybeMark = ""
    segment: Mark = "'"


class Identity(BaseModel):
    """Who writes to whom in what we send, and how; `units` are the partner's own words for units, in both directions.

    qualifier 14: the ids are GLNs. directory and association: UNH02, components 3 and 5. usage: P production or T test.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    sender_id: PartyId | None = None
    sender_qualifier: Qualifier = "14"
    receiver_id: PartyId | None = None
    receiver_qualifier: Qualifier = "14"
    directory: Annotated[str, Field(pattern=r"^[0-9]{2}[AB]$")] = "96A"
    association: Annotated[str, Field(pattern=r"^[A-Z0-9]{1,6}$")] | None = None
    charset: Literal["UNOA", "UNOB", "UNOC", "UNOY"] = "UNOC"
    usage: Literal["P", "T"] = "P"
    separators: Separators | None = None
    units: dict[str, str] = Field(default_factory=dict)


class EdifactSettings(TransportAuth, MaybeSending):
    """How requests prove themselves, in both directions; the partner's URL and the ids of the interchanges where it is sent to."""

    edifact: Identity | None = None


class EdifactSendingSettings(PostingAuth, EdifactSettings):
    """The same for an endpoint that is being sent to."""
