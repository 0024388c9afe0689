"""Dispatching: work that does not travel on the channels, deliveries and large translations, is handed on when due."""

from collections.abc import Sequence
from typing import Protocol

from canonical.failures import Transient
from store import archive, deliveries
from store.database import Database

CIRCUIT_OPENS_AT = 5
QUEUED_TOO_LONG = 120.0
PROBE_PAUSE = 5.0
HAND_ON_AGAIN = 1.0


class Dispatch(Protocol):
    """Where work outside the channels goes. Transient when it cannot be handed on."""

    def deliver(self, delivery_ids: Sequence[str]) -> None: ...

    def translate(self, raw_ids: Sequence[str]) -> None: ...


def queue_deliveries(database: Database, dispatch: Dispatch, *, limit: int) -> int:
    """Hand due deliveries to whoever sends them; an endpoint that ails gets one at a time. How many were handed on."""
    with database.transaction() as tx:
        ready = deliveries.claim_due(tx, limit, queued_too_long=int(QUEUED_TOO_LONG * 1_000_000))
        if not ready:
            return 0
        ailing = deliveries.failing(tx, CIRCUIT_OPENS_AT)
        probed: set[str] = set()
        now: list[str] = []
        later: list[str] = []
        for row in ready:
            (later if row.endpoint in probed else now).append(row.delivery_id)
            if row.endpoint in ailing:
                probed.add(row.endpoint)
        deliveries.hold_back(tx, later, wait=PROBE_PAUSE)
    try:
        dispatch.deliver(now)
    except Transient:
        with database.transaction() as tx:  # else they would count as queued for two minutes
            deliveries.hold_back(tx, now, wait=HAND_ON_AGAIN)
        raise
    return len(now)


def queue_translations(database: Database, dispatch: Dispatch, *, limit: int) -> int:
    """Hand on large raw messages that are kept untranslated. How many were handed on."""
    with database.transaction() as tx:
        raw_ids = archive.claim_untranslated(tx, limit=limit)
    if raw_ids:
        dispatch.translate(raw_ids)
    return len(raw_ids)
