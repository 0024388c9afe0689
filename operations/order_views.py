"""What is told about orders, shipments, stock and money. Quantities and amounts are exact decimals."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pydantic import Field

from operations.views import View


class OrderSummary(View):
    """An order in a list."""

    order_no: str
    origin: str = Field(description="The endpoint it came through.")
    source_order_id: str | None = Field(default=None, description="The number its channel knows it under.")
    display: str = Field(description="How far it is, in English.", examples=["Partly shipped"])
    display_zh: str = Field(description="How far it is, in Chinese.", examples=["部分发货"])
    state: str = Field(description="Decision state.", examples=["confirmed"])
    fulfilment: str = Field(examples=["part_shipped"])
    billing: str = Field(examples=["part"])
    payment: str = Field(examples=["unpaid"])
    buyer: str | None = None
    currency: str
    payable: Decimal | None = Field(
        default=None, description="What the order is worth after cancellations; absent without a price."
    )
    placed_at: datetime
    changed_at: datetime


class CrossReference(View):
    """One thing under our name and a partner's."""

    endpoint: str = Field(description="The connection through which the partner told its name.")
    kind: str = Field(description="order, item, shipment, invoice, payment or tracking.", examples=["order"])
    our_id: str
    their_id: str
    seen_in: str = Field(description="The message or the delivery that first told it.")
    seen_at: datetime


class OrderLineView(View):
    """One line with its figures: open = ordered - cancelled - shipped; of that `reserved` is set aside and `backordered` waits."""

    line_no: str
    item: str
    description: str | None = None
    uom: str
    unit_price: Decimal | None = None
    line_amount: Decimal | None = None
    ordered: Decimal
    cancelled: Decimal
    shipped: Decimal
    delivered: Decimal
    returned: Decimal
    invoiced: Decimal
    open: Decimal
    reserved: Decimal
    backordered: Decimal
    location: str | None = Field(default=None, description="Where its reservation lies.")


class TrackingEvent(View):
    """One piece of a carrier's news, or a receipt."""

    at: datetime
    tracking_no: str | None = None
    state: str = Field(description="Our word.", examples=["in_transit"])
    raw_code: str | None = Field(default=None, description="The carrier's own word.")
    text: str | None = None
    location: str | None = None
    receiver: str | None = None


class ShipmentView(View):
    """A shipment with its news, oldest first by when it happened. lines: {order_no: {line_no: quantity}}."""

    shipment_no: str
    state: str
    carrier: str | None = None
    warehouse: str | None = None
    tracking_nos: list[str]
    order_nos: list[str]
    lines: dict[str, dict[str, Decimal]]
    dispatched_at: datetime | None = None
    changed_at: datetime
    events: list[TrackingEvent]


class AllocationView(View):
    """Part of a payment that settles an invoice."""

    payment_ref: str
    amount: Decimal
    allocated_at: datetime


class InvoiceView(View):
    """An invoice; `document` is the canonical invoice.issued."""

    invoice_no: str
    order_no: str
    shipment_no: str
    kind: str
    state: str = Field(description="draft, issued, part_paid, paid, credited, written_off or void.")
    currency: str
    gross: Decimal
    allocated: Decimal
    credited: Decimal
    written_off: Decimal
    open: Decimal
    issued_on: date
    due_on: date
    allocations: list[AllocationView]
    document: dict[str, Any]


class PaymentView(View):
    """A payment that names the order or settles one of its invoices."""

    payment_ref: str
    state: str = Field(description="suspense, deposit, part_allocated, allocated or returned.")
    reason: str | None = Field(default=None, description="Why it is in suspense.")
    currency: str
    amount: Decimal
    allocated: Decimal
    value_date: date


class WaitsFor(View):
    """One thing the order waits for, and the role that has to decide about it."""

    code: str = Field(description="Code of the hold, or `approval`.", examples=["C_LICENCE"])
    role: str = Field(examples=["compliance"])


class OrderView(OrderSummary):
    """An order with everything that belongs to it; `document` is the order in force: as it was placed, with its changes, the
    products its lines mean, and our prices where it states none."""

    revision: int = Field(description="Of the buyer's newest change or copy.")
    customer_no: str | None = Field(default=None, description="Our customer, where it is matched to one.")
    holds: list[str] = Field(description="Codes of what holds it up.")
    waits_for: list[WaitsFor] = Field(description="Who has to decide about what; approvals in the order they are asked for.")
    lines: list[OrderLineView]
    shipments: list[ShipmentView]
    invoices: list[InvoiceView]
    payments: list[PaymentView]
    known_as: list[CrossReference] = Field(description="What partners call the order, its shipments and its invoices.")
    document: dict[str, Any]
