"""Shipment documents: ask the warehouse, goods on their way, goods arrived (domain: message types 5 to 8)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from canonical.documents.base import Document
from canonical.values import Amount, Code, Instant, LotRef, Party, Qty, QtyOrZero, Value

TrackingState = Literal[
    "unknown", "picked_up", "in_transit", "customs", "transferred", "out_for_delivery", "attempted", "exception",
    "delivered", "refused", "returning", "returned", "lost",
]  # fmt: skip


class ShipmentLine(Value):
    """Goods of one order line in one shipment; `qty` in the line's unit."""

    order_no: Code
    line_no: Code
    item: Code
    qty: Qty
    outstanding_qty: QtyOrZero = Decimal(0)
    lots: tuple[LotRef, ...] = ()


class Package(Value):
    sscc: str | None = None
    weight_kg: QtyOrZero | None = None
    temp_logger_id: str | None = None


class ShipmentRequested(Document):
    """The hub asks a warehouse to ship what it reserved."""

    message_type: ClassVar[str] = "shipment.requested"

    shipment_no: Code
    order_no: Code
    origin: Code
    warehouse: Code
    requested_delivery_date: date | None = None
    ship_to: Party
    lines: Annotated[tuple[ShipmentLine, ...], Field(min_length=1)]

    def subject(self) -> str:
        return self.order_no

    def identity(self) -> str:
        return self.shipment_no


class ShipmentDispatched(Document):
    """A warehouse has sent goods. One shipment may carry lines of several orders."""

    message_type: ClassVar[str] = "shipment.dispatched"

    shipment_no: Code
    warehouse: Code
    carrier: Code
    tracking_nos: Annotated[tuple[Code, ...], Field(min_length=1)]
    dispatched_at: Instant
    eta: Instant | None = None
    incoterm: str | None = None
    packages: tuple[Package, ...] = ()
    lines: Annotated[tuple[ShipmentLine, ...], Field(min_length=1)]

    def occurred_at(self) -> datetime | None:
        return self.dispatched_at

    def subject(self) -> str:
        return self.shipment_no

    def partition_key(self) -> str:
        return self.lines[0].order_no


class ShipmentTracking(Document):
    """One piece of news from a carrier. `event_code` is ours, `raw_code` the carrier's own word."""

    message_type: ClassVar[str] = "shipment.tracking"

    carrier: Code
    tracking_no: Code
    event_code: TrackingState
    raw_code: Code
    event_at: Instant
    seq: int | None = None
    text: str | None = None
    location: str | None = None
    receiver: str | None = None
    temperature_c: Amount | None = None

    def occurred_at(self) -> datetime | None:
        return self.event_at

    def subject(self) -> str:
        return self.tracking_no

    def identity(self) -> str:
        return f"{self.carrier} {self.tracking_no} {self.raw_code} {self.event_at.isoformat()} {self.text or ''}"


class DeliveredLine(Value):
    order_no: Code
    line_no: Code
    qty_ok: QtyOrZero
    qty_damaged: QtyOrZero = Decimal(0)
    qty_short: QtyOrZero = Decimal(0)


class DeliveryConfirmed(Document):
    """The receiver has the goods. Without lines, all of the shipment arrived whole."""

    message_type: ClassVar[str] = "delivery.confirmed"

    shipment_no: Code | None = None
    tracking_no: Code | None = None
    delivered_at: Instant
    receiver: Code
    lines: tuple[DeliveredLine, ...] = ()
    temp_excursion: bool = False

    def occurred_at(self) -> datetime | None:
        return self.delivered_at

    def subject(self) -> str:
        return self.shipment_no or self.tracking_no or ""
