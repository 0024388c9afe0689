"""The envelope: one canonical document on its way, with who sent it, when, and what caused it (CloudEvents 1.0)."""

import hashlib
from datetime import datetime
from typing import TypeAlias, TypeVar, cast

import msgspec

from canonical.documents.base import Document
from canonical.documents.registry import DOCUMENTS
from canonical.ids import new_id
from canonical.known import once
from canonical.reading import part, read
from canonical.references import Reference

S = TypeVar("S", bound=msgspec.Struct)
KindOf: TypeAlias = type[S]


class Message(msgspec.Struct, frozen=True, dict=True):
    """One canonical document in its envelope. `body` is its canonical JSON, made once and carried as bytes.

    message_id: ours, unique. source: the endpoint or handler it came from. subject: the business key people know.
    partition_key: messages with one key stay in order. identity: two messages with one (type, identity) state one fact.
    correlation_id: the whole story. causation_id: the message that led to this one. raw_id: the raw message it was made of.
    occurred_at: when it happened by its sender's word; recorded_at: when the hub had it. Both aware UTC.
    leads: whether it may be the first of its story with this subject, as what was caused by a message of the same subject is not;
    nor is the message that the story has its id from, by which it is found.
    """

    message_id: str
    type: str
    source: str
    subject: str
    partition_key: str
    identity: str
    occurred_at: datetime
    recorded_at: datetime
    correlation_id: str
    causation_id: str | None
    raw_id: str | None
    body: bytes
    schema_version: str = "1"
    traceparent: str | None = None
    leads: bool = True

    @once
    def document(self) -> Document:
        """The canonical document, as a struct; parsed on first use. KeyError for a type this version does not know."""
        return read(DOCUMENTS[self.type], self.body)

    def seen_as(self, kind: KindOf[S]) -> S:
        """Those fields of the document that a struct names, parsed on first use: what a handler goes by is often a sixth of it."""
        seen = self.__dict__.get(kind.__name__)
        if seen is None:
            seen = self.__dict__[kind.__name__] = part(kind, self.body)
        return cast(S, seen)

    @once
    def known_as(self) -> tuple[Reference, ...]:
        """What the sender calls the things that the document names."""
        return self.document.known_as()

    def let_document_go(self) -> None:
        """Nobody is expected to ask for the document any more: its memory is soon the next one's, which finds it in the processor's
        caches. What it calls things stays known."""
        self.__dict__["known_as"] = self.document.known_as()
        del self.__dict__["document"]

    @once
    def content_sha256(self) -> str:
        """Hash of the fact; `extensions` (what has no canonical place) and addenda do not make a message another one. Worked out
        when somebody asks: where a fact is stated twice, or to show it."""
        return hashlib.sha256(self.document.fact()).hexdigest()


def first_message(
    document: Document,
    *,
    source: str,
    raw_id: str | None,
    now: datetime,
    traceparent: str | None = None,
    message_id: str | None = None,
) -> Message:
    """The message that starts a story: made of a partner's document at the edge, or of a decision or by the clock (no raw message).
    traceparent: W3C, where the sender gave one. message_id: where one is made already."""
    message_id = message_id or new_id()
    occurred_at = document.occurred_at() or now
    return _wrap(document, message_id, source, occurred_at, now, message_id, None, raw_id, traceparent)


def caused_message(document: Document, cause: Message, *, source: str, now: datetime, message_id: str | None = None) -> Message:
    """The message a handler emits because of `cause`; it belongs to the same story. message_id: where one is made already."""
    return _wrap(
        document, message_id or new_id(), source, now, now, cause.correlation_id, cause.message_id, None, cause.traceparent,
        cause.subject,
    )  # fmt: skip


def told_message(document: Document, *, source: str, correlation_id: str | None, now: datetime) -> Message:
    """The message of a person at the hub itself; it goes on with a story, where there is one."""
    message_id = new_id()
    return _wrap(document, message_id, source, document.occurred_at() or now, now, correlation_id or message_id, None, None, None)


def _wrap(
    document: Document,
    message_id: str,
    source: str,
    occurred_at: datetime,
    recorded_at: datetime,
    correlation_id: str,
    causation_id: str | None,
    raw_id: str | None,
    traceparent: str | None,
    subject_before: str | None = None,
) -> Message:
    content, subject = document.content(), document.subject()
    message = Message(
        message_id, document.message_type, source, subject, document.partition_key(), document.identity(),
        occurred_at, recorded_at, correlation_id, causation_id, raw_id, document.with_extensions(content), document.schema_version,
        traceparent, subject != subject_before and message_id != correlation_id,
    )  # fmt: skip
    # a struct is read as it is (to ask whether it is one by `isinstance` takes 1,000 instructions)
    if document.__class__ is not DOCUMENTS.get(document.message_type):
        message.__dict__["document"] = document
    return message
