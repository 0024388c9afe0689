"""The load generator sends each order once, notes true times, and hides no delay."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from benchmarks.load import Load, Plan, Record, drive

ANSWER = b"HTTP/1.1 202 Accepted\r\ncontent-length: 2\r\n\r\n{}"
Respond = Callable[[int], "tuple[float, bytes | None]"]


@contextmanager
def server(respond: Respond) -> Iterator[tuple[int, list[bytes]]]:
    """An HTTP server; `respond(nth request)` gives a delay in seconds and the answer, None to hang up. Yields port and bodies."""
    bodies: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n") if not reader.at_eof() else b"":
            length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
            bodies.append(await reader.readexactly(length))
            delay, answer = respond(len(bodies))
            await asyncio.sleep(delay)
            if answer is None:
                break
            writer.write(answer)
        writer.close()

    async def tolerant(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        except asyncio.IncompleteReadError:
            writer.close()

    loop = asyncio.new_event_loop()
    listening = loop.run_until_complete(asyncio.start_server(tolerant, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield listening.sockets[0].getsockname()[1], bodies
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def run(port: int, *, count: int, connections: int, rate: float | None = None) -> Record:
    return drive(Load(Plan(port, "/in/shop", "secret", 100_001, count, connections, rate)))


def test_a_closed_loop_sends_every_order_once_and_notes_its_times() -> None:
    with server(lambda _: (0.0, ANSWER)) as (port, bodies):
        record = run(port, count=200, connections=8)
    assert record.status == [202] * 200
    assert len(set(bodies)) == len(bodies) == 200
    assert all(answered - sent > 0 for sent, answered in zip(record.sent, record.answered, strict=True))


def test_paced_orders_are_due_at_even_times() -> None:
    with server(lambda _: (0.0, ANSWER)) as (port, _):
        record = run(port, count=50, connections=4, rate=200)
    gaps = [later - earlier for earlier, later in zip(record.sent, record.sent[1:], strict=False)]
    assert gaps == pytest.approx([0.005] * 49, abs=1e-5)


def test_orders_that_wait_for_a_stalled_system_are_charged_the_wait() -> None:
    with server(lambda nth: (0.3 if nth == 1 else 0.0, ANSWER)) as (port, _):
        record = run(port, count=20, connections=1, rate=100)
    delays = [answered - sent for sent, answered in zip(record.sent, record.answered, strict=True)]
    assert delays[0] >= 0.3
    assert delays[10] >= 0.19  # due 0.1 s after the first, could only be sent when that was answered


def test_a_refused_order_and_a_lost_connection_are_told_apart() -> None:
    refusal = b"HTTP/1.1 422 Unprocessable\r\ncontent-length: 0\r\n\r\n"
    with server(lambda nth: (0.0, {2: refusal, 3: None}.get(nth, ANSWER))) as (port, _):
        record = run(port, count=5, connections=1)
    assert record.status == [202, 422, 0, 0, 0]
