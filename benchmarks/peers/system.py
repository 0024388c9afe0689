"""Runs a peer for the benchmark: its processes, its tables and stock, and what it has stored."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from sqlalchemy import create_engine

from benchmarks import orders
from benchmarks.peers.model import Base
from benchmarks.servers import ASK_BY_INDEX, Servers
from benchmarks.system import Processes, listens
from tools.services.ports import free_port

SECRET = "bench-shop-secret"
ON_HAND = 100_000_000

REFILL = "INSERT INTO stock (sku, on_hand, reserved) VALUES (%s, %s, 0)"
COUNTS = """SELECT (SELECT count(*) FROM orders), (SELECT count(*) FROM order_lines), (SELECT count(*) FROM reservations),
                   (SELECT count(*) FROM outbox)"""
RESERVED = "SELECT sku, sum(quantity) FROM reservations GROUP BY sku"
STOCK = "SELECT sku, reserved FROM stock WHERE reserved <> 0"
TIMES = """SELECT order_no, CAST(extract(epoch FROM max(pg_xact_commit_timestamp(reservations.xmin))) AS float8)
           FROM orders JOIN order_lines ON order_id = orders.id JOIN reservations ON line_id = order_lines.id
           WHERE order_no = ANY(%s) GROUP BY order_no HAVING count(*) = %s"""


@dataclass(frozen=True)
class Peer:
    """How a peer is started. `consumers`: how many its queue has when its workers are up."""

    name: str
    web: str
    worker: tuple[str, ...]
    queue: str
    consumers: int


PEERS = {
    "celery": Peer(
        name="celery",
        web="benchmarks.peers.celery_orm.web:app",
        worker=(
            *("celery", "-A", "benchmarks.peers.celery_orm.tasks", "worker"),
            *("--pool", "prefork", "--concurrency", "2", "--loglevel", "WARNING", "--without-gossip", "--without-mingle"),
        ),
        queue="celery_orders",
        consumers=1,
    ),
    "faststream": Peer(
        name="faststream",
        web="benchmarks.peers.faststream_orm.web:app",
        worker=("faststream", "run", "benchmarks.peers.faststream_orm.worker:app", "--workers", "2"),
        queue="faststream_orders",
        consumers=2,
    ),
}


class PeerSystem:
    """A running peer."""

    path = "/webhooks/orders"
    secret = SECRET

    def __init__(self, peer: Peer, servers: Servers, database_url: str, processes: Processes) -> None:
        self.name = peer.name
        self.port = free_port()
        self.database = psycopg.connect(database_url, autocommit=True, options=ASK_BY_INDEX)
        self._peer, self._servers, self._processes = peer, servers, processes
        self._env = {"BENCH_DATABASE_URL": database_url, "BENCH_BROKER_URL": servers.broker.url, "BENCH_SECRET": SECRET}

    def start(self) -> None:
        """Start its web process and workers; NotUp when they do not come up."""
        web = ("uvicorn", self._peer.web, "--port", str(self.port), "--log-level", "warning", "--no-access-log")
        for kind, command in (("worker", self._peer.worker), ("web", web)):
            self._processes.start(kind, (sys.executable, "-m", *command), self._env, first=True)
        self._processes.wait_until(lambda: listens(self.port), "web")
        self._processes.wait_until(lambda: self._servers.queue(self._peer.queue)[1] >= self._peer.consumers, "worker")

    def roots(self) -> dict[str, list[int]]:
        return self._processes.roots() | self._servers.roots()

    def check_alive(self) -> None:
        self._processes.check_alive()

    def reservation_times(self, numbers: Sequence[int]) -> dict[int, float]:
        named = {orders.order_name(number): number for number in numbers}
        rows = self.database.execute(TIMES, (list(named), orders.LINES)).fetchall()
        return {named[name]: at for name, at in rows}

    def problems(self, numbers: Sequence[int]) -> list[str]:
        asked = orders.demand(numbers)
        expected: dict[str, tuple[Any, Any]] = {
            "orders, lines, reservations, outbox rows": (
                (len(numbers), orders.LINES * len(numbers), orders.LINES * len(numbers), len(numbers)),
                self.database.execute(COUNTS).fetchone(),
            ),
            "pieces reserved per SKU": (dict(asked), dict(self.database.execute(RESERVED).fetchall())),
            "stock reserved per SKU": (dict(asked), dict(self.database.execute(STOCK).fetchall())),
            "messages left in the queue": (0, self._servers.queue(self._peer.queue)[0]),
        }
        return [f"{what}: not as expected" for what, (wanted, found) in expected.items() if wanted != found]

    def set_stock(self, sku: str, on_hand: int) -> None:
        self.database.execute("UPDATE stock SET on_hand = %s WHERE sku = %s", (on_hand, sku))


@contextmanager
def running(name: str, servers: Servers) -> Iterator[PeerSystem]:
    """Start a peer with an empty database and full shelves; stopped when the block ends."""
    peer, database = PEERS[name], f"bench_{name}"
    url = servers.create_database(database)
    _prepare(url)
    processes = Processes(name)
    system = PeerSystem(peer, servers, url, processes)
    try:
        system.start()
        yield system
    finally:
        processes.stop()
        system.database.close()
        servers.delete_queue(peer.queue)
        servers.drop_database(database)


def _prepare(url: str) -> None:
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:", 1))
    Base.metadata.create_all(engine)
    engine.dispose()
    with psycopg.connect(url) as connection:
        connection.cursor().executemany(REFILL, [(orders.sku(goods), ON_HAND) for goods in range(orders.SKUS)])
