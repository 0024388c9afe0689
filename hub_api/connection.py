"""The HTTP connection: a request to the intake door goes straight there, any other uvicorn's way to the API.

uvicorn makes a task, a coroutine per layer, a scope, two events and a message per step of every request; for one that is posted
to the door this is half of what HTTP costs (docs/benchmarks.md). Such a request is one object here, which gathers its body and is
answered by one call. All that HTTP asks for besides stays uvicorn's: parsing, pipelining, keep-alive, the end of the server.
"""

import asyncio
from typing import Protocol
from urllib.parse import unquote

import httptools
from starlette.responses import Response
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from connectors.base import Answer

PREFIX = "/in/"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
CLOSE = b"connection: close\r\n"


class Arrival(RequestResponseCycle):
    """A request to the door, from its headers to its answer: for uvicorn's connection a cycle like others, which needs no task.

    endpoint: what stands behind `/in/`. peer: the address the connection comes from. has_turn: whether all requests before it on
    its connection have been answered. more_body: whether some of it is still to come. too_large: whether it has more than is taken.
    """

    def __init__(
        self, connection: "Connection", method: str, endpoint: str, query: bytes, headers: dict[str, str], *, keep_alive: bool
    ) -> None:
        self._connection = connection
        self.method = method
        self.endpoint = endpoint
        self.query = query
        self.headers = headers
        self.keep_alive = keep_alive
        self.peer = connection.client[0] if connection.client else ""
        self.has_turn = self.response_complete = self.disconnected = False
        self.more_body = True
        length = headers.get("content-length", "")
        self.too_large = length.isdigit() and int(length) > connection.door.max_body_bytes
        self._chunks: list[bytes] = []
        self._size = 0

    def add(self, chunk: bytes, most: int) -> None:
        """A part of the body has come."""
        self._size += len(chunk)
        if self._size <= most:
            self._chunks.append(chunk)
        else:
            self._chunks.clear()
            self.too_large = True

    @property
    def whole_body(self) -> bytes:
        return b"".join(self._chunks)

    def ask_for_body(self) -> None:
        """Tell a sender who waits to be told (`Expect: 100-continue`) that the body may come."""
        if self._connection.expect_100_continue:
            self._connection.transport.write(CONTINUE)

    def answer(self, answer: Response | Answer) -> None:
        """Send the answer; nothing where it has one already."""
        if not self.response_complete:
            self.response_complete = True
            self._connection.answer(self, answer)


class Door(Protocol):
    """Who takes arrivals in and answers each. Calls of one event loop."""

    max_body_bytes: int

    def attend(self, arrival: Arrival) -> None:
        """It is its turn, or more of it has come: its end, or more than is taken."""

    def forget(self, arrival: Arrival) -> None:
        """Its sender is gone."""


class Connection(HttpToolsProtocol):
    """One connection to the hub."""

    door: Door
    _held = False
    """Whether the next request waits until the sender has read the answer to the last one."""

    def on_message_begin(self) -> None:
        self.url = b""
        self.expect_100_continue = False
        self.headers = []

    def on_headers_complete(self) -> None:
        url = httptools.parse_url(self.url)
        path = url.path.decode("ascii")
        if "%" in path:
            path = unquote(path)
        if not path.startswith(PREFIX):
            self._to_api()
            return
        waits = self.cycle is not None and not self.cycle.response_complete
        method, keep_alive = self.parser.get_method().decode("ascii"), self.parser.get_http_version() != "1.0"
        keep_alive = keep_alive and self.parser.should_keep_alive()
        arrival = Arrival(self, method, path[len(PREFIX) :], url.query or b"", _single(self.headers), keep_alive=keep_alive)
        self.cycle = arrival
        if waits:
            self.flow.pause_reading()
            self.pipeline.appendleft((arrival, self.app))
        else:
            self._start_asgi_task(arrival, self.app)

    def _to_api(self) -> None:
        """What `on_message_begin` left out is made up for, and uvicorn goes on."""
        url, expects, headers = self.url, self.expect_100_continue, self.headers
        super().on_message_begin()
        self.url, self.expect_100_continue = url, expects
        self.headers += headers
        super().on_headers_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        """It is this request's turn."""
        if not isinstance(cycle, Arrival):
            super()._start_asgi_task(cycle, app)
            return
        cycle.has_turn = True
        self.door.attend(cycle)

    def on_body(self, body: bytes) -> None:
        arrival = self.cycle
        if not isinstance(arrival, Arrival):
            super().on_body(body)
        elif not arrival.response_complete:
            arrival.add(body, self.door.max_body_bytes)
            if arrival.too_large and arrival.has_turn:
                self.door.attend(arrival)

    def on_message_complete(self) -> None:
        arrival = self.cycle
        if not isinstance(arrival, Arrival):
            super().on_message_complete()
        elif not arrival.response_complete:
            arrival.more_body = False
            if arrival.has_turn:
                self.door.attend(arrival)

    def answer(self, arrival: Arrival, answer: Response | Answer) -> None:
        if self.transport.is_closing():
            return
        self.transport.write(_written(answer, close=not arrival.keep_alive, with_body=arrival.method != "HEAD"))
        if not arrival.keep_alive:
            self.transport.close()
        if self.flow.write_paused:  # whoever does not read gets no further answers, and is not read from
            self._held = True
            self.flow.pause_reading()
        else:
            self.on_response_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.pipeline:  # else the line would grow by whatever comes while its first is answered
            self.flow.pause_reading()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._held:
            self._held = False
            self.on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        if isinstance(self.cycle, Arrival):
            self.door.forget(self.cycle)
            self.cycle = None  # type: ignore[assignment]
        super().connection_lost(exc)


def connections_of(door: Door) -> type[asyncio.Protocol]:
    """The class of connections that lead to this door, as uvicorn's setting `http` takes it."""
    return type("ConnectionToDoor", (Connection,), {"door": door})


def _single(raw: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers once each, names in lower case; one that came twice is joined, so a doubled signature never verifies."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in raw}
    if len(headers) < len(raw):
        for name in headers:
            headers[name] = ", ".join(value.decode("latin-1") for given, value in raw if given.decode("latin-1") == name)
    return headers


def _written(answer: Response | Answer, *, close: bool, with_body: bool) -> bytes:
    """An answer as HTTP/1.1 has it."""
    if isinstance(answer, Response):
        status, body = answer.status_code, bytes(answer.body)
        headers = b"".join(b"%b: %b\r\n" % header for header in answer.raw_headers)
    else:
        status, body = answer.status, answer.body
        headers = b"content-length: %d\r\ncontent-type: %b\r\n" % (len(body), answer.media_type.encode("latin-1"))
    return b"%b%b%b\r\n%b" % (STATUS_LINE[status], headers, CLOSE if close else b"", body if with_body else b"")
