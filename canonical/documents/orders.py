"""Order documents: what buyers ask for and what the hub answers (domain: message types 1 to 4)."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, ClassVar, Literal, Protocol

from pydantic import Field

from canonical.documents.base import Document, refuse
from canonical.invariants import order_problems
from canonical.references import Reference, told
from canonical.values import (
    Allowance,
    Amount,
    Charge,
    Code,
    Currency,
    Instant,
    ItemIds,
    LotRef,
    Party,
    Price,
    Qty,
    Quantity,
    QuantityOrZero,
    Tax,
    Value,
)

OrderKind = Literal[
    "stock", "direct_ship", "mark_for", "consignment_replenish", "trunk_stock_bill_only", "implant_bill_only",
    "sample", "tender_vbp", "return",
]  # fmt: skip
SalesChannel = Literal["direct", "dealer_portal", "ecommerce", "edi", "api", "tender"]


class PaymentTerms(Value):
    """When the buyer pays: `net_days` after `due_basis`, `deposit_pct` ahead."""

    code: str | None = None
    net_days: Annotated[int, Field(ge=0, le=3650)] | None = None
    deposit_pct: Amount | None = None
    due_basis: Literal["invoice", "ship", "month_end"] = "invoice"


class OrderLine(Value):
    """One ordered item. At least one of sku, gtin, mpn, buyer_item_id names it, `ids` holds further names by their scheme;
    prices are per `price_base_qty` of `qty.uom`. `parent_line_no` names the bundle this line is a part of."""

    line_no: Code
    sku: Code | None = None
    gtin: Code | None = None
    mpn: Code | None = None
    buyer_item_id: Code | None = None
    ids: dict[str, Code] = Field(default_factory=dict)
    udi_di: Code | None = None
    parent_line_no: Code | None = None
    description: str | None = None
    qty: Quantity
    unit_price: Price | None = None
    price_base_qty: Qty = Decimal(1)
    price_places: Annotated[int, Field(ge=0, le=6)] | None = None
    price_policy_ids: tuple[Code, ...] = ()
    allowances: tuple[Allowance, ...] = ()
    charges: tuple[Charge, ...] = ()
    tax: Tax | None = None
    line_amount: Amount | None = None
    requested_date: date | None = None
    requested_lots: tuple[LotRef, ...] = ()
    min_remaining_shelf_days: Annotated[int, Field(ge=0)] | None = None
    cold_chain: bool = False
    free_of_charge: bool = False
    patient_case_id: str | None = None
    ship_to: Party | None = None
    references: dict[str, str] = Field(default_factory=dict)

    @property
    def item(self) -> str:
        """The name stock is kept under: the most specific identifier the sender gave."""
        return self.sku or self.mpn or self.gtin or self.buyer_item_id or ""


class Totals(Value):
    """The sums as the sender states them; every one is checked against the lines (I1 to I4)."""

    lines: Amount
    allowances: Price = Decimal(0)
    charges: Price = Decimal(0)
    tax_exclusive: Amount
    tax: Amount
    tax_inclusive: Amount
    prepaid: Price = Decimal(0)
    rounding: Amount = Decimal(0)
    payable: Amount


class OrderPlaced(Document):
    """A buyer's order. `totals` is absent only where no line carries a price (the hub prices it).

    `revision` tells a later copy of the whole order from an earlier one; a larger number is newer. `changed_at`: when its sender
    made this copy what it is, where it says so.
    """

    message_type: ClassVar[str] = "order.placed"

    order_no: Code
    revision: Annotated[int, Field(ge=0)] = 0
    kind: OrderKind = "stock"
    channel: SalesChannel
    source_platform: str | None = None
    source_order_id: str | None = None
    referrer_party: str | None = None
    contract_no: str | None = None
    ordered_at: Instant | None = None
    changed_at: Instant | None = None
    sold_to: Party
    ship_to: Party
    bill_to: Party | None = None
    seller: Party | None = None
    payer: Party | None = None
    end_hospital: Party | None = None
    dealer_tier: Annotated[int, Field(ge=1, le=3)] | None = None
    currency: Currency
    price_date: date
    requested_delivery_date: date | None = None
    ship_window_start: date | None = None
    ship_window_end: date | None = None
    incoterm: str | None = None
    incoterm_place: str | None = None
    payment_terms: PaymentTerms | None = None
    payment_method: str | None = None
    priority: Annotated[int, Field(ge=1, le=5)] = 3
    allow_partial: bool = True
    remarks: str | None = None
    references: dict[str, str] = Field(default_factory=dict)
    lines: Annotated[tuple[OrderLine, ...], Field(min_length=1)]
    doc_allowances: tuple[Allowance, ...] = ()
    doc_charges: tuple[Charge, ...] = ()
    totals: Totals | None = None

    def occurred_at(self) -> datetime | None:
        return self.ordered_at

    def subject(self) -> str:
        return self.order_no

    def identity(self) -> str:
        return f"{self.order_no} r{self.revision}" if self.revision else self.order_no

    def known_as(self) -> tuple[Reference, ...]:
        items = [told("item", line.item, line.buyer_item_id) for line in self.lines if line.buyer_item_id]
        return (*told("order", self.order_no, self.source_order_id), *(one for item in items for one in item))

    def check(self) -> None:
        refuse(order_problems(self))


class LineOp(ItemIds):
    """One change to one line. Absent fields stay as they are; `qty` is the new whole quantity."""

    op: Literal["add", "update", "delete"]
    line_no: Code
    qty: Quantity | None = None
    unit_price: Price | None = None
    price_base_qty: Qty = Decimal(1)
    line_amount: Amount | None = None
    requested_date: date | None = None
    references: dict[str, str] = Field(default_factory=dict)


class HeaderChange(Value):
    """What changes for the order as a whole; absent fields stay as they are."""

    requested_delivery_date: date | None = None
    ship_to: Party | None = None
    bill_to: Party | None = None
    contract_no: str | None = None
    payment_terms: PaymentTerms | None = None
    remarks: str | None = None
    references: dict[str, str] = Field(default_factory=dict)


class OrderChanged(Document):
    """The buyer changes an order by differences. `revision` counts the changes of one order, `base_revision` is what it changes,
    the one before where it is absent. Not `counted`: the revision only grows, as a date or a number of interchanges does.

    A partner that sends the whole order again sends `order.placed` with a revision instead.
    """

    message_type: ClassVar[str] = "order.changed"

    order_no: Code
    revision: Annotated[int, Field(ge=0)]
    base_revision: Annotated[int, Field(ge=0)] | None = None
    counted: bool = True
    changed_at: Instant | None = None
    reason: str | None = None
    requested_by: str | None = None
    line_ops: tuple[LineOp, ...] = ()
    header: HeaderChange | None = None

    def occurred_at(self) -> datetime | None:
        return self.changed_at

    def subject(self) -> str:
        return self.order_no

    def identity(self) -> str:
        return f"{self.order_no} r{self.revision}"


class HasLineQty(Protocol):
    @property
    def line_no(self) -> str: ...
    @property
    def qty(self) -> Decimal: ...


class LineQty(Value):
    """So much of one order line."""

    line_no: Code
    qty: Qty


def named(lines: Iterable[HasLineQty]) -> str:
    """The lines and quantities as one word, to tell one message about an order from another."""
    return ",".join(f"{line.line_no}:{line.qty}" for line in lines)


class OrderCancelled(Document):
    """The buyer takes back what is still open: the named quantities, or everything when `lines` is empty."""

    message_type: ClassVar[str] = "order.cancelled"

    order_no: Code
    lines: tuple[LineQty, ...] = ()
    reason_code: Code
    requested_by: Code
    cancelled_at: Instant | None = None

    def occurred_at(self) -> datetime | None:
        return self.cancelled_at

    def subject(self) -> str:
        return self.order_no

    def identity(self) -> str:
        return f"{self.order_no} {named(self.lines) or 'all'} {self.reason_code}"


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


class OrderConfirmed(Document):
    """The hub takes the order on. `origin` is the endpoint it came through; a higher `revision` states the whole demand anew, and
    so does a higher `restated` of one revision. `changed`: it is another order than was placed, and may be worth something else."""

    message_type: ClassVar[str] = "order.confirmed"

    order_no: Code
    revision: int = 0
    restated: int = 0
    changed: bool = False
    origin: Code
    channel: SalesChannel
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


class OrderReduced(Document):
    """Open quantity was taken off the order, after a cancellation, a short close, or a raise of what was cancelled before; stock
    lets go of it.

    `seq` counts the reductions of one order.
    """

    message_type: ClassVar[str] = "order.reduced"

    order_no: Code
    origin: Code
    seq: int = 0
    reason_code: Code
    lines: tuple[LineQty, ...]

    def subject(self) -> str:
        return self.order_no

    def identity(self) -> str:
        return f"{self.order_no} {self.seq} {named(self.lines)}"


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
