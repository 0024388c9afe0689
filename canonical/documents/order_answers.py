"""What the hub says of an order: taken on, answered line by line, and how far it is (domain: message type 4)."""

from datetime import date, datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from canonical.documents.base import Document
from canonical.documents.orders import OrderKind, SalesChannel
from canonical.references import Reference, told
from canonical.values import Code, Currency, Instant, ItemIds, LotRef, Party, Price, Qty, Quantity, QuantityOrZero, Value


class ConfirmedLine(Value):
    """One line to be served. `qty` in the unit of the order, `base_qty` in the product's base unit where a product is known (stock
    counts those); the rest is what the buyer wants of the goods."""

    line_no: Code
    item: Code
    qty: Quantity
    base_qty: Qty | None = None
    base_uom: Code | None = None
    requested_date: date | None = None
    requested_lots: tuple[LotRef, ...] = ()
    min_remaining_shelf_days: Annotated[int, Field(ge=0)] | None = None
    cold_chain: bool = False
    ship_to: Party | None = None


class Demand(Document):
    """What an order wants of stock. `origin` is the endpoint it came through; a higher `revision` states the whole demand anew."""

    order_no: Code
    origin: Code
    channel: SalesChannel
    revision: int = 0
    kind: OrderKind = "stock"
    customer_no: Code | None = None
    credit_grade: str | None = None
    priority: int = 3
    allow_partial: bool = True
    requested_delivery_date: date | None = None
    ship_to: Party
    lines: tuple[ConfirmedLine, ...]

    def subject(self) -> str:
        return self.order_no


class OrderConfirmed(Demand):
    """The hub takes the order on. A higher `restated` of one revision states the whole demand anew. `changed`: it is another order
    than was placed, and may be worth something else."""

    message_type: ClassVar[str] = "order.confirmed"

    restated: int = 0
    changed: bool = False

    def identity(self) -> str:
        counted = [f"{mark}{number}" for mark, number in (("r", self.revision), ("s", self.restated)) if number]
        return " ".join((self.order_no, *counted))


class ResponseLine(ItemIds):
    """The answer to one line: what is promised of it and why not all. `raw_code` is the partner's own word; without `qty` the
    partner only says yes or no to what was ordered."""

    line_no: Code
    code: Literal["accepted", "changed", "backordered", "substituted", "rejected"]
    raw_code: str | None = None
    qty: QuantityOrZero | None = None
    item: str | None = None
    unit_price: Price | None = None
    promised_date: date | None = None
    reason: str | None = None


class OrderResponse(Document):
    """The answer to an order: AP accepted, CA accepted with changes, RE refused (UBL order response codes); a supplier may also say
    AB, it has the order and will answer. Without lines the code counts for all of them. `seq` counts the hub's further answers
    to one revision: to a cancellation, after a hold.

    The hub answers a buyer with `origin` and `channel`, the endpoint and kind of channel the order came through;
    a supplier who answers the hub is the `supplier`.
    """

    message_type: ClassVar[str] = "order.response"

    order_no: Code
    origin: Code | None = None
    channel: SalesChannel | None = None
    supplier: Party | None = None
    supplier_order_no: str | None = None
    responded_at: Instant | None = None
    code: Literal["AP", "CA", "RE", "AB"]
    revision: int = 0
    seq: int = 0
    price_date: date | None = None
    sold_to: Party | None = None
    currency: Currency | None = None
    reasons: tuple[str, ...] = ()
    references: dict[str, str] = Field(default_factory=dict)
    lines: tuple[ResponseLine, ...] = ()

    def occurred_at(self) -> datetime | None:
        return self.responded_at

    def subject(self) -> str:
        return self.order_no

    def identity(self) -> str:
        if self.supplier is None:
            return f"{self.order_no} {self.revision} a{self.seq}" if self.seq else f"{self.order_no} {self.revision}"
        said = self.responded_at.isoformat() if self.responded_at else ""
        return f"{self.supplier.party_id} {self.order_no} {self.supplier_order_no or ''} {self.revision} {said}".rstrip()

    def known_as(self) -> tuple[Reference, ...]:
        return told("order", self.order_no, self.supplier_order_no)


Milestone = Literal[
    "confirmed", "rejected", "cancelled", "reduced", "part_shipped", "shipped", "in_transit", "delivered",
    "invoiced", "part_paid", "paid", "closed", "exception", "returned",
]  # fmt: skip


class OrderProgressed(Document):
    """An order reached a milestone; told to the channel it came from. `seq` counts what can happen again (reduced)."""

    message_type: ClassVar[str] = "order.progressed"

    order_no: Code
    origin: Code
    channel: SalesChannel
    source_order_id: str | None = None
    milestone: Milestone
    state: Code
    fulfilment: Code
    billing: Code
    payment: Code
    shipment_no: str | None = None
    tracking_nos: tuple[str, ...] = ()
    invoice_no: str | None = None
    seq: int = 0
    reasons: tuple[str, ...] = ()

    def subject(self) -> str:
        return self.order_no

    def identity(self) -> str:
        about = self.shipment_no or self.invoice_no or (str(self.seq) if self.seq else "")
        return f"{self.order_no} {self.milestone} {about}".rstrip()
