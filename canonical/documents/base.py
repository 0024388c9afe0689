"""What every canonical document has in common."""

from datetime import datetime
from typing import Any, ClassVar, TypeVar

from pydantic import ConfigDict, Field
from typing_extensions import TypeIs

from canonical.failures import Malformed
from canonical.references import Reference
from canonical.values import Extensions, Value
from canonical.writing import written, written_extensions

EXTENSIONS = frozenset(("extensions",))


D = TypeVar("D", bound="Document")


class Document(Value):
    """A canonical document: frozen, versioned, validated once at the edge and trusted inside.

    A subclass names its message type and says which business object it is about:
    `subject` (shown to people, CloudEvents subject), `partition_key` (messages with one key stay in order)
    and `identity` (two messages with one identity are the same fact; another content under it is a conflict).
    """

    model_config = ConfigDict(allow_inf_nan=False)

    message_type: ClassVar[str]
    schema_version: ClassVar[str] = "1"
    addenda: ClassVar[frozenset[str]] = frozenset()
    """Fields that a sender may fill or correct later without telling another fact."""

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

    def known_as(self) -> tuple[Reference, ...]:
        """What its sender calls the things it names; nothing by default, and where both call them alike."""
        return ()

    def check(self) -> None:
        """Raise Malformed with every broken invariant, paths in this document; nothing to check by default."""

    def content(self) -> bytes:
        """The canonical JSON of the business content: amounts as text, instants in UTC, absent fields left out; without
        `extensions`, which do not make a document another one."""
        return written(self, EXTENSIONS)

    def fact(self) -> bytes:
        """The content without the addenda: what two documents of one identity have to agree on."""
        return written(self, EXTENSIONS | self.addenda)

    def body(self) -> bytes:
        """The canonical JSON of the whole document."""
        return self.with_extensions(self.content())

    def with_extensions(self, content: bytes) -> bytes:
        """The whole document's JSON, from its content's."""
        if not self.extensions:
            return content
        extensions = written_extensions(self.extensions)
        return content[:-1] + (b',"extensions":' if len(content) > 2 else b'"extensions":') + extensions + b"}"


def is_a(document: Document | None, kind: type[D]) -> TypeIs[D]:
    """Whether a document is of that class, or a struct made of it."""
    return document is not None and document.message_type == kind.message_type


def refuse(problems: list[Any]) -> None:
    """Raise Malformed when there is anything to tell."""
    if problems:
        raise Malformed(problems)
