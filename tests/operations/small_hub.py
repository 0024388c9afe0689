"""A whole hub in one thread: real intake, rules, relay, handlers and deliveries on queues in memory; only partners are played."""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from canonical.documents.base import Document
from canonical.envelope import first_message
from canonical.failures import Malformed, Refused
from canonical.ids import new_id
from canonical.problems import Problem
from connectors.base import Accepted, Connector, Delivery, Endpoint, Identified, RawMessage, Sent
from handlers.invoice.handler import InvoiceHandler
from handlers.master.handler import MasterHandler
from handlers.order.handler import OrderHandler
from handlers.stock.handler import StockHandler
from mappings.translation import OWN_SPECS, Settings, Translations
from operations.access import Operations
from operations.desk import OrderDesk
from routing.consumer import ConsumerLoop
from routing.delivery import Deliverer
from routing.intake import Intake
from routing.keeping import Prepared
from routing.local import LocalChannels
from routing.relay import Relay
from routing.routes import Router
from routing.rules.decide import Rules
from store.archive import RawRecord
from store.database import Database
from tests.handlers.pump import ANYBODY

PARTITIONS = 4
TRANSLATIONS = Translations.load(OWN_SPECS)
ORDERS_CREATE = "orders/create"
RULES = Path(__file__).resolve().parents[2] / "config" / "rules.yaml"
ENDPOINTS = {
    endpoint.name: endpoint
    for endpoint in (
        Endpoint("shop-eu", "shop-eu", "shopify", on_invalid="quarantine"),
        Endpoint("shop-eu-events", "shop-eu", "webhook"),
        Endpoint("dealer-acme-out", "acme", "webhook"),
        Endpoint("warehouse-main-out", "warehouse", "webhook"),
        Endpoint("ledger-main", "finance", "webhook"),
    )
}


class Trouble:
    """A handler in front of another that fails on the subjects it is told to."""

    def __init__(self, handler: Any, failing: set[str]) -> None:
        self._handler = handler
        self._failing = failing

    def handle(self, batch: Any, tx: Any, now: datetime) -> Any:
        for message in batch:
            if message.subject in self._failing:
                raise RuntimeError(f"no luck with {message.subject}")
        return self._handler.handle(batch, tx, now)


@cache
def _rules(handlers: tuple[str, ...]) -> Rules:
    return Rules.load(RULES, channels={*handlers, *ENDPOINTS})


