"""Files that a dealer leaves in a folder become orders, whether the hub looks by itself or is told to."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from demo.partners import Partners
from tests.hub import documents
from tests.hub.conftest import started
from tests.hub.running import World


@pytest.fixture
def alone(partners: Partners, tmp_path: Path) -> Iterator[World]:
    """An embedded hub that fetches the files of one dealer every second, of another once a day."""
    world = World(tmp_path, partners)
    entries = yaml.safe_load((world.config / "endpoints.yaml").read_text())
    for name, every in (("often", "1s"), ("daily", "1d")):
        (tmp_path / name).mkdir()
        entries["endpoints"][name] = {
            "partner": "acme", "connector": "x12", "options": {"time_zone": "America/Chicago", "currency": "USD"},
            "poll": {"every": every, "from": "folder", "path": str(tmp_path / name), "pattern": "*.edi", "quiet_seconds": 0.1},
        }  # fmt: skip
    (world.config / "endpoints.yaml").write_text(yaml.safe_dump(entries))
    yield from started(world, world.start)


def polls(world: World) -> dict[str, Any]:
    return {one["endpoint"]: one for one in world.found("/health")["polls"]}  # type: ignore[index]


@pytest.mark.slow
def test_files_become_orders_and_health_tells_of_the_polls(alone: World, number: int) -> None:
    alone.until(lambda: polls(alone)["daily"]["polled_at"], "the daily folder was looked into once")
    interchange = documents.interchange(number, documents.dealer_order(f"F{number}A", ("GLOVE", 2, "10.00")))
    (alone.folder / "often" / "orders.edi").write_bytes(interchange)
    (alone.folder / "often" / "garbage.edi").write_bytes(b"no interchange")
    (alone.folder / "daily" / "orders.edi").write_bytes(
        documents.interchange(number + 1, documents.dealer_order(f"F{number}B", ("GLOVE", 1, "10.00")))
    )
    alone.order(f"F{number}A", state="confirmed")
    alone.until((alone.folder / "often" / "done" / "orders.edi").exists, "the file is cleared away")
    alone.until((alone.folder / "often" / "failed" / "garbage.edi").exists, "the bad file is set aside")
    assert alone.found(f"/orders/F{number}B") is None
    told = alone.command("poll", "daily")
    assert told.startswith("daily: 1 new (") and told.endswith("0 set aside), 0 known already\n")
    alone.order(f"F{number}B", state="confirmed")
    assert (polls(alone)["daily"]["brought"], polls(alone)["often"]["error"]) == (1, None)
    assert alone.http.post("/in/often", content=interchange).status_code == 404
