"""Return documents: goods that shall come back, goods that came back (domain: message type 14)."""

from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import Field

from canonical.documents.base import Document
from canonical.documents.orders import named
from canonical.values import Amount, Code, Instant, ItemIds, LotRef, Money, Party, Qty


class ReturnLine(ItemIds):
    """Goods of one order line on their way back. `amount` is what the buyer gets back for them, positive."""

    line_no: Code
    item: Code
    qty: Qty
    uom: Code | None = None
    lots: tuple[LotRef, ...] = ()
    reason: str | None = None
    condition: str | None = None
    disposition: str | None = None
    amount: Amount | None = None


class Return(Document):
    """What both ends of a return have in common; `rma_no` names the return, `refund` is its money as a whole where stated,
    `warehouse` where the goods come back to."""

    rma_no: Code
    order_no: Code | None = None
    shipment_no: Code | None = None
    warehouse: Code | None = None
    returned_by: Party | None = None
    reason: str | None = None
    returned_at: Instant | None = None
    refund: Money | None = None
    references: dict[str, str] = Field(default_factory=dict)
    lines: Annotated[tuple[ReturnLine, ...], Field(min_length=1)]

    def occurred_at(self) -> datetime | None:
        return self.returned_at

    def subject(self) -> str:
        return self.order_no or self.rma_no

    def identity(self) -> str:
        return f"{self.rma_no} {named(self.lines)}"


class ReturnRequested(Return):
    """The buyer wants to send goods back."""

    message_type: ClassVar[str] = "return.requested"


class ReturnReceived(Return):
    """Goods that were sent back have arrived."""

    message_type: ClassVar[str] = "return.received"
