"""Runs Orderlane for the benchmark: as separate processes on RabbitMQ and PostgreSQL, or embedded as one process."""

import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam, create_engine, text

from benchmarks import masters, orders
from benchmarks.servers import ASK_BY_INDEX, Servers
from benchmarks.system import OUT, Processes, listens
from store import master
from store.database import open_database, to_micros
from store.master import Edition
from tools.services.ports import free_port

SECRET = "bench-shop-secret"
ENDPOINT = "shop-bench"
CONFIG = Path(__file__).parent / "hub_config"
ORDERLANE = str(Path(sys.executable).parent / "orderlane")
LOCATION = "MAIN"
MILLIONTHS = 1_000_000
ON_HAND = 100_000_000 * MILLIONTHS
SETTLE_S = 30.0
PARTITIONS = 1
"""A process for each handler, as `docker-compose.yml` runs them; more queues than consumers only cost."""

ROLES: Mapping[str, tuple[str, ...]] = {
    "relay": ("relay",),
    "order": ("handle", "order"),
    "stock": ("handle", "stock"),
    "invoice": ("handle", "invoice"),
    "master": ("handle", "master"),
    "api": ("api", "--port", "{port}"),
}
FIRST = ("api", "order")
HUB, BARE, EMBEDDED = NAMES = ("hub", "hub_bare", "hub_embedded")
"""With master data, by which every policy of an order has something to check; without, as the peers do the job; in one process."""

COMMITTED = {
    "postgresql": "CAST(extract(epoch FROM max(pg_xact_commit_timestamp(xmin))) AS float8)",
    "sqlite": "max(reserved_at) / 1e6",
}
"""When a reservation was committed, in seconds; on SQLite, which keeps no commit times, when its row was written."""

REFILL = """INSERT INTO stock (item, location, on_hand, reserved, as_of) VALUES (:item, :location, :on_hand, 0, 0)"""
TIMES = """SELECT order_no, {committed} FROM stock_lines WHERE order_no IN :names
           GROUP BY order_no HAVING count(*) FILTER (WHERE reserved > 0) = :lines"""
COUNTS = {
    "raw messages accepted": "SELECT count(*) FROM raw_messages WHERE status = 'accepted'",
    "raw messages": "SELECT count(*) FROM raw_messages",
    "orders": "SELECT count(*) FROM orders",
    "orders with lines in stock_lines": "SELECT count(DISTINCT order_no) FROM stock_lines",
}
NONE_OF = {
    "dead letters": "SELECT count(*) FROM dead_letters",
    "messages still to be sent": "SELECT count(*) FROM outbox",
    "backordered lines": "SELECT count(*) FROM stock_lines WHERE backordered > 0",
}
RESERVED = "SELECT item, sum(reserved) FROM stock_lines GROUP BY item"
STOCK = "SELECT item, sum(reserved) FROM stock WHERE reserved <> 0 GROUP BY item"


