"""A shop's open platform on 127.0.0.1: it checks how a call is signed, by its own reading of the rules, and ships an order once."""

import hashlib
import hmac
import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

Params = dict[str, str]
WRONG = {"error_response": {"code": 25, "msg": "Invalid signature", "error_code": 20004, "error_msg": "签名错误"}}


def form(body: bytes) -> Params:
    return dict(parse_qsl(body.decode(), keep_blank_values=True))


def rightly_signed(params: Params, secret: str) -> bool:
    """Sorted by name, name and value run together, the secret around them or as the key."""
    text = ""
    for name in sorted(params):
        if name != "sign":
            text += name + params[name]
    if params.get("sign_method") == "hmac":
        made = hmac.new(secret.encode(), text.encode(), "md5").hexdigest()
    elif params.get("sign_method") == "hmac-sha256":
        made = hmac.new(secret.encode(), text.encode(), "sha256").hexdigest()
    else:
        made = hashlib.md5((secret + text + secret).encode()).hexdigest()
    return params["sign"] == made.upper()


class OpenPlatform:
    """order_of: the order a call names. good: its answer when it ships. refusal: how it says that an order was shipped before."""

    def __init__(
        self, secret: str, read: Callable[[bytes], Params], order_of: Callable[[Params], str], good: Any, refusal: Any
    ) -> None:
        self.calls: list[Params] = []
        self.refused = 0
        self._shipped: set[str] = set()
        platform = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                params = read(self.rfile.read(int(self.headers["content-length"])))
                body = json.dumps(platform.answer(params, rightly_signed(params, secret), order_of, good, refusal)).encode()
                self.send_response(200)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def answer(self, params: Params, signed: bool, order_of: Callable[[Params], str], good: Any, refusal: Any) -> Any:
        if not signed:
            self.refused += 1
            return WRONG
        order = order_of(params)
        if order in self._shipped:
            return refusal
        self._shipped.add(order)
        self.calls.append(params)
        return good

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/router"

    def __enter__(self) -> "OpenPlatform":
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
