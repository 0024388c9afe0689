"""Every stage of an order is really measured: each is charged to those who did it."""

import pytest

from benchmarks import hub, servers
from benchmarks.stages import STAGES, measure

pytestmark = pytest.mark.services


def test_every_stage_does_its_part_alone() -> None:
    with servers.running() as running, hub.running(hub.HUB, running) as system:
        figures = measure(system, orders=300, warm_up=100)
    assert list(figures) == ["accepted", *(stage.name for stage in STAGES)]
    assert figures["accepted"]["api"] > 0
    assert figures["confirmed"]["order"] > 0
    assert figures["reserved"]["stock"] > 0
