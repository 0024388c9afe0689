"""The benchmark's result: a JSON file for programs and a table for people."""

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

from benchmarks.hub import BARE, HUB
from benchmarks.runs import Run
from benchmarks.system import OUT

PEERS = ("celery", "faststream")
PACKAGES = (
    "aio-pika",
    "asyncpg",
    "celery",
    "fastapi",
    "faststream",
    "kombu",
    "orjson",
    "pika",
    "psycopg",
    "pydantic",
    "sqlalchemy",
    "uvicorn",
    "uvloop",
)
CONDITIONS = (
    "All on one machine over loopback: load generator, system, RabbitMQ, PostgreSQL. PostgreSQL: fsync and synchronous_commit on.",
    "Same orders for all: Shopify orders/create webhooks, 5-6 KB, 3 lines, 2,000 SKUs, HMAC signed. Each run's orders are new.",
    "Done per order by all: signature, validation, order + 3 lines + 3 reservations + stock + outbox, exactly once.",
    "Done by the hub alone: raw bytes and canonical messages archived before the 2xx, routing rules, receipts, lineage.",
    "Done by hub and hub_embedded alone: customer, product, licences, quantity, price, credit and approval, by master data.",
    "orders_per_s: closed loop, first order sent to last reservation committed, median of the repeats.",
    "accept_ms, reserve_ms: open loop at the rate all systems carry, from the time the order was due to its 2xx, to the commit.",
    "Commit times are PostgreSQL's own (track_commit_timestamp); hub_embedded: the time its row was written.",
    "cpu_s, cpu_us_per_order, peak_rss_mb (proportional set size): the closed-loop runs, by kind of process.",
)


def summary(closed: Sequence[Run], paced: Sequence[Run], others: Sequence[Run] = ()) -> dict[str, Any]:
    """One system's figures. `closed`: repeats at the main number of connections; `paced`: the common rate first."""
    middle = sorted(closed, key=lambda run: run.orders_per_s)[len(closed) // 2]
    return {
        "orders_per_s": median(run.orders_per_s for run in closed),
        "accept_ms": asdict(paced[0].accept_ms),
        "reserve_ms": asdict(paced[0].reserve_ms),
        "kept_up": paced[0].kept_up,
        "cpu_s": middle.cpu_s,
        "cpu_us_per_order": middle.cpu_us_per_order,
        "peak_rss_mb": middle.peak_rss_mb,
        "runs": [asdict(run) for run in (*closed, *others, *paced)],
    }


def ratios(systems: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, float]]:
    """How many times more orders the hub carries than a peer, and how many times less processor time and delay it takes."""
    pairs = [(ours, peer) for ours in (HUB, BARE) for peer in PEERS if ours in systems and peer in systems]
    return {f"{ours}/{peer}": _advantage(systems[ours], systems[peer]) for ours, peer in pairs}


def _advantage(hub: Mapping[str, Any], peer: Mapping[str, Any]) -> dict[str, float]:
    return {
        "orders_per_s": round(hub["orders_per_s"] / peer["orders_per_s"], 2),
        "cpu_per_order": round(own_cpu_us(peer) / own_cpu_us(hub), 2),
        "reserve_ms_p50": round(peer["reserve_ms"]["p50"] / hub["reserve_ms"]["p50"], 2),
        "reserve_ms_p99": round(peer["reserve_ms"]["p99"] / hub["reserve_ms"]["p99"], 2),
    }


def own_cpu_us(system: Mapping[str, Any]) -> float:
    """Processor time of an order in everything but the load generator, in microseconds."""
    return sum(float(us) for kind, us in system["cpu_us_per_order"].items() if kind != "load")


def write(
    systems: Mapping[str, Any], servers: Mapping[str, str], further: Mapping[str, Any], path: Path = OUT / "bench.json"
) -> dict[str, Any]:
    """Write the result as JSON; what was written. further: figures of parts (`policies`)."""
    result = {
        **systems,
        "ratios": ratios(systems),
        **further,
        "machine": machine(),
        "versions": versions() | dict(servers),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "conditions": list(CONDITIONS),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(orjson.dumps(result, option=orjson.OPT_INDENT_2))
    return result


def machine() -> dict[str, Any]:
    """What it ran on; the load average tells whether it was alone there."""
    cpu = [
        line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")
    ]
    memory_kb = {line.split(":")[0]: int(line.split()[1]) for line in Path("/proc/meminfo").read_text().splitlines()}
    return {
        "cpu": cpu[0] if cpu else platform.machine(),
        "cores": os.cpu_count(),
        "memory_gb": round(memory_kb["MemTotal"] / 1024**2, 1),
        "huge_pages_mb": memory_kb.get("Hugetlb", 0) // 1024,
        "kernel": platform.release(),
        "load_average": os.getloadavg()[0],
    }


def versions() -> dict[str, str]:
    return {"python": platform.python_version()} | {name: version(name) for name in PACKAGES}


def show(result: Mapping[str, Any], names: Sequence[str], console: Console | None = None) -> None:
    """Print the table and the ratios."""
    console = console or Console()
    table = Table(title="The same orders, webhook in to reservation committed")
    for column in ("system", "orders/s", "accept ms p50 / p99", "reserve ms p50 / p99", "CPU µs/order", "peak MB"):
        table.add_column(column, justify="left" if column == "system" else "right")
    for name in names:
        table.add_row(name, *_cells(result[name]))
    console.print(table)
    for pair, values in result["ratios"].items():
        console.print(f"{pair}: " + ", ".join(f"{what} x{value:g}" for what, value in values.items()))


def _cells(system: Mapping[str, Any]) -> tuple[str, ...]:
    late = "" if system["kept_up"] else " (fell behind)"
    return (
        f"{system['orders_per_s']:,.0f}",
        f"{system['accept_ms']['p50']:,.1f} / {system['accept_ms']['p99']:,.1f}",
        f"{system['reserve_ms']['p50']:,.1f} / {system['reserve_ms']['p99']:,.1f}{late}",
        f"{own_cpu_us(system):,.0f}",
        f"{sum(system['peak_rss_mb'].values()):,.0f}",
    )
