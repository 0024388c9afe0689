"""What changes of an order: by differences, by cancelling, and what was taken off it (domain: message types 2 and 3)."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, ClassVar, Literal, Protocol

from pydantic import Field

from canonical.documents.base import Document, refuse
from canonical.documents.orders import PaymentTerms
from canonical.invariants import change_problems
from canonical.values import Amount, Code, Counted, Instant, ItemIds, Party, Price, Qty, Quantity, Value


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

    def check(self) -> None:
        refuse(list(change_problems(self)))


class HasLineQty(Protocol):
    @property
    def line_no(self) -> str: ...
    @property
    def qty(self) -> Decimal: ...


class LineQty(Value):
    """So much of one order line."""

    line_no: Code
    qty: Counted


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
