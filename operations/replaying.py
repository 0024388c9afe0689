"""Deciding about what got stuck: retry or discard dead entries, send a message again.

Every decision is written down with who made it and why, in the transaction that carries it out. Nothing here can cause an
effect twice: handlers have receipts, deliveries keep their id.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from operations import cursors
from operations.access import Operations
from operations.failing import NotFound, NotPossible
from operations.messages import decision as decision_of
from operations.messages import deliveries_of
from operations.standing import instant
from operations.views import Decision, DeliveryView, Page, View
from routing.channels import partition_of
from store import archive, auditing, queries, replaying
from store.database import Database, Row, Transaction, from_micros
from store.replaying import DeadFilter

MOST_AT_ONCE = 500
"""How many dead entries one decision may move, so that they do not crowd out live traffic."""


class DeadEntry(View):
    """A message that a handler or a delivery gave up on."""

    dead_id: str = Field(description="Message id and channel.", examples=["018f...:order"])
    message_id: str
    channel: str
    kind: Literal["handler", "delivery"]
    type: str
    subject: str
    correlation_id: str
    status: str = Field(description="dead, replayed (sent again, not settled yet), recovered or discarded.")
    died_at: datetime
    attempts: int
    reason: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None


class DeadView(DeadEntry):
    """A dead entry with what was tried and decided."""

    deliveries: list[DeliveryView]
    decisions: list[Decision]


class Moved(View):
    """What a decision moved: dead ids, or message id and channel of what was sent again."""

    moved: list[str]


def dead(database: Database, wanted: DeadFilter | None = None, *, cursor: str | None = None, limit: int = 50) -> Page[DeadEntry]:
    """Dead letters of handlers and dead deliveries, oldest first. BadCursor."""
    after = cursors.read(cursor, "dead", int, str, str) if cursor else None
    with database.reading() as tx:
        position = (after[0], after[1], after[2]) if after else None
        rows = replaying.dead(tx, wanted or DeadFilter(), after=position, limit=limit + 1)
    following = cursors.following(rows, limit, "dead", "died_at", "message_id", "channel")
    return Page(items=[DeadEntry(**_entry(row)) for row in rows[:limit]], next=following)


def show(database: Database, dead_id: str) -> DeadView:
    """One dead entry. NotFound."""
    with database.reading() as tx:
        row = _row(tx, dead_id)
        deliveries = [d for d in deliveries_of(tx, [row.message_id]) if d.endpoint == row.channel]
        decisions = [decision_of(entry) for entry in auditing.entries(tx, [dead_id])]
    return DeadView(**_entry(row), deliveries=deliveries, decisions=decisions)


def _row(tx: Transaction, dead_id: str) -> Row:
    row = replaying.dead_entry(tx, *_key(dead_id))
    if row is None:
        raise NotFound("dead entry", dead_id)
    return row


def _key(dead_id: str) -> tuple[str, str]:
    message_id, _, channel = dead_id.partition(":")
    return message_id, channel


def _entry(row: Row) -> dict[str, Any]:
    return {
        "dead_id": f"{row.message_id}:{row.channel}", "message_id": row.message_id, "channel": row.channel, "kind": row.kind,
        "type": row.type, "subject": row.subject, "correlation_id": row.correlation_id, "status": row.status,
        "died_at": from_micros(row.died_at), "attempts": row.attempts, "reason": row.reason, "decided_by": row.decided_by,
        "decided_at": instant(row.decided_at),
    }  # fmt: skip


def retry(hub: Operations, dead_id: str, *, actor: str, reason: str) -> Moved:
    """Give a dead entry another chance: a handler gets the message again, a delivery one more attempt. NotFound, NotPossible."""
    with hub.database.transaction() as tx:
        status = _row(tx, dead_id).status
        moved = _revive(hub, tx, [_key(dead_id)], actor, reason, action="retry")
        if not moved:
            raise NotPossible(f"{dead_id} is {status}: there is nothing left to try")
    return Moved(moved=moved)


def retry_selected(hub: Operations, wanted: DeadFilter, *, actor: str, reason: str, most: int = MOST_AT_ONCE) -> Moved:
    """`retry` for the oldest `most` (at most 500) entries of a selection; ask again for the next ones."""
    with hub.database.transaction() as tx:
        rows = replaying.dead(tx, wanted, after=None, limit=min(most, MOST_AT_ONCE))
        return Moved(moved=_revive(hub, tx, [(row.message_id, row.channel) for row in rows], actor, reason, action="retry"))


def _revive(
    hub: Operations, tx: Transaction, keys: Sequence[tuple[str, str]], actor: str, reason: str, *, action: str
) -> list[str]:
    letters = replaying.revive_letters(tx, keys, actor=actor)
    _send(hub, tx, letters)
    reopened = replaying.reopen_deliveries(tx, keys, sent_too=False)
    moved = [f"{row.message_id}:{row.channel}" for row in (*letters, *reopened)]
    auditing.record(tx, moved, actor=actor, action=action, reason=reason)
    return moved


def _send(hub: Operations, tx: Transaction, rows: Sequence[Row]) -> None:
    items = [(row.message_id, row.channel, partition_of(row.partition_key, hub.partitions)) for row in rows]
    archive.send(tx, items, redriven=1)


def discard(hub: Operations, dead_id: str, *, actor: str, reason: str) -> Moved:
    """Give a dead entry up for good. NotFound, NotPossible."""
    with hub.database.transaction() as tx:
        status = _row(tx, dead_id).status
        moved = [f"{message_id}:{channel}" for message_id, channel in replaying.discard(tx, [_key(dead_id)], actor=actor)]
        if not moved:
            raise NotPossible(f"{dead_id} is {status}: only what is dead can be discarded")
        auditing.record(tx, moved, actor=actor, action="discard", reason=reason)
    return Moved(moved=moved)


def replay(hub: Operations, message_id: str, *, actor: str, reason: str, resend: bool = False) -> Moved:
    """Send the same message again to every channel that has not dealt with it; a handler that has will not do it twice.

    resend: also make one more attempt at deliveries the partner has taken already, under the same delivery id. NotFound.
    """
    with hub.database.transaction() as tx:
        if queries.message(tx, message_id) is None:
            raise NotFound("message", message_id)
        routed = queries.channels_of(tx, message_id)
        handlers = [channel for channel in routed if channel in hub.handlers]
        unsettled = replaying.unreceipted(tx, message_id, handlers)
        replaying.revive_letters(tx, [(message_id, row.channel) for row in unsettled], actor=actor)
        _send(hub, tx, unsettled)
        endpoints = [(message_id, channel) for channel in routed if channel not in hub.handlers]
        reopened = replaying.reopen_deliveries(tx, endpoints, sent_too=resend)
        moved = [f"{row.message_id}:{row.channel}" for row in (*unsettled, *reopened)]
        auditing.record(tx, [message_id], actor=actor, action="resend" if resend else "replay", reason=reason)
    return Moved(moved=moved)
