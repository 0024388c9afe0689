"""A door in front of a server that can be made to spoil what passes, as where a password was changed."""

import contextlib
import socket
import threading
from collections.abc import Callable
from urllib.parse import SplitResult, urlsplit

Spoil = Callable[[bytes], bytes]


def unspoilt(data: bytes) -> bytes:
    return data


class Gate:
    """Relays connections to a server. up, down: what is done to the bytes of clients and of the server."""

    def __init__(self, url: str) -> None:
        self._server: SplitResult = urlsplit(url)
        self._door = socket.create_server(("127.0.0.1", 0))
        self._port = self._door.getsockname()[1]
        self._open: list[socket.socket] = []
        self.up: Spoil = unspoilt
        self.down: Spoil = unspoilt
        threading.Thread(target=self._admit, daemon=True).start()

    @property
    def url(self) -> str:
        user = f"{self._server.username}:{self._server.password}"
        return self._server._replace(netloc=f"{user}@127.0.0.1:{self._port}").geturl()

    @property
    def password(self) -> bytes:
        return (self._server.password or "").encode()

    def cut(self) -> None:
        """End every connection there is."""
        for one in self._open:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)  # who waits at it holds it open
        self._door.close()
        self.cut()

    def _admit(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._door.accept()
                server = socket.create_connection((self._server.hostname, self._server.port or 0))
                self._open += [client, server]
                for here, there, way in ((client, server, "up"), (server, client, "down")):
                    threading.Thread(target=self._carry, args=(here, there, way), daemon=True).start()

    def _carry(self, here: socket.socket, there: socket.socket, way: str) -> None:
        with contextlib.suppress(OSError):
            while data := here.recv(65536):
                there.sendall((self.up if way == "up" else self.down)(data))
        for one in (here, there):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
