"""Stock documents: what lies where, what is set aside for whom (domain: message type 9)."""

from datetime import date, datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from canonical.documents.base import Document
from canonical.documents.order_changes import named
from canonical.documents.orders import SalesChannel
from canonical.values import IN_MILLIONTHS, Amount, Code, Instant, ItemIds, LotRef, Party, Qty, QtyOrZero, Value


class StockItem(ItemIds):
    """The stock of one item at one location, of one lot where the location tells lots apart. For a snapshot `on_hand` is the
    level, for a delta the change; `reserved` and `in_transit` are what the location says of itself."""

    item: Code
    on_hand: Annotated[Amount, IN_MILLIONTHS]
    uom: Code | None = None
    lot: str | None = None
    serial: str | None = None
    expiry: date | None = None
    mfg_date: date | None = None
    status: Literal["released", "quarantine", "blocked", "expired"] = "released"
    reserved: QtyOrZero | None = None
    in_transit: QtyOrZero | None = None


class StockLevel(Document):
    """A location reports its stock: the whole level (`snapshot`) or a movement (`delta`). `owner` consigned: our goods, lying at
    the `owner_party`."""

    message_type: ClassVar[str] = "stock.level"

    location: Code
    as_of: Instant
    mode: Literal["snapshot", "delta"]
    reference: Code
    owner: Literal["own", "consigned"] = "own"
    owner_party: Party | None = None
    references: dict[str, str] = Field(default_factory=dict)
    items: Annotated[tuple[StockItem, ...], Field(min_length=1)]

    def occurred_at(self) -> datetime | None:
        return self.as_of

    def subject(self) -> str:
        return self.location

    def identity(self) -> str:
        return f"{self.location} {self.reference}"


class ReservedLine(Value):
    """So much of an order line, in the line's unit; `lots` where the stock is kept by lot. `code` tells why it waits: S_SHORT,
    S_SHELF_LIFE (there is some, but it expires too soon), C_RECALL (there is some, but it is recalled); or why it was let go
    (C_RECALL)."""

    line_no: Code
    item: Code
    qty: Qty
    lots: tuple[LotRef, ...] = ()
    code: Code | None = None


class StockReserved(Document):
    """Stock set goods aside for an order; `seq` counts what stock told of one order. `soft`: only for a while, until
    the order is confirmed; then all of it is told again without."""

    message_type: ClassVar[str] = "stock.reserved"

    order_no: Code
    origin: Code
    channel: SalesChannel
    seq: int
    soft: bool = False
    location: Code
    lines: Annotated[tuple[ReservedLine, ...], Field(min_length=1)]

    def subject(self) -> str:
        return self.order_no

    def identity(self) -> str:
        return f"{self.order_no} {self.seq}"


class StockBackordered(Document):
    """Stock could not set aside all of an order; the rest waits for goods. `seq` counts what stock told of one order."""

    message_type: ClassVar[str] = "stock.backordered"

    order_no: Code
    origin: Code
    channel: SalesChannel
    seq: int = 0
    lines: Annotated[tuple[ReservedLine, ...], Field(min_length=1)]

    def subject(self) -> str:
        return self.order_no

    def identity(self) -> str:
        return f"{self.order_no} {self.seq}"


class StockReleased(Document):
    """Stock let go of what it had set aside for an order, `soft` while the order was held. `seq` counts what stock told of one
    order."""

    message_type: ClassVar[str] = "stock.released"

    order_no: Code
    origin: Code
    location: Code
    seq: int = 0
    soft: bool = False
    lines: Annotated[tuple[ReservedLine, ...], Field(min_length=1)]

    def subject(self) -> str:
        return self.order_no

    def identity(self) -> str:
        return f"{self.order_no} {self.seq} {named(self.lines)}"
