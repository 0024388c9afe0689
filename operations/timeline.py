"""The journey of an order: every message about it in the order the hub had them, and what each led to."""

from typing import Any

import orjson
from pydantic import Field

from operations.failing import not_found
from operations.messages import deliveries_of
from operations.standing import summaries
from operations.views import DeliveryView, MessageSummary, View
from store import business, stories
from store.database import Database, Row, Transaction

MOST = 2000
BY_ORDER = (
    "order.placed", "order.changed", "order.held", "order.decided", "order.cancelled", "order.confirmed", "order.response",
    "order.reduced", "order.progressed", "review.requested", "shipment.requested", "shipment.withdrawn", "stock.reserved",
    "stock.backordered", "stock.released", "invoice.issued", "payment.allocated", "payment.deallocated", "payment.deposited",
    "payment.withdrawn", "invoice.reminded", "invoice.voided", "invoice.written_off", "return.requested",
    "return.received",
)  # fmt: skip
BY_SHIPMENT = ("shipment.dispatched", "delivery.confirmed")
BY_TRACKING = ("shipment.tracking", "delivery.confirmed")
BY_PAYMENT = ("payment.received", "payment.reversed", "payment.refunded", "payment.decided", "payment.deposited")
BY_INVOICE = ("invoice.decided",)
"""Which message types name which number as their subject."""


class Step(View):
    """One message of the journey."""

    message: MessageSummary
    told: str = Field(description="What it says, in a few words.", examples=["3 lines, 1230.50 EUR"])
    led_to: list[str] = Field(description="Ids of the messages handlers emitted because of it, in order.")
    deliveries: list[DeliveryView]


class Timeline(View):
    """The journey of an order, oldest message first. complete: false where only the first 2000 messages are told."""

    order_no: str
    complete: bool
    steps: list[Step]


def timeline(database: Database, order_no: str) -> Timeline:
    """Every message about the order, about its shipments, tracking numbers, invoices and payments, and what caused them.

    NotFound where no message is.
    """
    with database.reading() as tx:
        rows = _story(tx, order_no)
        if not rows:
            raise not_found(tx, "order", order_no)
        return Timeline(order_no=order_no, complete=len(rows) <= MOST, steps=_steps(tx, rows[:MOST]))


def _story(tx: Transaction, order_no: str) -> list[Row]:
    known = [(kind, order_no) for kind in BY_ORDER] + _subjects(tx, order_no)
    found = {row.message_id: row for row in stories.about(tx, known, MOST + 1)}
    linked = {row.causation_id for row in found.values() if row.causation_id}
    linked.update(stories.waiting_for(tx, [f"order:{order_no}"]))
    found |= {row.message_id: row for row in stories.with_body(tx, sorted(linked - found.keys()))}
    return sorted(found.values(), key=lambda row: (row.recorded_at, row.message_id))


def _subjects(tx: Transaction, order_no: str) -> list[tuple[str, str]]:
    """(type, subject) of the messages that name something of the order instead of the order."""
    row = business.order(tx, order_no)
    shipments = orjson.loads(row.facts).get("shipments", {}) if row else {}
    tracking_nos = [number for shipment in shipments.values() for number in shipment["tracking_nos"]]
    invoice_nos = [invoice.invoice_no for invoice in business.invoices_of_order(tx, order_no)]
    references = [order_no, *([row.source_order_id] if row and row.source_order_id else []), *invoice_nos]
    payment_refs = [payment.payment_ref for payment in business.payments_for(tx, references)]
    named = ((BY_SHIPMENT, shipments), (BY_TRACKING, tracking_nos), (BY_PAYMENT, payment_refs), (BY_INVOICE, invoice_nos))
    return [(kind, number) for kinds, numbers in named for kind in kinds for number in numbers]


