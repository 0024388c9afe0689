"""A partner's webhook receiver: checks Standard Webhooks signatures with the standard's own library, takes each id once.

python -m demo.receiver --port 9100 --secret whsec_...
"""

import argparse
import json
import threading
from dataclasses import dataclass, field

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from demo.serving import Answering, Served, Service

HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")


@dataclass(slots=True)
class Received:
    """An event and how often it came."""

    webhook_id: str
    body: bytes
    times: int = 1

    @property
    def content(self) -> object:
        return json.loads(self.body)


@dataclass
class Receiver(Service):
    """secret: `whsec_...`. fail_first: that many requests are answered 503, with nothing kept.

    received: what came, by webhook id, in order of arrival. refused: how many requests were not authentic.
    """

    path = "/hook"

    secret: str
    port: int = 0
    fail_first: int = 0
    received: dict[str, Received] = field(default_factory=dict)
    refused: int = 0
    _served: Served | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def handler(self) -> type[Answering]:
        return _handler_of(self)

    def take(self, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, object]]:
        """The answer to one request: status and JSON."""
        with self._lock:
            if self.fail_first > 0:
                self.fail_first -= 1
                return 503, {"error": "not now"}
            if not self._is_authentic(headers, body):
                self.refused += 1
                return 401, {"error": "not authentic"}
            return 200, self._kept(headers["webhook-id"], body)

    def _is_authentic(self, headers: dict[str, str], body: bytes) -> bool:
        try:
            Webhook(self.secret).verify(body, headers, json_parse=False)
        except (WebhookVerificationError, ValueError):
            return False
        return True

    def _kept(self, webhook_id: str, body: bytes) -> dict[str, object]:
        known = self.received.get(webhook_id)
        if known is None:
            self.received[webhook_id] = Received(webhook_id, body)
        else:
            known.times += 1
        return {"received": webhook_id, "repeated": known is not None}


def _handler_of(receiver: Receiver) -> type[Answering]:
    class Handler(Answering):
        def do_POST(self) -> None:  # noqa: N802
            body = self.request_body()
            if body is None:
                return
            headers = {name: self.headers[name] for name in HEADERS if name in self.headers}
            status, answer = receiver.take(headers, body)
            self.reply(status, json.dumps(answer).encode(), "application/json")

    return Handler


def main() -> None:
    """Serve until interrupted."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--port", type=int, default=9100)
    options.add_argument("--secret", required=True)
    given = options.parse_args()
    receiver = Receiver(given.secret, given.port)
    receiver.start()
    print(f"webhooks are received at {receiver.url}", flush=True)
    receiver.wait()


if __name__ == "__main__":
    main()
