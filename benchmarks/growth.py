"""`python -m benchmarks.growth`: what an order costs with 10 thousand and with 1 million archived messages.

The archive is filled by copying real rows: some orders go through the hub, then every row they left is copied many times
in SQL under other keys, as of orders that have left. Keys are scattered over the indexes (md5), as partners' own ids are;
the indexes are built after the copying, which takes minutes instead of hours. The same load is measured before and after,
in several rounds, because a busy machine makes every single one doubtful. Writes benchmarks/out/growth.json.
"""

import argparse
import sys
import time
from dataclasses import asdict
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, Table, text

from benchmarks import hub, servers
from benchmarks.hub import HubSystem
from benchmarks.report import machine
from benchmarks.runs import Bench, Run
from benchmarks.system import OUT
from store import tables

SMALL, LARGE = 10_000, 1_000_000
CONNECTIONS = 64
ROUND = 500
KEYS: dict[Table, tuple[str, ...]] = {
    tables.raw_messages: ("raw_id", "dedupe_key"),
    tables.messages: ("message_id", "subject", "partition_key", "identity", "correlation_id", "causation_id", "raw_id"),
    tables.receipts: ("message_id",),
    tables.cross_references: ("our_id", "their_id", "seen_in"),
    tables.orders: ("order_no", "source_order_id"),
    tables.order_decisions: ("order_no", "cause"),
    tables.stock_orders: ("order_no",),
    tables.stock_lines: ("order_no",),
}
"""The tables an order leaves rows in, and their columns by which one order's rows differ from another's."""
AS_GONE: dict[tuple[Table, str], str] = {
    (tables.orders, "credit_share"): "0",
    (tables.stock_lines, "shipped"): "demanded",
    (tables.stock_lines, "reserved"): "0",
}
"""What is otherwise of an order whose goods have left: it holds neither stock nor credit."""
CONSTRAINTS = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE contype IN ('p', 'u') AND conrelid::regclass::text = ANY(:names)"""
INDEXES = """
SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = ANY(:names)
AND indexname NOT IN (SELECT conname FROM pg_constraint WHERE contype IN ('p', 'u'))"""


def copy_statement(table: Table) -> str:
    """SQL that adds `:copies` copies of every row there is; each copy's keys differ, and agree between tables."""
    columns = [column.name for column in table.columns if column.identity is None]
    values = [_value(table, name) for name in columns]
    named = ", ".join(f'"{name}"' for name in columns)
    return (
        f"INSERT INTO {table.name} ({named}) SELECT {', '.join(values)} "
        f"FROM {table.name} CROSS JOIN generate_series(1, CAST(:copies AS integer)) AS copy"
    )


def _value(table: Table, column: str) -> str:
    if column in KEYS[table]:
        return f"md5(\"{column}\" || '/' || copy)"
    return AS_GONE.get((table, column), f'"{column}"')


def fill(engine: Engine, copies: int) -> None:
    """Copy what is there so many times, and leave the tables as autovacuum would. Nobody else may be at work meanwhile."""
    with engine.begin() as connection:
        for setting in ("synchronous_commit = off", "maintenance_work_mem = '256MB'"):
            connection.execute(text(f"SET LOCAL {setting}"))
        names = {"names": [table.name for table in KEYS]}
        constraints = connection.execute(text(CONSTRAINTS), names).fetchall()
        indexes = connection.execute(text(INDEXES), names).fetchall()
        for table, constraint, _ in constraints:
            connection.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}"))
        for index, _ in indexes:
            connection.execute(text(f"DROP INDEX {index}"))
        for table in KEYS:
            connection.execute(text(copy_statement(table)), {"copies": copies})
        for table, constraint, definition in constraints:
            connection.execute(text(f"ALTER TABLE {table} ADD CONSTRAINT {constraint} {definition}"))
        for _, definition in indexes:
            connection.execute(text(definition))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM (ANALYZE)"))
        connection.execute(text("CHECKPOINT"))


def archived(connection: Connection) -> int:
    return int(connection.execute(text("SELECT count(*) FROM messages")).scalar_one())


def measure(system: HubSystem, orders: int, rounds: int, large: int) -> list[dict[str, Any]]:
    """The cost of an order at both sizes of the archive."""
    bench = Bench(system)
    with system.engine.connect() as connection:
        while archived(connection) < SMALL:
            bench.run(ROUND, CONNECTIONS)
    bench.check()
    rows = [_at(system, [bench.run(orders, CONNECTIONS) for _ in range(rounds)])]
    began = time.monotonic()
    fill(system.engine, large // rows[0]["messages"])
    print(f"filled up in {time.monotonic() - began:.0f} s", flush=True)
    bench.run(ROUND, CONNECTIONS)
    return [*rows, _at(system, [bench.run(orders, CONNECTIONS) for _ in range(rounds)])]


def _at(system: HubSystem, runs: list[Run]) -> dict[str, Any]:
    """The round that took the least of everything is the one that others on the machine disturbed least."""
    with system.engine.connect() as connection:
        messages = archived(connection)
    best = min(runs, key=own_us)
    print(f"{messages:,} messages: {best.orders_per_s:,.0f} orders/s, {own_us(best):,.0f} us/order of {_told(runs)}", flush=True)
    kinds = {kind: min(run.cpu_us_per_order[kind] for run in runs) for kind in best.cpu_us_per_order}
    return {
        "messages": messages,
        "orders_per_s": best.orders_per_s,
        "own_cpu_us_per_order": own_us(best),
        "cpu_us_per_order": kinds,
        "rounds": [asdict(run) for run in runs],
    }


def own_us(run: Run) -> float:
    """Processor time of the hub and its servers for one order, without the load generator's."""
    return sum(us for kind, us in run.cpu_us_per_order.items() if kind != "load")


def _told(runs: list[Run]) -> str:
    return ", ".join(f"{own_us(run):,.0f}" for run in runs)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__.partition("\n")[0])
    parser.add_argument("--orders", type=int, default=2_000, help="orders of each round")
    parser.add_argument("--rounds", type=int, default=4, help="rounds at each size; the cheapest counts")
    parser.add_argument("--messages", type=int, default=LARGE, help="messages of the large archive")
    chosen = parser.parse_args(arguments)
    with servers.running() as running, hub.running(hub.HUB, running) as system:
        rows = measure(system, chosen.orders, chosen.rounds, chosen.messages)
    ratio = round(rows[1]["own_cpu_us_per_order"] / rows[0]["own_cpu_us_per_order"], 3)
    result = {"sizes": rows, "cpu_per_order_ratio": ratio, "machine": machine()}
    (OUT / "growth.json").write_bytes(orjson.dumps(result, option=orjson.OPT_INDENT_2))
    print(f"CPU per order, large archive / small: x{ratio:g}; all figures: {OUT / 'growth.json'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
