"""The private RabbitMQ and PostgreSQL all measured systems share, each with a database of its own.

PostgreSQL notes the time of every commit (`track_commit_timestamp`), which is how reservations are timed: the clock is
read at the commit itself, for every system alike, whatever its tables carry. Durability is left on. It has filled its WAL once
before anything is measured, as one that has run for a day: a server that is new makes a file of 16 MB every thousand orders,
for a twentieth of a second in which nobody can commit.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pika
import psycopg
from pika.exceptions import ChannelClosedByBroker
from psycopg import sql

from tools.services import places, provision
from tools.services.service import Service

AS_IN_COMPOSE = {"shared_buffers": "1GB", "min_wal_size": "2GB", "max_wal_size": "4GB"}
"""Settings that `docker-compose.yml` gives PostgreSQL too."""
ASK_BY_INDEX = "-c enable_seqscan=off -c max_parallel_workers_per_gather=0"
"""Options of a connection that asks when reservations were committed: planned while its tables were new, the question would read
all of them each time, later with helpers of its own, and be counted as the measured system's own."""
FILL = "SELECT count(pg_logical_emit_message(false, 'bench', repeat('x', 1000000))) FROM generate_series(1, 1900)"
"""Write 1.9 GB of WAL that means nothing."""


@dataclass(frozen=True)
class Servers:
    """Both servers, running."""

    database: provision.Database
    broker: provision.Broker

    def roots(self) -> dict[str, list[int]]:
        """Their root processes; none where a server runs in a container."""
        return {"rabbitmq": _pids(self.broker), "postgresql": _pids(self.database)}

    def create_database(self, name: str) -> str:
        """A new empty database; its URL, over a socket rather than TCP where that can be."""
        with psycopg.connect(self.database.url, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.database.local_url_of(name)

    def drop_database(self, name: str) -> None:
        with psycopg.connect(self.database.url, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def queue(self, name: str) -> tuple[int, int]:
        """Messages waiting in a queue and consumers on it; (0, 0) when there is no such queue."""
        with pika.BlockingConnection(pika.URLParameters(self.broker.url)) as connection:
            try:
                declared = connection.channel().queue_declare(name, passive=True).method
            except ChannelClosedByBroker:
                return 0, 0
            return declared.message_count, declared.consumer_count

    def delete_queue(self, name: str) -> None:
        with pika.BlockingConnection(pika.URLParameters(self.broker.url)) as connection:
            connection.channel().queue_delete(name)

    def versions(self) -> dict[str, str]:
        return {"rabbitmq": self.broker.title, "postgresql": self.database.title}


@contextmanager
def running() -> Iterator[Servers]:
    """Start both; gone, with their data, when the block ends."""
    places.clear_leftovers()
    with provision.database() as database, provision.broker() as broker:
        with psycopg.connect(database.url, autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET track_commit_timestamp = on")
            for name, value in AS_IN_COMPOSE.items():
                connection.execute(sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.SQL(name), value))
        database.restart()
        with psycopg.connect(database.url, autocommit=True) as connection:
            for statement in (FILL, "CHECKPOINT", "SELECT pg_switch_wal()", "CHECKPOINT"):  # the second gives what was filled back
                connection.execute(statement)
        yield Servers(database, broker)


def _pids(service: Service) -> list[int]:
    return [process.pid for process in places.read_processes(service.directory).values()]
