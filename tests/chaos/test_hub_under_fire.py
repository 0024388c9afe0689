"""Whole hubs in processes of their own, killed and stopped while partners send."""

import random
import time
from pathlib import Path

import pytest

from benchmarks.chaos import counts, rig
from benchmarks.chaos.kills import LANES, Killer
from benchmarks.chaos.shop import Partners
from benchmarks.servers import running as servers_running
from tests.support.waiting import PATIENCE, until


@pytest.mark.slow
def test_an_embedded_hub_killed_ten_times_under_load_ends_exact(tmp_path: Path) -> None:
    with rig.running("test-embedded", None, tmp_path) as hub:
        hub.wait_for_door()
        partners = Partners(hub.system.port, 20)
        partners.start()
        for _ in range(10):
            time.sleep(random.uniform(0.5, 1.5))
            killed = hub.supervisor.kill("up")
            until(lambda killed=killed: partners.accepted_since(killed), "the hub has come back")
        told = partners.finish()
        counts.settle(hub)
        found = counts.count(hub, told)
        exit_code, verified = hub.verify()
    assert len(told.orders) > 100
    assert (dict(found.lost), dict(found.doubled)) == ({}, {})
    assert (exit_code, verified["differences"]) == (0, [])


def test_roles_told_to_stop_under_load_end_in_order_and_nothing_is_missing(services: object, tmp_path: Path) -> None:
    with servers_running() as servers, rig.running("test-stopping", servers, tmp_path) as hub:
        hub.wait_for_door()
        partners = Partners(hub.system.port, 30)
        partners.start()
        time.sleep(5)
        for role in hub.supervisor.roles:
            code, _ = hub.supervisor.terminate(role, PATIENCE)
            assert (role, code) == (role, 0)
        for role, arguments in rig.ROLES.items():
            hub.supervisor.start(role, rig.command(arguments, hub.system.port))
        told = partners.finish()
        counts.settle(hub)
        found = counts.count(hub, told)
        exit_code, _ = hub.verify()
    assert set(told.refused) <= {
        "ConnectionRefusedError",
        "BrokenPipeError",
        "ConnectionResetError",
        "RemoteDisconnected",
    }  # of idle connections
    assert (dict(found.lost), dict(found.doubled), exit_code) == ({}, {}, 0)


def test_every_role_and_server_killed_once_under_load_leaves_the_ledger_exact(services: object, tmp_path: Path) -> None:
    with servers_running() as servers, rig.running("test-killed", servers, tmp_path) as hub:
        counts.note_waiting(hub)
        hub.wait_for_door()
        partners = Partners(hub.system.port, 20)
        partners.start()
        time.sleep(3)
        killer = Killer(hub, servers, partners, random.Random())
        kills = killer.rounds(1, [role for lane in LANES for role in lane], lambda line: None, minutes=10)
        told = partners.finish()
        counts.settle(hub)
        found, order = counts.count(hub, told), counts.order_kept(hub)
        exit_code, _ = hub.verify()
    assert kills.stuck == {}
    assert (dict(found.lost), dict(found.doubled), order.disordered, exit_code) == ({}, {}, 0, 0)
