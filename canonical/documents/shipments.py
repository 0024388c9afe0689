"""Shipment documents: ask the warehouse, goods on their way, goods arrived (domain: message types 5 to 8)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from canonical.amounts import ZERO
from canonical.documents.base import Document
from canonical.references import Reference, told
from canonical.values import Amount, Code, Counted, Instant, ItemIds, LotRef, Party, Qty, QtyOrZero, Value

TrackingState = Literal[
    "unknown", "picked_up", "in_transit", "customs", "transferred", "out_for_delivery", "attempted", "exception",
    "delivered", "refused", "returning", "returned", "lost",
]  # fmt: skip


class ShipmentLine(ItemIds):
    """Goods of one order line in one shipment; `qty` in the line's unit. `package_sscc` tells which package they are in."""

    order_no: Code
    line_no: Code
    item: Code
    qty: Counted
    uom: Code | None = None
    outstanding_qty: QtyOrZero = ZERO
    lots: tuple[LotRef, ...] = ()
    package_sscc: str | None = None
    references: dict[str, str] = Field(default_factory=dict)


class Package(Value):
    """One package, pallet or carton. `sscc` has 18 digits; `parent_sscc` is the package it stands on or in; dimensions are
    length, width, height in centimetres; `kind` is UN/ECE Recommendation 21 or the partner's word."""

    sscc: str | None = None
    parent_sscc: str | None = None
    kind: str | None = None
    tracking_no: str | None = None
    weight_kg: QtyOrZero | None = None
    dims_cm: tuple[QtyOrZero, ...] = ()
    temp_logger_id: str | None = None


class ShipmentRequested(Document):
    """The hub asks a warehouse to ship what it reserved. `cold_chain`: with a temperature logger only; `service` of the carrier."""

    message_type: ClassVar[str] = "shipment.requested"

    shipment_no: Code
    order_no: Code
    origin: Code
    warehouse: Code
    requested_delivery_date: date | None = None
    ship_to: Party
    cold_chain: bool = False
    service: Code | None = None
    lines: Annotated[tuple[ShipmentLine, ...], Field(min_length=1)]

    def subject(self) -> str:
        return self.order_no

    def identity(self) -> str:
        return self.shipment_no


class WithdrawnLine(ItemIds):
    """So much less of an order line shall be shipped; `left` is what is still asked for of it; `lots` where stock knows
    which."""

    order_no: Code
    line_no: Code
    item: Code
    qty: Qty
    left: QtyOrZero
    lots: tuple[LotRef, ...] = ()


class ShipmentWithdrawn(Document):
    """What a warehouse was asked to ship shall not leave: goods that are recalled, too old by now, cancelled, or ordered no more.

    `status`: `cancel` where nothing of the shipment is left, else `change` (X12 940 W0501: F, R). `seq` counts these messages of
    one order. What has left already is not taken back by it.
    """

    message_type: ClassVar[str] = "shipment.withdrawn"

    shipment_no: Code
    order_no: Code
    origin: Code
    warehouse: Code
    seq: Annotated[int, Field(ge=1)]
    status: Literal["cancel", "change"]
    reason: Literal["recalled", "too_old", "cancelled", "changed"]
    lines: Annotated[tuple[WithdrawnLine, ...], Field(min_length=1)]

    def subject(self) -> str:
        return self.order_no

    def identity(self) -> str:
        return f"{self.order_no} {self.seq}"


class ShipmentDispatched(Document):
    """Goods have been sent. One shipment may carry lines of several orders.

    From one of our warehouses, or from a `supplier` to us (a despatch advice); then the orders are ours to the supplier.
    `consumed`: nothing travelled, our goods were used where they lay with the buyer.
    """

    message_type: ClassVar[str] = "shipment.dispatched"

    shipment_no: Code
    consumed: bool = False
    supplier: Party | None = None
    warehouse: Code
    carrier: Code | None = None
    tracking_nos: tuple[Code, ...] = ()
    dispatched_at: Instant
    eta: Instant | None = None
    incoterm: str | None = None
    delivery_note_no: str | None = None
    ship_from: Party | None = None
    ship_to: Party | None = None
    references: dict[str, str] = Field(default_factory=dict)
    packages: tuple[Package, ...] = ()
    lines: Annotated[tuple[ShipmentLine, ...], Field(min_length=1)]

    def occurred_at(self) -> datetime | None:
        return self.dispatched_at

    def subject(self) -> str:
        return self.shipment_no

    def partition_key(self) -> str:
        return self.lines[0].order_no

    def identity(self) -> str:
        return self.shipment_no if self.supplier is None else f"{self.supplier.party_id} {self.shipment_no}"

    def known_as(self) -> tuple[Reference, ...]:
        return told("shipment", self.shipment_no, self.references.get("fulfillment_id"))


class ShipmentTracking(Document):
    """One piece of news from a carrier. `event_code` is ours, `raw_code` the carrier's own word. `order_no` and `shipment_no` are
    references the carrier was given; `zone_assumed`: its time had no zone and was read in the endpoint's; `region` as
    for parties, where the carrier codes it."""

    message_type: ClassVar[str] = "shipment.tracking"
    addenda: ClassVar[frozenset[str]] = frozenset({
        "receiver", "service", "order_no", "shipment_no", "eta", "proof_url", "references", "location", "region",
    })  # fmt: skip

    carrier: Code
    tracking_no: Code
    event_code: TrackingState
    raw_code: Code
    event_at: Instant
    zone_assumed: bool = False
    seq: int | None = None
    text: str | None = None
    location: str | None = None
    region: str | None = None
    receiver: str | None = None
    temperature_c: Amount | None = None
    service: str | None = None
    order_no: Code | None = None
    shipment_no: Code | None = None
    eta: Instant | None = None
    proof_url: str | None = None
    references: dict[str, str] = Field(default_factory=dict)

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
    lots: tuple[LotRef, ...] = ()


class DeliveryConfirmed(Document):
    """The receiver has the goods. Without lines, all of the shipment arrived whole."""

    message_type: ClassVar[str] = "delivery.confirmed"
    addenda: ClassVar[frozenset[str]] = frozenset({"proof_url"})

    shipment_no: Code | None = None
    tracking_no: Code | None = None
    delivered_at: Instant
    receiver: Code
    lines: tuple[DeliveredLine, ...] = ()
    temp_excursion: bool = False
    proof_url: str | None = None

    def occurred_at(self) -> datetime | None:
        return self.delivered_at

    def subject(self) -> str:
        return self.shipment_no or self.tracking_no or ""

    def identity(self) -> str:
        """By shipment, one receipt; by tracking number also its instant, for a carrier may correct itself."""
        return self.shipment_no or f"{self.tracking_no} {self.delivered_at.isoformat()}"
