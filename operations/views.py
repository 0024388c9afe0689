"""What is told about messages: frozen values, the same for the API and the command line. Instants are aware UTC."""

from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Item = TypeVar("Item")


class View(BaseModel):
    model_config = ConfigDict(frozen=True)


class Page(View, Generic[Item]):
    """Part of a list; `next` is the cursor of the next part, absent on the last."""

    items: list[Item]
    next: str | None = Field(default=None, description="Cursor of the next page; absent on the last page.")


Standing = Literal[
    "kept", "sent", "handled", "discarded", "on_its_way", "parked", "retrying", "dead",
]  # fmt: skip
"""From done to needs a person: kept (goes nowhere), sent or handled (done), discarded (given up by a person), on its way,
parked (waits for data), retrying (failed, tried again or stands behind one that is), dead (gave up)."""


class ChannelStanding(View):
    """How a message stands with one of its channels."""

    channel: str = Field(description="Handler or endpoint.", examples=["order"])
    standing: Standing
    since: datetime | None = None
    next_at: datetime | None = Field(default=None, description="When it is looked at or tried again.")
    attempts: int = 0
    detail: str | None = Field(default=None, description="What it waits for, or the last error or answer.")


class MessageSummary(View):
    """A message without its body."""

    message_id: str
    type: str = Field(examples=["order.placed"])
    source: str = Field(description="The endpoint or handler it came from.")
    subject: str = Field(description="The business key people know.", examples=["SO-1"])
    occurred_at: datetime
    recorded_at: datetime
    correlation_id: str = Field(description="The whole story.")
    causation_id: str | None = Field(default=None, description="The message that led to this one.")
    raw_id: str | None = Field(default=None, description="The raw message it was made of.")
    standing: Standing = Field(description="The one of its channels that needs most.")
    channels: list[ChannelStanding]


class RawHead(View):
    """A raw message without its bytes."""

    raw_id: str
    endpoint: str
    document: str | None = Field(default=None, description="Which partner document it was taken for.")
    delivery_id: str = Field(description="What tells it from a repeat: the partner's own id of the delivery, or its hash.")
    sha256: str
    size: int = Field(description="Bytes.")
    received_at: datetime
    status: str = Field(description="accepted, rejected, malformed, quarantined, conflict or untranslated.")
    headers: dict[str, str]
    message_ids: list[str]
    problems: list[dict[str, Any]]


class AttemptView(View):
    """One try at a delivery; without `ended_at` it is under way, or its process died and the outcome is not known."""

    attempt: int
    began_at: datetime
    ended_at: datetime | None = None
    outcome: str | None = None
    detail: str | None = None
    answer: str | None = Field(default=None, description="What the partner answered, as text.")


class DeliveryView(View):
    """One message to one endpoint."""

    delivery_id: str
    message_id: str
    endpoint: str
    status: str = Field(description="pending, queued, sent, dead or discarded.")
    attempts: list[AttemptView]
    next_at: datetime | None = Field(default=None, description="When it is tried next, where it still is.")
    outcome: str | None = None
    partner_id: str | None = Field(default=None, description="The partner's id for what we sent.")


class Decision(View):
    """What a person decided."""

    at: datetime
    actor: str
    action: str
    target: str
    reason: str


class MessageView(MessageSummary):
    """A message with its body and everything that happened to it."""

    partition_key: str
    identity: str = Field(description="Two messages of one type and identity state one fact.")
    schema_version: str
    traceparent: str | None = None
    content_sha256: str = Field(description="Of what it states; empty where this version cannot read the document.")
    body: dict[str, Any] = Field(description="The canonical document.")
    raw: RawHead | None = None
    caused: list[MessageSummary] = Field(description="What handlers emitted because of it.")
    deliveries: list[DeliveryView]
    decisions: list[Decision]
