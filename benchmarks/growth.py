"""`python -m benchmarks.growth`: what an order costs with 10 thousand and with 1 million archived messages.

The archive is filled by copying real rows: some orders go through the hub, then every row they left is copied many times
in SQL under other keys. Copies are scattered over the indexes (md5), as partners' own ids are. Then the same load is
measured as before the filling. Writes benchmarks/out/growth.json.
"""

import argparse
import sys
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
    tables.orders: ("order_no", "source_order_id"),
    tables.stock_orders: ("order_no",),
    tables.stock_lines: ("order_no",),
}
"""The tables an order leaves rows in, and their columns by which one order's rows differ from another's."""


def copy_statement(table: Table) -> str:
    """SQL that adds `:copies` copies of every row there is; each copy's keys differ, and agree between tables."""
    keys = KEYS[table]
    columns = [column.name for column in table.columns if column.identity is None]
    named = [f'"{name}"' for name in columns]
    values = [f"md5({name} || '/' || copy)" if column in keys else name for column, name in zip(columns, named, strict=True)]
    return (
        f"INSERT INTO {table.name} ({', '.join(named)}) SELECT {', '.join(values)} "
        f"FROM {table.name} CROSS JOIN generate_series(1, CAST(:copies AS integer)) AS copy"
    )


def fill(engine: Engine, copies: int) -> None:
    """Copy what is there so many times, and leave the tables as autovacuum would."""
    with engine.begin() as connection:
        for table in KEYS:
            connection.execute(text(copy_statement(table)), {"copies": copies})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM (ANALYZE)"))
        connection.execute(text("CHECKPOINT"))


def archived(connection: Connection) -> int:
    return int(connection.execute(text("SELECT count(*) FROM messages")).scalar_one())


def measure(system: HubSystem, orders: int) -> list[dict[str, Any]]:
    """The cost of an order at both sizes of the archive."""
    bench = Bench(system)
    with system.engine.connect() as connection:
        while archived(connection) < SMALL:
            bench.run(ROUND, CONNECTIONS)
    bench.check()
    rows = [_at(system, bench.run(orders, CONNECTIONS))]
    print(f"{rows[0]['messages']:,} messages: {rows[0]['orders_per_s']:,.0f} orders/s; filling up ...", flush=True)
    fill(system.engine, LARGE // rows[0]["messages"])
    bench.run(ROUND, CONNECTIONS)
    rows.append(_at(system, bench.run(orders, CONNECTIONS)))
    print(f"{rows[1]['messages']:,} messages: {rows[1]['orders_per_s']:,.0f} orders/s", flush=True)
    return rows


def _at(system: HubSystem, run: Run) -> dict[str, Any]:
    with system.engine.connect() as connection:
        messages = archived(connection)
    own = sum(us for kind, us in run.cpu_us_per_order.items() if kind != "load")
    return {"messages": messages, "orders_per_s": run.orders_per_s, "own_cpu_us_per_order": own, "run": asdict(run)}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__.partition("\n")[0])
    parser.add_argument("--orders", type=int, default=5_000, help="orders measured at each size")
    chosen = parser.parse_args(arguments)
    with servers.running() as running, hub.running("hub", running) as system:
        rows = measure(system, chosen.orders)
    ratio = round(rows[1]["own_cpu_us_per_order"] / rows[0]["own_cpu_us_per_order"], 3)
    result = {"sizes": rows, "cpu_per_order_ratio": ratio, "machine": machine()}
    (OUT / "growth.json").write_bytes(orjson.dumps(result, option=orjson.OPT_INDENT_2))
    print(f"CPU per order, large archive / small: x{ratio:g}; all figures: {OUT / 'growth.json'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
