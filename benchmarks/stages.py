"""`python -m benchmarks.stages`: what each stage of an order costs alone, warm and with batches as large as they get.

The hub's processes are stopped (SIGSTOP) and let go one after the other, so every stage finds all orders waiting. What the
whole costs more than the sum of these is the price of small batches and of processors that forget between them. Writes
benchmarks/out/stages.json.
"""

import argparse
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import orjson
from rich.console import Console
from rich.table import Table

from benchmarks import hub, servers
from benchmarks.hub import HubSystem
from benchmarks.load import Plan
from benchmarks.measure import Meter
from benchmarks.report import machine
from benchmarks.runs import STALL_S, Bench, WrongResult, send
from benchmarks.system import OUT

CONNECTIONS = 64
WARM_UP = 2_000
HANDLERS = ("order", "stock", "invoice", "master")
LOOK_S = 0.1


@dataclass(frozen=True)
class Stage:
    """One step of the way: who works, and the SQL that tells how many orders have come through it. None: the outbox is empty."""

    name: str
    workers: Sequence[str]
    through: str | None = None


RELAYED = ("relay",)
ORDER = ("order",)
STAGES = (
    Stage("orders sent on", RELAYED),
    Stage("confirmed", ORDER, "SELECT count(*) FROM orders"),
    Stage("confirmed, sent on", RELAYED),
    Stage("reserved", ("stock",), "SELECT count(DISTINCT order_no) FROM stock_lines WHERE reserved > 0"),
    Stage("reserved, sent on", RELAYED),
    Stage("shipment asked for", ORDER, "SELECT count(*) FROM messages WHERE type = 'shipment.requested'"),
)


class Stages:
    """A hub whose processes work one at a time."""

    def __init__(self, system: HubSystem) -> None:
        self.system = system
        self.figures: dict[str, dict[str, int]] = {}
        self.sent: Sequence[int] = ()

    def warm_up(self, orders: int) -> None:
        bench = Bench(self.system)
        bench.run(orders, CONNECTIONS)
        self.sent = bench.sent
        self._signal((*RELAYED, *HANDLERS), signal.SIGSTOP)

    def accept(self, orders: int) -> None:
        """The API takes orders; nobody works on them."""
        first = self.sent[-1] + 1
        plan = Plan(self.system.port, self.system.path, self.system.secret, first, orders, CONNECTIONS)
        self._measured("accepted", orders, lambda: send(self.system.name, plan, lambda: None))
        self.sent = range(self.sent[0], first + orders)

    def let(self, stage: Stage, orders: int) -> None:
        """The workers of a stage do what waits for them."""

        def work() -> None:
            self._signal(stage.workers, signal.SIGCONT)
            self._wait(stage)
            self._signal(stage.workers, signal.SIGSTOP)

        self._measured(stage.name, orders, work)

    def end(self) -> None:
        self._signal((*RELAYED, *HANDLERS), signal.SIGCONT)

    def _measured(self, name: str, orders: int, work: Callable[[], object]) -> None:
        meter = Meter(self.system.roots())
        work()
        used = meter.stop().cpu_s
        self.figures[name] = {}
        for kind, seconds in used.items():
            handler = kind.partition("-")[0]
            self.figures[name][handler] = self.figures[name].get(handler, 0) + round(seconds / orders * 1e6)

    def _wait(self, stage: Stage) -> None:
        deadline = time.monotonic() + STALL_S
        while not self._through(stage):
            self.system.check_alive()
            if time.monotonic() > deadline:
                raise WrongResult(f"{stage.name}: not done in {STALL_S:.0f} s")
            time.sleep(LOOK_S)

    def _through(self, stage: Stage) -> bool:
        if stage.through is None:
            return self.system.count("SELECT count(*) FROM outbox") == 0
        return self.system.count(stage.through) == len(self.sent)

    def _signal(self, kinds: Sequence[str], number: signal.Signals) -> None:
        roots = self.system.roots()
        for pid in (pid for kind in kinds for pid in roots[kind]):
            os.kill(pid, number)


def measure(system: HubSystem, orders: int, warm_up: int = WARM_UP) -> dict[str, dict[str, int]]:
    """Microseconds of processor time per order, by stage and kind of process. WrongResult unless all is stored as sent."""
    stages = Stages(system)
    stages.warm_up(warm_up)
    try:
        stages.accept(orders)
        for stage in STAGES:
            stages.let(stage, orders)
    finally:
        stages.end()
    if problems := system.problems(stages.sent):
        raise WrongResult("; ".join(problems))
    return stages.figures


def show(figures: dict[str, dict[str, int]]) -> None:
    summed = {kind: sum(used[kind] for used in figures.values()) for kind in next(iter(figures.values()))}
    totals = {kind: total for kind, total in summed.items() if total}
    table = Table("stage", *totals, "all", title="us of processor time per order")
    for name, used in {**figures, "all": totals}.items():
        own = [used[kind] for kind in totals]
        table.add_row(name, *(f"{us:,}" for us in own), f"{sum(own):,}", end_section=name == STAGES[-1].name)
    Console().print(table)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stages", description=__doc__.partition("\n")[0])
    parser.add_argument("--orders", type=int, default=6_000)
    chosen = parser.parse_args(arguments)
    with servers.running() as running, hub.running(hub.HUB, running) as system:
        figures = measure(system, chosen.orders)
    (OUT / "stages.json").write_bytes(orjson.dumps({"us_per_order": figures, "machine": machine()}, option=orjson.OPT_INDENT_2))
    show(figures)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