@dataclass
class SmallHub:
    """refusing: endpoints that say no. failing: subjects the order handler fails on. unreadable: the shop's topic is not known.
    sent: (endpoint, message type, payload) of every delivery a partner took."""

    database: Database
    refusing: set[str] = field(default_factory=set)
    failing: set[str] = field(default_factory=set)
    unreadable: bool = False
    sent: list[tuple[str, str, bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        handlers = {
            "order": Trouble(OrderHandler(ANYBODY), self.failing),
            "stock": StockHandler(),
            "invoice": InvoiceHandler(),
            "master": MasterHandler(),
        }
        rules = _rules(tuple(handlers))
        self.router = Router(rules, handlers=tuple(handlers), partitions=PARTITIONS)
        self.channels = LocalChannels(namespace=f"small-{uuid.uuid4().hex[:8]}", handlers=tuple(handlers))
        settings = {name: Settings(endpoint=name, partner=e.partner) for name, e in ENDPOINTS.items()}
        connectors = {
            "shopify": Connector("shopify", "ecommerce", authenticate=lambda raw, endpoint: None, identify=self._identify),
            "webhook": Connector("webhook", "events", send=self._send),
        }
        self.intake = Intake(self.database, connectors, ENDPOINTS, TRANSLATIONS, self.router, settings=settings)
        self._deliverer = Deliverer(self.database, connectors, ENDPOINTS, TRANSLATIONS, settings)
        self.relay = Relay(self.database, self.channels, partitions=PARTITIONS, dispatch=self)
        self.loops = {
            name: ConsumerLoop(
                name,
                handler.handle,
                database=self.database,
                channels=self.channels,
                router=self.router,
                partitions=range(PARTITIONS),
            )
            for name, handler in handlers.items()
        }
        self._moved = False
        self.channels.declare()
        self._consumers = {name: self.channels.consumer(name, range(PARTITIONS)) for name in handlers}
        queues = tuple((name, 0) for name in handlers)
        desk = OrderDesk(OrderHandler(ANYBODY))
        self.operations = Operations(self.intake, rules, self.channels, queues, order_desk=desk)

    def _identify(self, raw: RawMessage, endpoint: Endpoint) -> Identified:
        if self.unreadable:
            raise Malformed([Problem("E_DOCUMENT", "x-topic", "expected a known topic")])
        return Identified(ORDERS_CREATE, raw.headers.get("x-id"))

    def _send(self, delivery: Delivery, endpoint: Endpoint) -> Sent:
        if endpoint.name in self.refusing:
            raise Refused(f"{endpoint.name} says no")
        self.sent.append((endpoint.name, delivery.message.type, delivery.payload))
        return Sent("200", b"thanks", f"theirs-{len(self.sent)}")

    def deliver(self, delivery_ids: Sequence[str]) -> None:
        self._moved = True
        for delivery_id in delivery_ids:
            self._deliverer.deliver(delivery_id)

    def translate(self, raw_ids: Sequence[str]) -> None:
        for raw_id in raw_ids:
            self.intake.translate_kept(raw_id)

    def shop(self, order: dict[str, Any] | bytes, delivery_id: str | None = None) -> Accepted:
        """The shop sends an order."""
        body = order if isinstance(order, bytes) else orjson.dumps(order)
        headers = {"x-id": delivery_id} if delivery_id else {}
        return self.intake.accept(RawMessage("shop-eu", headers, body, datetime.now(UTC)))

    def keep(self, *documents: Document, source: str = "warehouse-main") -> list[str]:
        """Documents come in, each as a raw message of its own; the ids of their messages."""
        ids: list[str] = []
        for document in documents:
            body, raw_id, now = document.body(), new_id(), datetime.now(UTC)
            sha256 = hashlib.sha256(body).hexdigest()
            record = RawRecord(raw_id, source, sha256, document.message_type, sha256, {}, body, now, "accepted")
            message = first_message(document, source=source, raw_id=raw_id, now=now)
            (accepted,) = self.intake.commit([Prepared(record, self.router.routed([message]))])
            ids += accepted.message_ids
        return ids

    def run(self) -> None:
        """Relay, handle and deliver until nothing moves."""
        idle = 0
        while idle < 2:
            self._moved = False
            self.relay.send_due()
            busy = self.relay.step() or self._moved
            for name, consumer in self._consumers.items():
                if batch := consumer.receive(250, 0.0):
                    self.loops[name].settle(batch)
                    consumer.ack(batch[-1])
                    busy = True
            idle = 0 if busy else idle + 1

    def take(self, *documents: Document, source: str = "warehouse-main") -> list[str]:
        """Documents come in and everything that follows from them happens."""
        ids = self.keep(*documents, source=source)
        self.run()
        return ids

    def drop_queues(self) -> list[str]:
        """What is in the queues is lost: the ids of these messages. What is parked may be among them, when its time has come."""
        lost: list[str] = []
        self.relay.step()
        for consumer in self._consumers.values():
            if batch := consumer.receive(1000, 0.0):
                consumer.ack(batch[-1])
                lost += [received.message_id for received in batch]
        return lost


def shopify_order(number: str = "#1001", **changes: Any) -> dict[str, Any]:
    """An order as Shopify's webhook gives it: one line of two gloves at 10.00, tax 20% on top."""
    order = {
        "id": 450789469, "name": number, "created_at": "2026-11-20T09:00:00+01:00", "processed_at": "2026-11-20T09:00:00+01:00",
        "currency": "EUR", "total_price": "24.00", "subtotal_price": "20.00", "total_tax": "4.00", "total_discounts": "0.00",
        "total_line_items_price": "20.00", "taxes_included": False,
        "customer": {"id": 207119551, "email": "buyer@hospital.example", "first_name": "Ada", "last_name": "Li"},
        "line_items": [
            {"id": 1, "sku": "GLOVE-M", "title": "Gloves", "quantity": 2, "price": "10.00", "total_discount": "0.00",
             "tax_lines": [{"title": "VAT", "rate": 0.2, "price": "4.00"}]},
        ],
        "shipping_lines": [], "tax_lines": [{"title": "VAT", "rate": 0.2, "price": "4.00"}],
    }  # fmt: skip
    return order | changes
