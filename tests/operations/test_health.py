"""Health: what keeps messages out, what a person should look at, and the same as metrics."""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import pytest

from canonical.failures import Transient
from operations.access import Operations
from operations.health import health, ready
from operations.metrics import exposition
from routing.channels import Queue
from store import leases, signs
from store.database import open_database
from tests.handlers import golden
from tests.operations.small_hub import SmallHub


class BrokerDown:
    def look(self, names: Collection[str]) -> dict[str, Queue | None]:
        raise Transient("connection refused")


class QueuesGone:
    def look(self, names: Collection[str]) -> dict[str, Queue | None]:
        return dict.fromkeys(names)


class NobodyTakes:
    def look(self, names: Collection[str]) -> dict[str, Queue | None]:
        return {name: Queue(3, 0) if name == "stock.0" else None if name == "tasks" else Queue(0, 1) for name in names}


def with_channels(hub: SmallHub, channels: object) -> Operations:
    return Operations(hub.intake, hub.operations.rules, channels, hub.operations.queues)  # type: ignore[arg-type]


def statuses(operations: Operations) -> dict[str, str]:
    return {check.name: check.status for check in health(operations).checks}


def test_a_hub_at_rest_has_nothing_to_tell(hub: SmallHub) -> None:
    hub.take(golden.stocked(), golden.placed())
    with hub.database.transaction() as tx:
        leases.hold(tx, "relay", "relay-1", seconds=10)
        signs.leave(tx, signs.SCHEDULE)
    found = health(hub.operations)
    assert found.ready
    assert {check.status for check in found.checks} == {"ok"}
    assert found.queues == {"order.0": 0, "stock.0": 0, "invoice.0": 0, "master.0": 0}
    assert found.figures["relay_holder"] == "relay-1"


def test_what_piles_up_is_warned_of_and_does_not_stop_intake(hub: SmallHub) -> None:
    hub.refusing.add("warehouse-main-out")
    hub.take(golden.stocked(), golden.placed(), golden.tracked("S9", "delivered", 5))
    hub.shop(b"{not json")
    hub.keep(golden.placed("SO-2"))
    with hub.database.transaction() as tx:
        tx.run("UPDATE parked SET alarm_at = 1")
        tx.run("UPDATE messages SET recorded_at = recorded_at - 90000000 WHERE subject = 'SO-2'")
    found = health(hub.operations)
    details = {check.name: check.detail for check in found.checks if check.status == "warning"}
    assert found.ready
    assert set(details) == {"relay", "schedule", "outbox", "parked", "dead", "quarantine"}
    assert details["parked"] == "1 parked, 1 past their alarm"
    assert details["dead"] == "0 dead letters, 1 dead deliveries"
    assert details["quarantine"] == "1 raw messages wait for a person"
    assert found.figures["outbox"] == 1
    assert 90 <= float(found.figures["outbox_age"] or 0) < 120


def test_a_broker_that_is_down_is_a_warning(hub: SmallHub) -> None:
    operations = with_channels(hub, BrokerDown())
    assert health(operations).ready
    assert statuses(operations)["broker"] == "warning"
    assert health(operations).queues == {}


def test_missing_queues_are_named(hub: SmallHub) -> None:
    (check,) = (check for check in health(with_channels(hub, QueuesGone())).checks if check.name == "queues")
    assert check.status == "warning"
    assert "order.0, stock.0, invoice.0" in check.detail


def test_a_queue_that_nobody_takes_from_is_named_and_so_are_tasks_without_a_worker(hub: SmallHub) -> None:
    operations = replace(with_channels(hub, NobodyTakes()), task_queue="tasks")
    (check,) = (check for check in health(operations).checks if check.name == "consumers")
    assert (check.status, check.detail) == (
        "warning",
        "nobody takes from: stock (1 queues, 3 packets), tasks (1 queues, 0 packets)",
    )
    assert health(operations).consumers == {"order.0": 1, "stock.0": 0, "invoice.0": 1, "master.0": 1, "tasks": 0}
    assert 'orderlane_queue_consumers{queue="stock.0"} 0' in exposition(health(operations)).splitlines()


def test_it_is_told_how_long_ago_scheduled_work_last_ran(hub: SmallHub) -> None:
    assert told_of_schedule(hub) == ("warning", "no scheduled work has run yet: do beat and a worker run?")
    assert "orderlane_schedule_age_seconds" not in exposition(health(hub.operations))
    with hub.database.transaction() as tx:
        signs.leave(tx, signs.SCHEDULE)
    status, detail = told_of_schedule(hub)
    assert (status, detail.partition(" s ago")[2]) == ("ok", "")
    age_by(hub, seconds=300)
    status, detail = told_of_schedule(hub)
    assert status == "warning"
    assert detail.endswith(" s ago: do beat and a worker run?")
    (line,) = (line for line in exposition(health(hub.operations)).splitlines() if line.startswith("orderlane_schedule_age_"))
    found = ready(hub.database)
    assert found is not None
    for age in (float(line.split()[1]), found.scheduled_seconds_ago):
        assert age is not None
        assert 300 <= age < 360


def told_of_schedule(hub: SmallHub) -> tuple[str, str]:
    (check,) = (check for check in health(hub.operations).checks if check.name == "schedule")
    return check.status, check.detail


def age_by(hub: SmallHub, *, seconds: int) -> None:
    with hub.database.transaction() as tx:
        tx.run("UPDATE watermarks SET value = CAST(CAST(value AS bigint) - :age AS text)", age=seconds * 1_000_000)


def test_without_a_database_nothing_is_taken_in(hub: SmallHub, tmp_path: Path) -> None:
    gone = open_database("postgresql://nobody@127.0.0.1:1/none")
    assert not ready(gone)
    assert ready(hub.database)
    intake = type(hub.intake)(gone, {}, {}, hub.intake.translations, hub.router)
    found = health(Operations(intake, hub.operations.rules, hub.channels))
    assert not found.ready
    assert found.figures == {}
    assert [check.name for check in found.checks if check.status == "failing"] == ["database"]


def test_metrics_tell_every_figure_in_the_prometheus_format(hub: SmallHub) -> None:
    hub.take(golden.tracked("S9", "delivered", 5))
    hub.keep(golden.placed())
    lines = exposition(health(hub.operations)).splitlines()
    assert "orderlane_ready 1" in lines
    assert "orderlane_outbox_messages 1" in lines
    assert "orderlane_parked_messages 1" in lines
    assert 'orderlane_check{check="relay"} 0.5' in lines
    assert 'orderlane_queue_packets{handler="stock",partition="0"} 0' in lines
    for line in lines:
        name = line.split()[2] if line.startswith("#") else line.partition("{")[0].partition(" ")[0]
        assert name.startswith("orderlane_")
    samples = [line for line in lines if not line.startswith("#")]
    assert all(float(line.rpartition(" ")[2]) >= -10 for line in samples)
    assert len(samples) == len({line.rpartition(" ")[0] for line in samples})


@pytest.mark.parametrize("figure", ["outbox", "parked", "retrying", "dead_letters", "open_deliveries", "quarantined"])
def test_an_empty_hub_counts_zero(hub: SmallHub, figure: str) -> None:
    assert health(hub.operations).figures[figure] == 0
