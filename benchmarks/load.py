"""The partner's side: posts signed orders over HTTP/1.1 keep-alive and notes when each was sent and answered.

Runs as its own process (`python -m benchmarks.load PLAN OUT`), so its work is not charged to the system measured.
Bodies, signatures and request bytes are made before the clock starts. Two ways of driving:
- closed loop (`rate` null): every connection sends its next order as soon as the last was answered;
- open loop (`rate` orders/s): orders fall due at fixed times whatever the system does, and an order's latency counts from
  the time it was due, so a system that stalls cannot hide the orders that waited for it.
Times are seconds since 1970, advanced by the monotonic clock, so they compare with the database's clock on one machine.
"""

import asyncio
import sys
import time
from array import array
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import cast

import httptools
import orjson
import uvloop

from benchmarks import orders


@dataclass(frozen=True)
class Plan:
    """`count` orders from number `first` on, over `connections`, to 127.0.0.1:`port``path`."""

    port: int
    path: str
    secret: str
    first: int
    count: int
    connections: int
    rate: float | None = None
    """Orders per second; None drives a closed loop."""


@dataclass(frozen=True)
class Record:
    """Per order, in the plan's order: when it was sent (or due), when answered, and the HTTP status (0: connection lost)."""

    sent: list[float]
    answered: list[float]
    status: list[int]
    cpu_s: float
    """The load generator's own processor time while it ran, in seconds."""


class Connection(asyncio.Protocol):
    """One connection with one request in flight; calls `done(connection, status)` when its answer is complete."""

    def __init__(self, done: Callable[["Connection", int], None]) -> None:
        self._done = done
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self.order: int | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own class, not a subclass

    def send(self, order: int, request: bytes) -> None:
        assert self._transport is not None
        self.order = order
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        status = self._parser.get_status_code()
        self._parser = httptools.HttpResponseParser(self)
        self._done(self, status)

    def connection_lost(self, exc: Exception | None) -> None:
        if self.order is not None:
            self._done(self, 0)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


class Load:
    """Drives one plan. Orders that are due wait in a line for the connection that has been idle longest."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._requests = [request_bytes(plan, plan.first + at) for at in range(plan.count)]
        self._sent = array("d", bytes(8 * plan.count))
        self._answered = array("d", bytes(8 * plan.count))
        self._status = array("h", bytes(2 * plan.count))
        self._due: deque[int] = deque()
        self._idle: deque[Connection] = deque()
        self._left = plan.count
        self._open = plan.connections
        self._finished = asyncio.Event()
        self._zero = time.time() - time.perf_counter()

    async def run(self) -> Record:
        loop, cpu_before = asyncio.get_running_loop(), time.process_time()
        connections = []
        for _ in range(self.plan.connections):
            _, connection = await loop.create_connection(lambda: Connection(self._on_answer), "127.0.0.1", self.plan.port)
            connections.append(connection)
        self._idle.extend(connections)
        if self.plan.rate is None:
            self._due.extend(range(self.plan.count))
            self._pump()
        else:
            await self._pace(self.plan.rate)
        await self._finished.wait()
        for connection in connections:
            connection.close()
        cpu_s = time.process_time() - cpu_before
        return Record(self._on_wall(self._sent), self._on_wall(self._answered), self._status.tolist(), cpu_s)

    async def _pace(self, rate: float) -> None:
        begin = time.perf_counter() + 0.05
        for order in range(self.plan.count):
            due = begin + order / rate
            if (wait := due - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            self._sent[order] = due
            self._due.append(order)
            self._pump()

    def _pump(self) -> None:
        while self._due and self._idle:
            order, connection = self._due.popleft(), self._idle.popleft()
            if self.plan.rate is None:
                self._sent[order] = time.perf_counter()
            connection.send(order, self._requests[order])

    def _on_answer(self, connection: Connection, status: int) -> None:
        order, connection.order = connection.order, None
        assert order is not None
        self._answered[order], self._status[order] = time.perf_counter(), status
        self._left -= 1
        self._open -= status == 0
        if status:
            self._idle.append(connection)
            self._pump()
        if not self._left or not self._open:
            self._finished.set()

    def _on_wall(self, times: "array[float]") -> list[float]:
        return [round(self._zero + at, 6) if at else 0.0 for at in times]


def request_bytes(plan: Plan, number: int) -> bytes:
    """The whole HTTP request of one order."""
    body = orders.webhook(number)
    fields = {"Host": f"127.0.0.1:{plan.port}", "Content-Length": str(len(body)), **orders.headers(number, body, plan.secret)}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"POST {plan.path} HTTP/1.1\r\n{head}\r\n".encode() + body


def drive(load: Load) -> Record:
    """Run a prepared load to its last answer."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(load.run())


def main() -> None:
    """Prepare the plan, say so, and start when a line comes in."""
    plan_path, out_path = sys.argv[1:]
    load = Load(Plan(**orjson.loads(Path(plan_path).read_bytes())))
    print("ready", flush=True)
    sys.stdin.readline()
    Path(out_path).write_bytes(orjson.dumps(asdict(drive(load))))


if __name__ == "__main__":
    main()
