"""What an order wants of stock: the fields of `order.confirmed` and `order.held` that stock goes by, and no others."""

from datetime import date, datetime
from functools import cached_property

import msgspec

from canonical.documents.orders import OrderKind, SalesChannel
from canonical.reading import read
from canonical.values import Party
from store.exact import micro_units

WANTING = frozenset({"order.confirmed", "order.held"})


class Amount(msgspec.Struct):
    """A quantity; of which unit, stock need not know."""

    value: str


class NamedLot(msgspec.Struct):
    """Goods of a lot or serial number that the buyer asks for."""

    lot: str | None = None
    serial: str | None = None


class WantedLine(msgspec.Struct):
    """One line to be served."""

    line_no: str
    item: str
    qty: Amount
    base_qty: str | None = None
    requested_date: date | None = None
    requested_lots: tuple[NamedLot, ...] = ()
    min_remaining_shelf_days: int | None = None

    @property
    def base(self) -> int:
        """How much of the item it wants, in millionths."""
        return micro_units(self.qty.value if self.base_qty is None else self.base_qty)

    @property
    def pack(self) -> tuple[int, int] | None:
        """Its quantity in millionths of the item's unit and of its own, where they differ."""
        if self.base_qty is None or self.base_qty == self.qty.value:
            return None
        units = micro_units(self.base_qty), micro_units(self.qty.value)
        return units if units[0] != units[1] else None


class Wanted(msgspec.Struct, dict=True):
    """The whole of it. Only `order.confirmed` has `restated`, only `order.held` has `seq` and `until`."""

    order_no: str
    origin: str
    channel: SalesChannel
    ship_to: msgspec.Raw
    lines: tuple[WantedLine, ...]
    revision: int = 0
    restated: int = 0
    seq: int = 0
    until: datetime | None = None
    kind: OrderKind = "stock"
    customer_no: str | None = None
    credit_grade: str | None = None
    priority: int = 3
    allow_partial: bool = True
    requested_delivery_date: date | None = None

    @cached_property
    def receiver(self) -> Party:
        """Who gets the goods; few orders make stock ask."""
        return read(Party, bytes(self.ship_to))
