"""A partner's server made of one socket, which can do everything wrong that a server can do."""

import itertools
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.support.waiting import PATIENCE

Behaviour = Callable[[socket.socket], Iterable[None] | None]
"""What is done to a request; one without an end is an iterator that is asked every 50 ms."""


@dataclass(frozen=True)
class Request:
    """What came: request line, headers in lower case, body."""

    line: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Partner:
    """Listens on 127.0.0.1 and does to each request what `behave` says; `requests` are those read to their end.

    under_way: a behaviour without an end has begun. outlasted: it was given up here, because nobody over there did.
    """

    behave: Behaviour
    tls: ssl.SSLContext | None = None
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    under_way: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    outlasted: bool = False

    def __enter__(self) -> "Partner":
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    @property
    def port(self) -> int:
        return self._port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with self.tls.wrap_socket(connection, server_side=True) if self.tls else connection as stream:
                while request := _read(stream):
                    self.requests.append(request)
                    if going_on := self.behave(stream):
                        self._go_on(going_on)
        except OSError:
            return

    def _go_on(self, without_end: Iterable[None]) -> None:
        deadline = time.monotonic() + PATIENCE
        for _ in without_end:
            self.under_way.set()
            self.outlasted = time.monotonic() > deadline
            if self.ended.wait(0.05) or self.outlasted:
                raise ConnectionAbortedError


def _read(stream: socket.socket) -> Request | None:
    reader = stream.makefile("rb")
    line = reader.readline().decode("latin-1").strip()
    if not line:
        return None
    headers = {}
    while header := reader.readline().decode("latin-1").strip():
        name, _, value = header.partition(":")
        headers[name.lower()] = value.strip()
    return Request(line, headers, reader.read(int(headers.get("content-length", "0"))))


def answer(status: int, body: bytes = b"{}", media_type: str = "application/json", **headers: str) -> Behaviour:
    """Answer properly; `retry_after="5"` becomes Retry-After: 5."""
    lines = {"content-type": media_type, "content-length": str(len(body))}
    lines |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = f"HTTP/1.1 {status} -\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return lambda stream: stream.sendall(head.encode() + b"\r\n" + body)


def hang(stream: socket.socket) -> Iterator[None]:
    """Never answer."""
    yield from itertools.repeat(None)


def reset(stream: socket.socket) -> None:
    """Close with a reset."""
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    stream.close()


def close(stream: socket.socket) -> None:
    stream.shutdown(socket.SHUT_RDWR)


def speak_garbage(stream: socket.socket) -> None:
    stream.sendall(b"220 mail.example.com ESMTP\r\n\r\n" * 4)


def drip_headers(stream: socket.socket) -> Iterator[None]:
    """A header line again and again, without end."""
    stream.sendall(b"HTTP/1.1 200 OK\r\n")
    for count in itertools.count():
        stream.sendall(f"x-{count}: y\r\n".encode())
        yield


def drip_body(stream: socket.socket) -> Iterator[None]:
    """The headers at once, then a byte of the body again and again."""
    stream.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000000\r\n\r\n")
    while True:
        stream.sendall(b" ")
        yield


def pour(stream: socket.socket) -> Iterator[None]:
    """As much as the other side takes."""
    stream.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n")
    while True:
        stream.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")
        yield


@contextmanager
def nobody() -> Iterator[str]:
    """The URL of a port that is taken, so that nobody else gets it, and at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}/hook"
