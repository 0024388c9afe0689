"""What an endpoint of this connector may say in its options."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from connectors.settings import MaybeSending, Sending, UsableUrl
from connectors.transport_auth import TransportAuth

Text = Annotated[str, Field(min_length=1, max_length=200)]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]


class Identity(BaseModel):
    """A company as our documents name it. id with scheme: its electronic address (Peppol EAS code, `0088` for a GLN)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Text
    scheme: Text | None = None
    name: Text | None = None
    country: Country | None = None
    vat: Text | None = None


class Parties(BaseModel):
    """us: who writes our documents. customer: whom they are for, where the message itself does not tell."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    us: Identity
    customer: Identity | None = None


class UblSettings(TransportAuth, MaybeSending):
    """How requests prove themselves, in both directions; the partner's URL and the parties of our documents where it is sent to."""

    ubl: Parties | None = None


class UblSendingSettings(UblSettings, Sending):
    """The same for an endpoint that is being sent to."""

    url: UsableUrl
