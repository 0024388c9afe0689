"""`python -m benchmarks`: the hub and the same job done the usual ways, on this machine, one after the other.

Writes benchmarks/out/bench.json and prints a table. Each system is warmed up, driven as fast as its connections carry
(closed loop), then at fixed rates (open loop), and its stored result is compared with what was sent; a system that
refused, lost or doubled anything ends the benchmark with an error. At last what each policy of an order of the hub takes.
"""

import argparse
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

from benchmarks import hub, policies, report, servers
from benchmarks.peers import system as peers
from benchmarks.runs import Bench, WrongResult
from benchmarks.servers import Servers
from benchmarks.system import OUT, NotUp, System

SYSTEMS: dict[str, Callable[[str, Servers], AbstractContextManager[System]]] = {
    **dict.fromkeys(hub.NAMES, hub.running),
    "celery": peers.running,
    "faststream": peers.running,
}
WARM_UP_SHARE, SETTLED_AFTER_S = 5, 15.0
"""Warmed up by an N-th of a closed-loop run; the hub's processes move what they keep into large pages every ten seconds."""
SECOND_CONNECTIONS = 16
PACED_CONNECTIONS = 64
PEER_SHARE = 10
"""A peer is given an N-th of the hub's orders: its rate is steady long before that, and the whole stays short."""
OVERLOAD_S = 5
"""A rate above what a system carries is shown for this long only: its backlog, and so its delay, just grows."""


def options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.partition("\n")[0])
    parser.add_argument("--orders", type=int, default=20_000, help="orders of a closed-loop run of the hub (peers: a tenth)")
    parser.add_argument("--connections", type=int, default=64, help="HTTP connections of the closed loop")
    parser.add_argument("--repeats", type=int, default=3, help="closed-loop runs, of which the median counts")
    parser.add_argument("--rate", type=float, default=500, help="orders/s of the second open-loop run")
    parser.add_argument("--common-rate", type=float, default=100, help="orders/s of the open-loop run all systems are compared at")
    parser.add_argument("--seconds", type=float, default=20, help="length of the second open-loop run; the first takes half")
    parser.add_argument("--only", action="append", choices=SYSTEMS, help="only this system (may be repeated)")
    parser.add_argument("--quick", action="store_true", help="a tenth of the work, one repeat: to see that it runs")
    parser.set_defaults(policy_orders=policies.COUNT)
    chosen = parser.parse_args(arguments)
    if chosen.quick:
        chosen.orders, chosen.seconds, chosen.repeats = chosen.orders // 10, chosen.seconds / 4, 1
        chosen.policy_orders = chosen.policy_orders // 10
    return chosen


def measure(system: System, chosen: argparse.Namespace) -> dict[str, Any]:
    """All runs of one started system."""
    bench = Bench(system)
    count = chosen.orders if system.name.startswith("hub") else max(500, chosen.orders // PEER_SHARE)
    bench.run(count // WARM_UP_SHARE, SECOND_CONNECTIONS)
    time.sleep(SETTLED_AFTER_S)
    closed = [bench.run(count, chosen.connections) for _ in range(chosen.repeats)]
    others = [bench.run(count, SECOND_CONNECTIONS)] if chosen.connections != SECOND_CONNECTIONS else []
    fastest = max(run.orders_per_s for run in closed)
    paced = []
    for rate, seconds in ((chosen.common_rate, chosen.seconds / 2), (chosen.rate, chosen.seconds)):
        lasting = seconds if rate < fastest else min(seconds, OVERLOAD_S)
        paced.append(bench.run(max(1, round(rate * lasting)), PACED_CONNECTIONS, rate))
    bench.check()
    return report.summary(closed, paced, others)


def measured(chosen: argparse.Namespace, running: Servers) -> Iterator[tuple[str, dict[str, Any]]]:
    for name in chosen.only or SYSTEMS:
        print(f"{name} ...", flush=True)
        with SYSTEMS[name](name, running) as system:
            yield name, measure(system, chosen)


def asks_policies(chosen: argparse.Namespace) -> bool:
    """Whether the hub was measured with policies that have something to check."""
    return hub.HUB in (chosen.only or SYSTEMS)


def main(arguments: list[str]) -> int:
    chosen = options(arguments)
    try:
        with servers.running() as running:
            results = dict(measured(chosen, running))
            versions = running.versions()
    except (WrongResult, NotUp) as failed:
        print(f"benchmarks: {failed}", file=sys.stderr)
        return 1
    shares = {"policies": policies.figures(chosen.policy_orders)} if asks_policies(chosen) else {}
    report.show(report.write(results, versions, shares), list(results))
    if shares:
        policies.show(shares["policies"])
    print(f"all figures: {OUT / 'bench.json'}")
    return 0


def end_in_order(number: int, _: object) -> None:
    """So that SIGTERM, too, stops what was started."""
    sys.exit(128 + number)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, end_in_order)
    sys.exit(main(sys.argv[1:]))
