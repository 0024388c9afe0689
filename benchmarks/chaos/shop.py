"""The partners' side: a shop that sends orders, a warehouse that reports dispatches and payments; none ever gives up.

Like real platforms they send a webhook again, with the same id, until it is answered 2xx. Every `SHIPS_EVERY`-th order is
shipped in three dispatches, each sent once the one before was answered, so that their order is known, and then paid at once,
mostly before it is billed. Last comes a record of master data.
"""

import heapq
import http.client
import json
import queue
import random
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from benchmarks import orders
from benchmarks.hub import LOCATION, SECRET, order_no
from connectors.standard_webhooks import signed_headers

WAREHOUSE_SECRET = "whsec_Y2hhb3Mtd2FyZWhvdXNlLXNlY3JldC0wMDAwMDE="
SHIPS_EVERY = 10
SENDERS = 16
AGAIN_AFTER_S = (0.1, 0.4)
ANSWER_WITHIN_S = 60.0

PAYMENT = orders.LINES + 1
RECORD = PAYMENT + 1


@dataclass(frozen=True, slots=True)
class Webhook:
    """One thing to be said: order `number` itself (step 0), its dispatch of line `step`, its payment (step PAYMENT), or the master
    data of a place that is named after it (step RECORD)."""

    number: int
    step: int

    @property
    def reference(self) -> str:
        """The shipment number of a dispatch, the reference of a payment, the name of a place."""
        return f"{order_no(self.number)}-P{self.step}"


@dataclass(slots=True)
class Told:
    """What was answered 2xx, when it had been sent and was answered (seconds since 1970), and what came instead before."""

    accepted: dict[Webhook, tuple[float, float]] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)

    @property
    def orders(self) -> list[int]:
        return [webhook.number for webhook in self.accepted if webhook.step == 0]

    @property
    def dispatches(self) -> list[Webhook]:
        return [webhook for webhook in self.accepted if 0 < webhook.step < PAYMENT]

    @property
    def payments(self) -> list[Webhook]:
        return [webhook for webhook in self.accepted if webhook.step == PAYMENT]

    @property
    def records(self) -> list[Webhook]:
        return [webhook for webhook in self.accepted if webhook.step == RECORD]


class Partners:
    """Sends `rate` orders per second from order `first` on, between `start` and `finish`."""

    def __init__(self, port: int, rate: float, *, first: int = 100_001, ships_every: int = SHIPS_EVERY) -> None:
        self.told = Told()
        self.port = port
        self._rate, self._next, self._ships_every = rate, first, ships_every
        self._due: queue.Queue[Webhook | None] = queue.Queue()
        self._later: list[tuple[float, int, int]] = []
        self._lock = threading.Lock()
        self._open = 0
        self._pacing = threading.Event()
        self._threads = [threading.Thread(target=self._send_all, daemon=True) for _ in range(SENDERS)]
        self._pacer = threading.Thread(target=self._pace, daemon=True)

    def start(self) -> None:
        for thread in (*self._threads, self._pacer):
            thread.start()

    def finish(self) -> Told:
        """No more orders; returns when all that was begun has been accepted."""
        self._pacing.set()
        self._pacer.join()
        for _ in self._threads:
            self._due.put(None)
        for thread in self._threads:
            thread.join()
        return self.told

    def accepted_since(self, instant: float) -> float | None:
        """When the first webhook sent after an instant was accepted."""
        with self._lock:
            answered = [done for sent, done in list(self.told.accepted.values())[-2000:] if sent > instant]
        return min(answered, default=None)

    def _pace(self) -> None:
        begin, made = time.monotonic(), 0
        while True:
            now = time.monotonic()
            with self._lock:
                while self._later and self._later[0][0] <= now:
                    _, number, step = heapq.heappop(self._later)
                    self._due.put(Webhook(number, step))
                if self._pacing.is_set() and not self._open:
                    return
                while not self._pacing.is_set() and made < (now - begin) * self._rate:
                    made, self._open = made + 1, self._open + 1
                    self._due.put(Webhook(self._next, 0))
                    self._next += 1
            time.sleep(0.005)

    def _send_all(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_WITHIN_S)
        while (webhook := self._due.get()) is not None:
            self._send(connection, webhook)
            self._go_on(webhook)

    def _send(self, connection: http.client.HTTPConnection, webhook: Webhook) -> None:
        path, body = request_of(webhook)
        while True:
            sent = time.time()
            outcome = _outcome(connection, path, body, headers_of(webhook, body))
            with self._lock:
                if outcome == "accepted":
                    self.told.accepted[webhook] = (sent, time.time())
                    return
                self.told.refused[outcome] += 1
            time.sleep(random.uniform(*AGAIN_AFTER_S))

    def _go_on(self, webhook: Webhook) -> None:
        with self._lock:
            if webhook.number % self._ships_every == 0 and webhook.step < RECORD:
                wait = random.uniform(0.5, 2.0) if webhook.step == 0 else 0.0
                heapq.heappush(self._later, (time.monotonic() + wait, webhook.number, webhook.step + 1))
            else:
                self._open -= 1


