"""Return documents: goods that shall come back, goods that came back (domain: message type 14)."""

from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import Field

from canonical.documents.base import Document
from canonical.documents.order_changes import named
from canonical.values import Amount, Code, Counted, Instant, ItemIds, LotRef, Money, Party

NOT_CREDITED = frozenset({
    "rejected", "refused", "return_to_buyer", "return_to_customer", "repair", "repaired", "replace", "replaced", "replacement",
    "exchange", "exchanged",
})  # fmt: skip
"""Dispositions of goods that the buyer gets back, or others in their stead: no money goes back for them."""


class ReturnLine(ItemIds):
    """Goods of one order line on their way back. `amount` is what the buyer gets back for them with tax, positive; 0: nothing."""

    line_no: Code
    item: Code
    qty: Counted
    uom: Code | None = None
    lots: tuple[LotRef, ...] = ()
    reason: str | None = None
    condition: str | None = None
    disposition: str | None = None
    amount: Amount | None = None

    @property
    def credited(self) -> bool:
        """Whether the buyer gets money for them."""
        return self.amount != 0 and (self.disposition or "").lower() not in NOT_CREDITED


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

    @property
    def credited_lines(self) -> tuple[ReturnLine, ...]:
        """The lines the buyer gets money for."""
        nothing = self.refund is not None and self.refund.amount == 0
        return () if nothing else tuple(line for line in self.lines if line.credited)

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
