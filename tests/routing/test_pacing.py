"""Loops look again soon after work and seldom when nothing comes; and look once for all that waits for its time."""

import time

import pytest

from routing import relay
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
        retries.count_attempt(tx, "toy", retried.message_id, "L", error="bad", wait=3600)
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


def test_what_commits_late_goes_out_also_while_others_never_cease_to_come(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message whose id is smaller than those of what the relay has sent long since, as that of a process that stood still."""
    monkeypatch.setattr(relay, "COMMITTED_WITHIN", 0.00101)
    monkeypatch.setattr(relay, "RESCAN_EVERY", 0.05)
    late = note("late", 0)
    rig.keep(late)
    with rig.database.transaction() as tx:
        tx.run("UPDATE outbox SET outbox_id = -outbox_id")  # as if it were not there yet, for the relay begins at 0
    for number in range(200):
        rig.keep(note("K", number))
        assert rig.relay.step() > 0
        if number == 5:
            with rig.database.transaction() as tx:
                tx.run("UPDATE outbox SET outbox_id = -outbox_id")
        if not rig.count("outbox", f"message_id = '{late.message_id}'"):
            break
        time.sleep(0.002)
    assert 5 < number < 199