def _outcome(connection: http.client.HTTPConnection, path: str, body: bytes, headers: Mapping[str, str]) -> str:
    """`accepted`, or what happened instead. A connection that broke is opened again by the next request."""
    try:
        connection.request("POST", path, body, dict(headers))
        answer = connection.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException) as error:
        connection.close()
        return type(error).__name__
    return "accepted" if 200 <= answer.status < 300 else f"HTTP {answer.status}"


def request_of(webhook: Webhook) -> tuple[str, bytes]:
    """Path and body; the same for every attempt."""
    if webhook.step == 0:
        return "/in/shop-bench", orders.webhook(webhook.number)
    path, kind, data = {
        PAYMENT: ("/in/warehouse", "payment.received", payment),
        RECORD: ("/in/masters", "warehouse.master", record),
    }.get(webhook.step, ("/in/warehouse", "shipment.dispatched", dispatch))
    return path, json.dumps({"type": kind, "data": data(webhook)}).encode()


def headers_of(webhook: Webhook, body: bytes) -> dict[str, str]:
    """Headers with the webhook's own id; a new signature for every attempt where it holds the time."""
    if webhook.step == 0:
        return orders.headers(webhook.number, body, SECRET)
    signed = signed_headers(webhook.reference, body, (WAREHOUSE_SECRET.encode(),), datetime.now(UTC))
    return {"Content-Type": "application/json", **signed}


def dispatch(webhook: Webhook) -> dict[str, object]:
    """The dispatch of one line of an order."""
    line = orders.lines_of(webhook.number)[webhook.step - 1]
    goods = {
        "order_no": order_no(webhook.number),
        "line_no": str(orders.shopify_order(webhook.number)["line_items"][webhook.step - 1]["id"]),
        "item": line.sku,
        "qty": str(line.quantity),
    }
    return {
        "shipment_no": webhook.reference,
        "warehouse": LOCATION,
        "carrier": "DHLExpress",
        "tracking_nos": [f"T{webhook.reference}"],
        "dispatched_at": "2026-11-23T09:00:00Z",
        "lines": [goods],
    }


def payment(webhook: Webhook) -> dict[str, object]:
    """The payment of a whole order."""
    order = orders.shopify_order(webhook.number)
    return {
        "payment_ref": webhook.reference,
        "value_date": "2026-11-23",
        "amount": {"amount": order["total_price"], "currency": order["currency"]},
        "refs": [order_no(webhook.number)],
    }


def record(webhook: Webhook) -> dict[str, object]:
    """A place that nothing lies at."""
    return {"as_of": "2026-11-01T00:00:00Z", "location": webhook.reference, "name": f"Place {webhook.number}"}
