"""`python -m benchmarks.soak`: does memory or the cost of an order grow while the hub runs on? Writes benchmarks/out/soak.json.

Sends many orders in rounds through one hub that is never restarted, and notes after each round what its processes hold.
"""

import argparse
import sys
from collections.abc import Sequence
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

from benchmarks import hub, servers
from benchmarks.measure import memory_mb
from benchmarks.report import machine
from benchmarks.runs import Bench
from benchmarks.system import OUT, System

CONNECTIONS = 64
SERVERS = ("rabbitmq", "postgresql")


def soak(system: System, total: int, step: int) -> list[dict[str, Any]]:
    """Send `total` orders in rounds of `step`; per round the rate, the cost and the memory held at its end."""
    bench = Bench(system)
    rounds = []
    for _ in range(total // step):
        run = bench.run(step, CONNECTIONS)
        held = {kind: round(memory_mb(pids), 1) for kind, pids in system.roots().items()}
        own = sum(us for kind, us in run.cpu_us_per_order.items() if kind != "load")
        rounds.append({"orders": len(bench.sent), "orders_per_s": run.orders_per_s, "cpu_us_per_order": own, "memory_mb": held})
        print(f"{len(bench.sent):,} orders", flush=True)
    bench.check()
    return rounds


def growth_mb(rounds: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Memory of the hub's own processes: end of the last round less the end of the first quarter (caches are full by then)."""
    begin, end = rounds[len(rounds) // 4]["memory_mb"], rounds[-1]["memory_mb"]
    return {kind: round(end[kind] - begin[kind], 1) for kind in end if kind not in SERVERS}


def show(rounds: Sequence[dict[str, Any]]) -> None:
    kinds = list(rounds[0]["memory_mb"])
    table = Table("orders", "orders/s", "CPU µs/order", *(f"{kind} MB" for kind in kinds))
    for held in rounds[:: max(1, len(rounds) // 10)]:
        memory = [f"{held['memory_mb'][kind]:,.0f}" for kind in kinds]
        table.add_row(f"{held['orders']:,}", f"{held['orders_per_s']:,.0f}", f"{held['cpu_us_per_order']:,.0f}", *memory)
    Console().print(table)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__.partition("\n")[0])
    parser.add_argument("--orders", type=int, default=200_000)
    parser.add_argument("--step", type=int, default=10_000, help="orders of a round")
    parser.add_argument("--system", choices=hub.NAMES, default=hub.HUB)
    chosen = parser.parse_args(arguments)
    with servers.running() as running, hub.running(chosen.system, running) as system:
        rounds = soak(system, chosen.orders, chosen.step)
    result = {"system": chosen.system, "rounds": rounds, "growth_mb": growth_mb(rounds), "machine": machine()}
    (OUT / "soak.json").write_bytes(orjson.dumps(result, option=orjson.OPT_INDENT_2))
    show(rounds)
    print(f"growth of the hub's processes, MB: {result['growth_mb']}; all figures: {OUT / 'soak.json'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
