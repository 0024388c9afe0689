"""Connections that cannot lead inside and cannot outlast a deadline: the network layer under `connectors/http.py`."""

import select
import socket
import ssl
import threading
import time
from collections.abc import Iterable
from concurrent.futures import Executor
from concurrent.futures import TimeoutError as TookTooLong
from math import inf
from typing import Any

import httpcore

from canonical.failures import Misconfigured
from connectors.addresses import dialable

LONGEST_CONNECT = 5.0


class Deadline(threading.local):
    """When the exchange of this thread has to be over, by the monotonic clock."""

    until: float = inf

    def set(self, seconds: float) -> None:
        self.until = time.monotonic() + seconds

    def left(self, late: type[Exception]) -> float:
        """Seconds that are left; raises `late` when there are none."""
        seconds = self.until - time.monotonic()
        if seconds <= 0:
            raise late("deadline passed")
        return seconds


class Dialler(httpcore.NetworkBackend):
    """Looks a name up once, refuses it when any of its addresses leads inside, and dials the very address it checked."""

    def __init__(self, deadline: Deadline, resolvers: Executor, *, allow_private: bool) -> None:
        self._deadline = deadline
        self._resolvers = resolvers
        self._allow_private = allow_private

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection; Misconfigured where it would lead inside, httpcore's ConnectError or ConnectTimeout otherwise."""
        return TimedStream(self.connected(host, port), self._deadline)

    def connected(self, host: str, port: int) -> socket.socket:
        """The bare socket, for what speaks no HTTP; fails as `connect_tcp` does."""
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in self._addresses(host, port):
            try:
                return socket.create_connection((address, port), min(LONGEST_CONNECT, self._deadline.left(httpcore.ConnectTimeout)))
            except TimeoutError:
                failure = httpcore.ConnectTimeout(f"{host} port {port}: no connection in time")
            except OSError as error:
                failure = httpcore.ConnectError(f"{host} port {port}: {error.strerror or error}")
        raise failure

    def _addresses(self, host: str, port: int) -> list[str]:
        found = self._looked_up(host, port)
        inside = [address for address in found if not dialable(address, allow_private=self._allow_private)]
        if inside:
            raise Misconfigured(f"{host} leads to {inside[0]}, an address this endpoint must not be sent to")
        return found

    def _looked_up(self, host: str, port: int) -> list[str]:
        """Every address of a name, in the resolver's order. Looked up in another thread: getaddrinfo knows no timeout."""
        lookup = self._resolvers.submit(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        try:
            found = lookup.result(self._deadline.left(httpcore.ConnectTimeout))
        except TookTooLong:
            lookup.cancel()
            raise httpcore.ConnectTimeout(f"{host}: name not found in time") from None
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"{host}: {error}") from None
        return list(dict.fromkeys(str(sockaddr[0]) for _, _, _, _, sockaddr in found))


class TimedStream(httpcore.NetworkStream):
    """A connected socket whose every step ends with the deadline of the exchange that uses it.

    The timeouts httpcore hands over start anew with each step, so they are not looked at. An OSError becomes httpcore's
    error for that step.
    """

    def __init__(self, connected: socket.socket, deadline: Deadline) -> None:
        self._socket = connected
        self._deadline = deadline
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self._socket.settimeout(self._deadline.left(httpcore.ReadTimeout))
        try:
            return self._socket.recv(max_bytes)
        except TimeoutError as error:
            raise httpcore.ReadTimeout("no answer in time") from error
        except OSError as error:
            raise httpcore.ReadError(str(error)) from error

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._socket.settimeout(self._deadline.left(httpcore.WriteTimeout))
        try:
            self._socket.sendall(buffer)
        except TimeoutError as error:
            raise httpcore.WriteTimeout("request not taken in time") from error
        except OSError as error:
            raise httpcore.WriteError(str(error)) from error

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        try:
            self._socket.settimeout(self._deadline.left(httpcore.ConnectTimeout))
            return TimedStream(ssl_context.wrap_socket(self._socket, server_hostname=server_hostname), self._deadline)
        except TimeoutError as error:
            self.close()
            raise httpcore.ConnectTimeout("no TLS handshake in time") from error
        except OSError as error:
            self.close()
            raise httpcore.ConnectError(str(error)) from error

    def close(self) -> None:
        self._socket.close()

    def get_extra_info(self, info: str) -> Any:
        """What httpcore asks before it uses an idle connection again: readable means that the other side has closed it."""
        if info == "is_readable":
            return self._socket.fileno() < 0 or _readable(self._socket)
        if info == "ssl_object":
            return self._socket if isinstance(self._socket, ssl.SSLSocket) else None
        return None


def _readable(connected: socket.socket) -> bool:
    poll = select.poll()
    poll.register(connected, select.POLLIN)
    return bool(poll.poll(0))
