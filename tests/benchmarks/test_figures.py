"""Figures, ratios and measurements are computed right."""

import os
import subprocess
import sys
import time
from typing import Any

import pytest

from benchmarks import report
from benchmarks.load import Plan, Record
from benchmarks.measure import Meter, Usage, cpu_seconds, memory_mb, peak_mb, tree
from benchmarks.runs import Quantiles, Run, WrongResult, figures, quantiles_ms, refuse_failures

BURN = "import time\nend = time.process_time() + 0.3\nwhile time.process_time() < end: pass\n"


def test_quantiles_are_ranks_of_the_differences_in_milliseconds() -> None:
    assert quantiles_ms([0.0] * 100, [n / 1000 for n in range(1, 101)]) == Quantiles(p50=50.0, p99=99.0)
    assert quantiles_ms([1.0], [1.25]) == Quantiles(p50=250.0, p99=250.0)


def test_a_run_counts_from_the_first_sending_to_the_last_commit() -> None:
    plan = Plan(1, "/", "s", first=7, count=4, connections=2)
    record = Record(sent=[10.0, 10.5, 11.0, 11.5], answered=[10.1, 10.6, 11.1, 11.6], status=[202] * 4, cpu_s=0.2)
    run = figures(plan, record, {7: 10.2, 8: 10.7, 9: 12.0, 10: 11.8}, Usage({"api": 0.4}, {"api": 50.0}))
    assert run.orders_per_s == 2.0
    assert run.accept_ms == Quantiles(100.0, 100.0)
    assert run.reserve_ms == Quantiles(200.0, 1000.0)
    assert run.kept_up
    assert run.cpu_us_per_order == {"api": 100_000.0, "load": 50_000.0}


def test_a_run_that_commits_long_after_the_last_sending_has_not_kept_up() -> None:
    plan = Plan(1, "/", "s", first=1, count=1, connections=1, rate=1.0)
    assert not figures(plan, Record([5.0], [5.1], [202], 0.0), {1: 6.1}, Usage({}, {})).kept_up


def test_refused_orders_end_the_benchmark() -> None:
    with pytest.raises(WrongResult, match=r"2 of 3 orders not accepted, by HTTP status: \{503: 2\}"):
        refuse_failures("hub", Record([0.0] * 3, [0.0] * 3, [202, 503, 503], 0.0))


def run_of(rate: float, cpu: float, reserve: float) -> Run:
    quantiles = Quantiles(reserve, reserve * 2)
    return Run(64, None, 100, rate, quantiles, quantiles, True, {"api": 1.0}, {"api": cpu, "load": 5.0}, {"api": 60.0})


def test_ratios_tell_how_much_better_the_hub_is_and_leave_the_load_generator_out() -> None:
    systems: dict[str, Any] = {
        "hub": report.summary([run_of(rate, 100, 5) for rate in (3000, 1000, 2000)], [run_of(1, 1, 5)]),
        "celery": report.summary([run_of(200, 1000, 5)], [run_of(1, 1, 20)]),
    }
    assert systems["hub"]["orders_per_s"] == 2000
    assert report.ratios(systems) == {
        "hub/celery": {"orders_per_s": 10.0, "cpu_per_order": 10.0, "reserve_ms_p50": 4.0, "reserve_ms_p99": 4.0}
    }


def test_processor_time_of_children_counts_even_when_they_have_ended() -> None:
    first = f"import subprocess, sys, time\nsubprocess.run([sys.executable, '-c', {BURN!r}])\n"
    parent = first + "print('done', flush=True)\ntime.sleep(3600)\n"
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            assert 0.25 <= cpu_seconds([process.pid]) < 30
            assert tree([process.pid]) == [process.pid]
        finally:
            process.kill()


def test_the_meter_counts_only_what_happens_while_it_runs() -> None:
    spent = time.process_time()
    meter = Meter({"me": [os.getpid()]})
    end = time.process_time() + 0.2
    while time.process_time() < end:
        pass
    usage = meter.stop()
    assert 0.15 <= usage.cpu_s["me"] <= time.process_time() - spent + 0.1
    assert usage.peak_rss_mb["me"] > 0


def test_memory_that_was_given_back_counts_for_the_peak() -> None:
    held = bytearray(64 * 1024 * 1024)
    held[::4096] = b"x" * (len(held) // 4096)
    del held
    assert peak_mb([os.getpid()]) >= memory_mb([os.getpid()]) + 40
