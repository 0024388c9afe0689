"""One run: a load through a system, until every order it took is reserved; and what came of it."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from benchmarks.load import Plan, Record
from benchmarks.measure import Meter, Usage, cpu_seconds
from benchmarks.system import System, go_first
from tools.tied import tie

CALM_WITHIN_S, STALL_S = 30.0, 120.0
POLL_S = 0.25
ASK_FOR = 500
KEPT_UP_WITHIN_S = 1.0
CALM_CORES = 0.35
"""A system that uses less of the processors than this has finished what earlier runs left it to do."""


class WrongResult(RuntimeError):
    """A system refused or lost orders, or stored something else than was sent: its figures would mean nothing."""


@dataclass(frozen=True)
class Quantiles:
    """Milliseconds."""

    p50: float
    p99: float


@dataclass(frozen=True)
class Run:
    """The figures of one run. Latencies count from the moment an order was sent (or due, when paced)."""

    connections: int
    rate: float | None
    """Orders per second offered; None: as many as the connections carry."""
    orders: int
    orders_per_s: float
    """First order sent to last reservation committed."""
    accept_ms: Quantiles
    """To the 2xx answer."""
    reserve_ms: Quantiles
    """To the commit of the reservation."""
    kept_up: bool
    """Every reservation was committed within KEPT_UP_WITHIN_S of the last order's sending."""
    cpu_s: dict[str, float]
    cpu_us_per_order: dict[str, float]
    peak_rss_mb: dict[str, float]


class Bench:
    """Runs loads through one system, giving each run order numbers of its own."""

    def __init__(self, system: System, first: int = 100_001) -> None:
        self.system = system
        self.sent: list[int] = []
        self._first = first

    def run(self, count: int, connections: int, rate: float | None = None) -> Run:
        """Send `count` orders and wait for their reservations. WrongResult when one was refused or is missing.

        Waits first until the system is calm: after the last reservation of an earlier run it may still tell of it, and what that
        run wrote may wait for the disk, to which the kernel brings it in one go half a minute later.
        """
        self._wait_calm()
        first = self._first
        self._first += count
        self.sent.extend(range(first, first + count))
        plan = Plan(self.system.port, self.system.path, self.system.secret, first, count, connections, rate)
        return figures(plan, *self._drive(plan))

    def check(self) -> None:
        """WrongResult unless the system has stored exactly what was sent."""
        if problems := self.system.problems(self.sent):
            raise WrongResult(f"{self.system.name}: {'; '.join(problems)}")

    def _drive(self, plan: Plan) -> tuple[Record, dict[int, float], Usage]:
        meter = Meter(self.system.roots())
        record = send(self.system.name, plan, meter.begin)
        committed = self._wait_reserved(range(plan.first, plan.first + plan.count))
        return record, committed, meter.stop()

    def _wait_calm(self) -> None:
        os.sync()
        pids = [pid for group in self.system.roots().values() for pid in group]
        end = time.monotonic() + CALM_WITHIN_S
        while time.monotonic() < end:
            before = cpu_seconds(pids)
            time.sleep(POLL_S * 2)
            if cpu_seconds(pids) - before < CALM_CORES * POLL_S * 2:
                return

    def _wait_reserved(self, numbers: Sequence[int]) -> dict[int, float]:
        """Ask for a few of the oldest outstanding orders at a time: cheap, however many rows there are."""
        committed: dict[int, float] = {}
        waiting, changed = list(numbers), time.monotonic()
        while waiting:
            asked = waiting[:ASK_FOR]
            found = self.system.reservation_times(asked)
            committed |= found
            waiting = [number for number in asked if number not in found] + waiting[ASK_FOR:]
            if found:
                changed = time.monotonic()
            if time.monotonic() - changed > STALL_S:
                raise WrongResult(f"{self.system.name}: order {waiting[0]} and perhaps more not reserved in {STALL_S:.0f} s")
            if len(found) < len(asked):
                self.system.check_alive()
                time.sleep(POLL_S)
        return committed


def send(name: str, plan: Plan, begins: Callable[[], None]) -> Record:
    """Carry a plan out in a process of its own; `begins()` when it is ready to send. WrongResult when an order was refused."""
    with tempfile.TemporaryDirectory() as folder:
        plan_file, record_file = Path(folder, "plan"), Path(folder, "record")
        plan_file.write_bytes(orjson.dumps(asdict(plan)))
        command = [sys.executable, "-m", "benchmarks.load", str(plan_file), str(record_file)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True) as load:
            go_first(tie(load).pid)
            assert load.stdin is not None and load.stdout is not None
            load.stdout.readline()
            begins()
            load.stdin.write(b"go\n")
            load.stdin.flush()
            if load.wait() != 0:
                raise WrongResult(f"{name}: the load generator ended with {load.returncode}")
        record = Record(**orjson.loads(record_file.read_bytes()))
    refuse_failures(name, record)
    return record


def refuse_failures(name: str, record: Record) -> None:
    """WrongResult when an order was not answered with 2xx."""
    failed = [status for status in record.status if not 200 <= status < 300]
    if failed:
        statuses = {status: failed.count(status) for status in set(failed)}
        raise WrongResult(f"{name}: {len(failed)} of {len(record.status)} orders not accepted, by HTTP status: {statuses}")


def figures(plan: Plan, record: Record, committed: dict[int, float], usage: Usage) -> Run:
    """The figures of a run whose orders were all accepted and reserved."""
    commits = [committed[plan.first + at] for at in range(plan.count)]
    last_sent, last_commit = max(record.sent), max(commits)
    cpu_s = usage.cpu_s | {"load": round(record.cpu_s, 2)}
    return Run(
        connections=plan.connections,
        rate=plan.rate,
        orders=plan.count,
        orders_per_s=round(plan.count / (last_commit - min(record.sent)), 1),
        accept_ms=quantiles_ms(record.sent, record.answered),
        reserve_ms=quantiles_ms(record.sent, commits),
        kept_up=last_commit - last_sent <= KEPT_UP_WITHIN_S,
        cpu_s=cpu_s,
        cpu_us_per_order={kind: round(seconds / plan.count * 1e6, 1) for kind, seconds in cpu_s.items()},
        peak_rss_mb=usage.peak_rss_mb,
    )


def quantiles_ms(begins: Sequence[float], ends: Sequence[float]) -> Quantiles:
    """Median and 99th percentile of the differences, by nearest rank."""
    ordered = sorted((end - begin) * 1000 for begin, end in zip(begins, ends, strict=True))
    return Quantiles(p50=_rank(ordered, 50), p99=_rank(ordered, 99))


def _rank(ordered: Sequence[float], percent: int) -> float:
    return round(ordered[max(0, -(-len(ordered) * percent // 100) - 1)], 2)
