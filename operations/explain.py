"""Explaining a message: from its fields back to the partner's bytes, from its channels back to the rules, and what it led to."""

from collections.abc import Iterator

from pydantic import Field

from canonical.envelope import Message
from canonical.failures import Failure
from mappings.translation import Settings
from operations.access import Operations
from operations.failing import NotFound
from operations.messages import message as message_view
from operations.messages import raw_head_of
from operations.standing import summaries
from operations.views import MessageSummary, MessageView, RawHead, View
from store import queries, stories
from store.archive import message_of
from store.database import Row, Transaction

MOST_CAUSES = 50


class FilledField(View):
    """One canonical field and where its value came from."""

    path: str = Field(description="Field of the canonical document.", examples=["lines[0].qty.value"])
    source: str = Field(description="Path in the partner's own document; `constant` or `settings` where it is not from there.")
    value: str


class TriedRule(View):
    """What one routing rule, as it is configured now, says about the message."""

    rule: str
    line: int = Field(description="Line in the rules file.")
    matched: bool
    why: str
    channels: list[str]


class Translation(View):
    """How the raw message became this message. failure: why that cannot be told, where it cannot."""

    raw: RawHead
    connector: str | None = None
    part: str = Field(default="", description="Which business document of the raw message, where it holds several.")
    fields: list[FilledField]
    failure: str | None = None


class Explanation(View):
    """Everything about one message. causes: what led to it, nearest first, back to what a partner sent; translation: of the
    first of those messages that was made of a raw message, or of the message itself."""

    message: MessageView
    causes: list[MessageSummary]
    translation: Translation | None = None
    rules: list[TriedRule]
    routed_alike: bool = Field(description="Whether today's rules name the channels the message was sent to.")


def explain(hub: Operations, message_id: str) -> Explanation:
    """Where a message comes from, why it went where it went, what came of it. NotFound."""
    view = message_view(hub.database, message_id)
    with hub.database.reading() as tx:
        rows = _chain(tx, message_id)
        causes = summaries(tx, rows[1:])
        raw_id = rows[-1].raw_id
        raw = queries.raw_head(tx, raw_id) if raw_id else None
        body = queries.raw_body(tx, raw_id) if raw_id else None
    message = message_of(rows[0])
    tried = [
        TriedRule(rule=r.rule, line=r.line, matched=r.matched, why=r.why, channels=list(r.channels))
        for r in hub.rules.explain(message)
    ]
    named = {channel for rule in tried if rule.matched for channel in rule.channels}
    return Explanation(
        message=view,
        causes=causes,
        translation=_translation(hub, message_of(rows[-1]), raw_head_of(raw), body) if raw and body is not None else None,
        rules=tried,
        routed_alike=named == {c.channel for c in view.channels},
    )


def _chain(tx: Transaction, message_id: str) -> list[Row]:
    """The message and its causes, each the cause of the one before, to one that has a raw message or no cause."""
    chain: list[Row] = []
    wanted: str | None = message_id
    while wanted is not None and len(chain) < MOST_CAUSES:
        found = stories.with_body(tx, [wanted])
        if not found:
            break
        chain.append(found[0])
        wanted = None if found[0].raw_id else found[0].causation_id
    if not chain:
        raise NotFound("message", message_id)
    return chain


def _translation(hub: Operations, message: Message, raw: RawHead, body: bytes) -> Translation:
    endpoint = hub.endpoints.get(raw.endpoint)
    if endpoint is None or raw.document is None:
        missing = f"there is no endpoint {raw.endpoint!r} any more" if endpoint is None else "no document was recognised in it"
        return Translation(raw=raw, fields=[], failure=missing)
    try:
        plain = hub.intake.plain(endpoint, body)
        reference, number = _part_of(hub, message, endpoint.connector, raw, plain)
        fields = list(_fields(hub, endpoint.connector, raw, plain, reference, number))
    except Failure as error:
        return Translation(raw=raw, connector=endpoint.connector, fields=[], failure=str(error))
    return Translation(raw=raw, connector=endpoint.connector, part=reference, fields=fields)


def _part_of(hub: Operations, message: Message, connector: str, raw: RawHead, body: bytes) -> tuple[str, int]:
    """Reference of the part of the raw message that states this message's fact, and which of the part's documents it is."""
    assert raw.document is not None
    for part in hub.intake.translations.translate(connector, raw.document, body, _settings(hub, raw)):
        for number, document in enumerate(part.made):
            if (document.message_type, document.identity()) == (message.type, message.identity):
                return part.reference, number
    raise NotFound("part of the raw message, as today's mapping reads it, that says this:", message.identity)


def _settings(hub: Operations, raw: RawHead) -> Settings:
    return hub.intake.settings[raw.endpoint].received(raw.received_at)


def _fields(hub: Operations, connector: str, raw: RawHead, body: bytes, reference: str, number: int) -> Iterator[FilledField]:
    """The filled fields of one document; a part with several numbers them `[1].event_code`."""
    assert raw.document is not None
    mine = f"[{number}]."
    for part, path, source, value in hub.intake.translations.explain(connector, raw.document, body, _settings(hub, raw)):
        if part == reference and (path.startswith(mine) or not path.startswith("[")):
            yield FilledField(path=path.removeprefix(mine), source=source, value=value)
