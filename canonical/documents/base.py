"""What every canonical document has in common."""

from datetime import datetime
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from canonical.failures import Malformed
from canonical.values import Extensions


class Document(BaseModel):
    """A canonical document: frozen, versioned, validated once at the edge and trusted inside.

    A subclass names its message type and says which business object it is about:
    `subject` (shown to people, CloudEvents subject), `partition_key` (messages with one key stay in order)
    and `identity` (two messages with one identity are the same fact; another content under it is a conflict).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_max_length=4000, allow_inf_nan=False)

    message_type: ClassVar[str]
    schema_version: ClassVar[str] = "1"

    extensions: Extensions = Field(default_factory=dict)

    def subject(self) -> str:
        raise TypeError(f"{type(self).__name__} names no subject")

    def partition_key(self) -> str:
        return self.subject()

    def identity(self) -> str:
        return self.subject()

    def occurred_at(self) -> datetime | None:
        """When it happened, by the sender's word; None where the document does not say."""
        return None

    def check(self) -> None:
        """Raise Malformed with every broken invariant, paths in this document; nothing to check by default."""

    def body(self) -> bytes:
        """The canonical JSON: amounts as text, instants in UTC, absent fields left out."""
        return self.__pydantic_serializer__.to_json(self, exclude_none=True, exclude_defaults=True)


def refuse(problems: list[Any]) -> None:
    """Raise Malformed when there is anything to tell."""
    if problems:
        raise Malformed(problems)