def _steps(tx: Transaction, rows: list[Row]) -> list[Step]:
    ids = [row.message_id for row in rows]
    led_to: dict[str, list[str]] = {i: [] for i in ids}
    for row in rows:
        if row.causation_id in led_to:
            led_to[row.causation_id].append(row.message_id)
    deliveries: dict[str, list[DeliveryView]] = {i: [] for i in ids}
    for delivery in deliveries_of(tx, ids):
        deliveries[delivery.message_id].append(delivery)
    return [
        Step(
            message=summary,
            told=told(row.type, orjson.loads(row.body)),
            led_to=led_to[row.message_id],
            deliveries=deliveries[row.message_id],
        )
        for row, summary in zip(rows, summaries(tx, rows), strict=True)
    ]


def told(kind: str, body: dict[str, Any]) -> str:
    """What a canonical document says, in a few words: the fields people look for, as far as it has them."""
    words = [_path(body, path) for path in TOLD.get(kind, ())]
    lines = body.get("lines") or body.get("line_ops") or []
    counted = [f"{len(lines)} line{'s' if len(lines) > 1 else ''}"] if lines else []
    return ", ".join([*counted, *(word for word in words if word)])


TOLD: dict[str, tuple[str, ...]] = {
    "order.placed": ("totals.payable currency", "sold_to.name"),
    "order.cancelled": ("reason_code", "requested_by"),
    "order.changed": ("=revision revision", "requested_by", "reason"),
    "order.held": ("codes", "owners"),
    "review.requested": ("kind", "key"),
    "order.decided": ("verdict", "codes", "actor", "role", "reason"),
    "order.response": ("code", "reasons"),
    "order.reduced": ("reason_code",),
    "order.progressed": ("milestone", "shipment_no", "invoice_no", "reasons"),
    "shipment.requested": ("shipment_no", "warehouse"),
    "shipment.withdrawn": ("shipment_no", "warehouse", "status", "reason"),
    "shipment.dispatched": ("shipment_no", "carrier", "tracking_nos"),
    "shipment.tracking": ("tracking_no", "event_code", "location", "text"),
    "delivery.confirmed": ("shipment_no", "tracking_no", "receiver"),
    "stock.level": ("location", "mode", "reference"),
    "stock.reserved": ("location",),
    "stock.released": ("location",),
    "invoice.issued": ("invoice_no", "totals.gross currency", "due_on"),
    "payment.received": ("payment_ref", "amount.amount amount.currency"),
    "payment.allocated": ("payment_ref", "invoice_no", "amount.amount amount.currency"),
    "payment.deallocated": ("payment_ref", "invoice_no", "amount.amount amount.currency", "reason"),
    "payment.deposited": ("payment_ref", "amount.amount amount.currency"),
    "payment.withdrawn": ("payment_ref", "amount.amount amount.currency"),
    "payment.reversed": ("refund_ref", "amount.amount amount.currency", "reason"),
    "payment.refunded": ("refund_ref", "amount.amount amount.currency", "reason"),
    "payment.decided": ("verdict", "invoice_no", "actor", "reason"),
    "invoice.decided": ("invoice_no", "verdict", "actor", "reason"),
    "invoice.reminded": ("invoice_no", "collective_no", "open.amount open.currency"),
    "invoice.voided": ("invoice_no", "actor", "reason"),
    "invoice.written_off": ("invoice_no", "amount.amount amount.currency", "approved_by", "reason"),
    "return.requested": ("rma_no", "shipment_no", "reason"),
    "return.received": ("rma_no", "shipment_no", "reason"),
}
"""Paths into the document, several joined by a space; a list is told as its parts. What begins with = is told as it is."""


def _path(body: dict[str, Any], paths: str) -> str:
    found = []
    for path in paths.split():
        if path.startswith("="):
            found.append(path[1:])
            continue
        value: Any = body
        for name in path.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        found.append(" ".join(value) if isinstance(value, list) else str(value or ""))
    return " ".join(found) if all(found) else ""
