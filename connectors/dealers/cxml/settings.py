"""What an endpoint of this connector may say in its options."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from connectors.settings import MaybeSending, Sending, UsableUrl

Text = Annotated[str, Field(min_length=1, max_length=200)]


class Credential(BaseModel):
    """A company as cXML headers name it: NetworkId, DUNS ..."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    domain: Text
    identity: Text


class Parties(BaseModel):
    """us: From and Sender of what we send. partner: To."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    us: Credential
    partner: Credential


class CxmlSettings(MaybeSending):
    """sender: the only Identity that may stand in the header's Sender. cxml: who writes to whom where the hub sends."""

    sender: Text | None = None
    cxml: Parties | None = None


class CxmlSendingSettings(CxmlSettings, Sending):
    """The same for an endpoint that is being sent to."""

    url: UsableUrl
