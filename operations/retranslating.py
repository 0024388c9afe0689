"""Translating a raw message again, after its mapping or our configuration was mended."""

from pydantic import Field

from canonical.failures import Malformed
from connectors.base import RawMessage
from operations.access import Operations
from operations.failing import NotPossible
from operations.messages import raw, raw_head
from operations.views import RawHead, View
from routing.intake import UnknownEndpoint
from store import auditing, replaying

TRANSLATABLE = frozenset({"quarantined", "rejected", "malformed", "untranslated"})


class Retranslated(View):
    """What became of a raw message that was translated again."""

    raw: RawHead
    before: str = Field(description="Its status before.")


def retranslate(hub: Operations, raw_id: str, *, actor: str, reason: str) -> Retranslated:
    """Run the intake's translation again over the kept bytes of a raw message that was not accepted. NotFound, NotPossible."""
    head = raw_head(hub.database, raw_id)
    if head.status not in TRANSLATABLE:
        raise NotPossible(
            f"raw message {raw_id} is {head.status}: only {', '.join(sorted(TRANSLATABLE))} ones are translated again"
        )
    try:
        if head.document is None:
            _identify(hub, head)
        with hub.database.transaction() as tx:
            auditing.record(tx, [raw_id], actor=actor, action="retranslate", reason=reason)
        accepted = hub.intake.translate_kept(raw_id)
    except UnknownEndpoint as error:
        raise NotPossible(f"there is no endpoint {head.endpoint!r} any more") from error
    assert accepted is not None, "it was there and its document has a name"
    return Retranslated(raw=raw_head(hub.database, raw_id), before=head.status)


def _identify(hub: Operations, head: RawHead) -> None:
    """Ask the connector again which document this is. NotPossible while it cannot tell."""
    endpoint, connector = hub.intake.reader(head.endpoint)
    assert connector.identify is not None, "an endpoint that receives identifies"
    try:
        found = connector.identify(
            RawMessage(head.endpoint, head.headers, raw(hub.database, head.raw_id), head.received_at), endpoint
        )
    except Malformed as error:
        raise NotPossible(f"it still cannot be told what raw message {head.raw_id} is: {error}") from error
    with hub.database.transaction() as tx:
        replaying.name_document(tx, head.raw_id, found.document)
