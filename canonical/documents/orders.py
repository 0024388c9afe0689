"""What buyers order: the whole order as its buyer states it (domain: message type 1)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from canonical.documents.base import Document, refuse
from canonical.invariants import order_problems
from canonical.references import Reference, told
from canonical.values import Allowance, Amount, Charge, Code, Currency, Instant, LotRef, Party, Price, Qty, Quantity, Tax, Value

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
        named = [*told("order", self.order_no, self.source_order_id)]
        for line in self.lines:
            named += told("item", line.item, line.buyer_item_id)
        return tuple(named)

    def check(self) -> None:
        refuse(order_problems(self))
