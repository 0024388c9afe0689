"""The benchmark's master data let every order of the benchmark pass every policy."""

from pathlib import Path

import orjson
import pytest

from benchmarks import policies, report

pytestmark = pytest.mark.slow


def test_every_order_passes_every_policy_and_each_has_its_share_of_the_time() -> None:
    found = policies.figures(count=30, repeats=1)
    assert set(found["us_per_order"]) == set(found["share"]) == set(policies.POLICIES)
    assert sum(found["share"].values()) == pytest.approx(1, abs=0.01)
    assert {name: found[name] for name in ("orders", "products", "customers", "price_policies")} == {
        "orders": 30, "products": 5_000, "customers": 500, "price_policies": 2_600,
    }  # fmt: skip


def test_the_benchmark_tells_what_policies_take_beside_its_systems(tmp_path: Path) -> None:
    written = report.write({}, {}, {"policies": {"share": {"price": 1.0}}}, tmp_path / "bench.json")
    assert orjson.loads((tmp_path / "bench.json").read_bytes())["policies"] == written["policies"] == {"share": {"price": 1.0}}
