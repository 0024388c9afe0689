"""An HTTP server in a thread, for the partners that the demo and the tests talk to."""

import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

LONGEST_REQUEST = 4 * 1024 * 1024


class Answering(BaseHTTPRequestHandler):
    """A request handler that keeps connections open, is quiet, and refuses bodies without a length or of more than 4 MiB."""

    protocol_version = "HTTP/1.1"
    timeout = 30
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing; what came is kept by the service."""

    def request_body(self) -> bytes | None:
        """The body; None, with the refusal already sent, where there is none to be had."""
        length = self.headers.get("content-length", "")
        if not length.isdigit() or int(length) > LONGEST_REQUEST:
            self.close_connection = True
            self.reply(413 if length.isdigit() else 411, b"", "text/plain")
            return None
        body = self.rfile.read(int(length))
        if len(body) < int(length):  # the sender died in the middle: nothing to judge, and nobody to answer
            self.close_connection = True
            return None
        return body

    def reply(self, status: int, body: bytes, media_type: str, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"content-type": media_type, "content-length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller who went away is nothing to print a traceback for."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Served:
    """A service on 127.0.0.1, on a free port where none is named. Use start() and stop(), or `with`."""

    def __init__(self, handler: type[Answering], port: int = 0) -> None:
        self._server = _Server(("127.0.0.1", port), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> "Served":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def wait(self) -> None:
        """Until the service is stopped or a person interrupts it."""
        try:
            self._thread.join()
        except KeyboardInterrupt:
            self.stop()


class Service:
    """Something with a port that is served while it is started. A subclass says what answers, and below which path."""

    path = ""
    port: int
    _served: Served | None

    def handler(self) -> type[Answering]:
        raise TypeError(f"{type(self).__name__} answers nothing")

    @property
    def url(self) -> str:
        return f"{self.served.url}{self.path}"

    @property
    def served(self) -> Served:
        assert self._served is not None, "not started"
        return self._served

    def start(self) -> None:
        self._served = Served(self.handler(), self.port)
        self._served.start()

    def stop(self) -> None:
        self.served.stop()

    def wait(self) -> None:
        self.served.wait()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
