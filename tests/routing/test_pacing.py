"""Loops look again soon after work and seldom when nothing comes; and look once for all that waits for its time."""

import pytest

from routing.pacing import idle
from store import archive, parking, retries, waiting
from tests.routing.conftest import Rig
from tests.routing.toy import note

NOTHING = (False, False, False, False)


@pytest.mark.parametrize(("quiet", "pause"), [(0.0, 0.005), (0.2, 0.005), (0.5, 0.01), (1.25, 0.025), (3600.0, 0.025)])
def test_the_longer_nothing_came_the_longer_the_pause_up_to_a_bound(quiet: float, pause: float) -> None:
    assert idle(quiet) == pytest.approx(pause)


def due(rig: Rig) -> tuple[bool, ...]:
    with rig.database.reading() as tx:
        row = waiting.due(tx)
    return tuple(map(bool, (row.parked, row.retries, row.deliveries, row.translations)))


def test_what_is_due_is_seen_by_its_kind_and_what_is_not_yet_due_is_not(rig: Rig) -> None:
    parked, retried = note("K", 1), note("L", 2)
    rig.keep(parked, retried)
    assert due(rig) == NOTHING
    with rig.database.transaction() as tx:
        parking.park(tx, "toy", [(parked.message_id, "token")], alarm_after=1)
        retries.count_attempt(tx, "toy", retried.message_id, "L", error="bad", wait=60)
    assert due(rig) == NOTHING
    with rig.database.transaction() as tx:
        tx.run("UPDATE parked SET recheck_at = 0")
    assert due(rig) == (True, False, False, False)
    with rig.database.transaction() as tx:
        tx.run("UPDATE retries SET next_at = 0")
        tx.run("DELETE FROM parked")
    assert due(rig) == (False, True, False, False)
    with rig.database.transaction() as tx:
        tx.run("UPDATE retries SET next_at = NULL")  # it waits behind another
        archive.record_messages(tx, [archive.Routed(note("M"), endpoints=("somebody",))])
    assert due(rig) == (False, False, True, False)
    with rig.database.transaction() as tx:
        tx.run("UPDATE deliveries SET status = 'sent'")
    assert due(rig) == NOTHING