class HubSystem:
    """A running hub."""

    path = f"/in/{ENDPOINT}"
    secret = SECRET

    def __init__(self, name: str, url: str, processes: Processes, servers: Servers | None) -> None:
        self.name, self.url = name, url
        self.port = free_port()
        by_index = {"options": ASK_BY_INDEX} if servers else {}
        self.engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:", 1), connect_args=by_index)
        self._processes, self._servers = processes, servers

    def start(self, roles: Mapping[str, tuple[str, ...]], env: Mapping[str, str]) -> None:
        """Start its processes; NotUp when the HTTP door does not open."""
        for kind, arguments in roles.items():
            command = (ORDERLANE, *(part.format(port=self.port) for part in arguments))
            self._processes.start(kind, command, env, first=kind in FIRST)
        self._processes.wait_until(lambda: listens(self.port), "the HTTP door")

    def roots(self) -> dict[str, list[int]]:
        return self._processes.roots() | (self._servers.roots() if self._servers else {})

    def check_alive(self) -> None:
        self._processes.check_alive()

    def reservation_times(self, numbers: Sequence[int]) -> dict[int, float]:
        named = {order_no(number): number for number in numbers}
        query = text(TIMES.format(committed=COMMITTED[self.engine.dialect.name])).bindparams(bindparam("names", expanding=True))
        with self.engine.connect() as connection:
            rows = connection.execute(query, {"names": list(named), "lines": orders.LINES}).fetchall()
        return {named[name]: at for name, at in rows}

    def problems(self, numbers: Sequence[int]) -> list[str]:
        self._settle()
        asked = {sku: pieces * MILLIONTHS for sku, pieces in orders.demand(numbers).items()}
        found = {what: (len(numbers), self.count(sql)) for what, sql in COUNTS.items()}
        found |= {what: (0, self.count(sql)) for what, sql in NONE_OF.items()}
        wrong = [f"{what}: expected {wanted}, found {got}" for what, (wanted, got) in found.items() if wanted != got]
        sums = {"pieces reserved per item": RESERVED, "stock reserved per item": STOCK}
        return wrong + [f"{what}: not as expected" for what, sql in sums.items() if dict(self._pairs(sql)) != asked]

    def count(self, sql: str) -> int:
        """The number that a query asks for."""
        return int(self._rows(sql)[0][0])

    def fill_stock(self) -> None:
        """Every SKU in ample supply."""
        rows = [{"item": orders.sku(goods), "location": LOCATION, "on_hand": ON_HAND} for goods in range(orders.SKUS)]
        with self.engine.begin() as connection:
            connection.execute(text(REFILL), rows)

    def load_masters(self) -> None:
        """Products, customers and prices, so that every policy has something to check."""
        database = open_database(self.url, pool_size=1)
        with database.transaction() as tx:
            master.add(tx, [Edition(m.message_type, m.key(), to_micros(m.as_of), m.body()) for m in masters.documents()])
        database.close()

    def _settle(self) -> None:
        """Wait until what the handlers emitted is on its way, too."""
        deadline = time.monotonic() + SETTLE_S
        while self.count(NONE_OF["messages still to be sent"]) and time.monotonic() < deadline:
            time.sleep(0.2)

    def _pairs(self, sql: str) -> list[tuple[str, int]]:
        return [(name, int(value)) for name, value in self._rows(sql)]

    def _rows(self, sql: str) -> Sequence[Any]:
        with self.engine.connect() as connection:
            return connection.execute(text(sql)).fetchall()


def order_no(number: int) -> str:
    """The hub's number of an order of the benchmark's shop."""
    return orders.order_name(number).removeprefix("#")


@contextmanager
def running(name: str, servers: Servers) -> Iterator[HubSystem]:
    """Start the hub, one of NAMES, with an empty database and full shelves; stopped when the block ends."""
    if name == EMBEDDED:
        with _folder() as folder, _started(name, f"sqlite:///{folder}/hub.db", None, {"up": ("up", "--port", "{port}")}) as system:
            yield system
    else:
        url = servers.create_database("bench_hub")
        with _started(name, url, servers, ROLES) as system:
            yield system
        servers.drop_database("bench_hub")


@contextmanager
def _started(name: str, url: str, servers: Servers | None, roles: Mapping[str, tuple[str, ...]]) -> Iterator[HubSystem]:
    processes = Processes(name)
    system = HubSystem(name, url, processes, servers)
    env = environment(url, servers)
    try:
        processes.run("migrate", (ORDERLANE, "migrate"), env)
        if servers is not None:
            processes.run("topology", (ORDERLANE, "topology"), env)
        system.fill_stock()
        if name != BARE:
            system.load_masters()
        system.start(roles, env)
        yield system
    finally:
        processes.stop()
        system.engine.dispose()


def _folder() -> tempfile.TemporaryDirectory[str]:
    """On the same disk as the other results: the machine's own folder for temporary files may be memory."""
    OUT.mkdir(parents=True, exist_ok=True)
    return tempfile.TemporaryDirectory(dir=OUT)


def environment(url: str, servers: Servers | None) -> dict[str, str]:
    """What the hub's processes are told; without servers, the embedded default."""
    told = {
        "ORDERLANE_DATABASE_URL": url,
        "ORDERLANE_CONFIG": str(CONFIG),
        "ORDERLANE_NAMESPACE": "bench",
        "ORDERLANE_PARTITIONS": str(PARTITIONS),
        "ORDERLANE_LOG_LEVEL": "WARNING",
        "BENCH_SHOP_SECRET": SECRET,
    }
    return told | ({"ORDERLANE_BROKER_URL": servers.broker.url} if servers else {})
