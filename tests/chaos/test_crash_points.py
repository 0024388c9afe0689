"""A process that dies at any point between the database and the broker loses nothing and does nothing twice."""

import subprocess
import sys

import pytest

from routing.sweeper import sweep
from tests.chaos.child import DIED, POINTS
from tests.routing.conftest import Rig
from tests.routing.toy import note, number_of
from tests.support.waiting import PATIENCE

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("point", POINTS)
def test_death_at_any_point_leaves_each_effect_once_and_in_order(
    rig: Rig, point: str, database_url: str, broker_url: str | None, namespace: str
) -> None:
    messages = [note(f"K{n % 3}", n) for n in range(30)]
    rig.keep(*messages)
    rig.consumer.close()  # the child is to be the one that consumes
    command = [sys.executable, "-m", "tests.chaos.child", point, database_url, namespace]
    died = subprocess.run([*command, *([broker_url] if broker_url else [])], check=False, timeout=PATIENCE).returncode
    assert died == DIED
    if broker_url is None:  # as at the start of a hub whose queues were in memory
        sweep(rig.database, rig.channels, handlers=["toy"], partitions=2, grace=0.0, suspects=True)
    rig.relay = type(rig.relay)(rig.database, rig.channels, partitions=2, dispatch=rig.relay._dispatch)
    rig.consumer = rig.channels.consumer("toy", range(2))
    rig.work()
    seen = rig.seen()
    assert sorted(seen) == sorted((m.subject, number_of(m)) for m in messages)
    for key in ("K0", "K1", "K2"):
        numbers = [number for k, number in seen if k == key]
        assert numbers == sorted(numbers)
    assert rig.count("outbox") == 0
    assert rig.count("retries") == 0
    assert rig.count("dead_letters") == 0
