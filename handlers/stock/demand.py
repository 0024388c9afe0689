"""One order as stock sees it: what it wants, in which units, in which rank, and what is to be told of it."""

from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import Any

import msgspec

from canonical.envelope import Message
from handlers.stock.wanted import Wanted, WantedLine
from store.exact import from_micro_units
from store.stock import Line

GRADE = "B"
"""Of a customer without a credit grade."""
NO_DATE = date.max
BILL_ONLY = frozenset({"trunk_stock_bill_only", "implant_bill_only"})
"""Kinds of orders that ship nothing: the goods lie with the buyer already, and are used there."""
LotName = tuple[str, str]
"""(lot, serial); either may be empty."""
BACKORDERED = attrgetter("backordered")
NO_LOT: LotName = ("", "")
"""Goods of no known lot."""


class Demand(msgspec.Struct, eq=False):
    """One order as stock sees it.

    document: None before order.confirmed or order.held came. soft_until: None once confirmed. cause: the last message of the
    batch about it. packs: {line_no: (in base units, in the line's)} where they differ. early: what left before units were known.
    short: {line_no: qty} newly without goods. reserved, released: {location: {line_no: qty}} of this batch, to be told;
    picked, dropped: of which lots, {(location, line_no): {lot: qty}}. unfit: {(location, line_no): code} of what was let go
    because of the goods.
    """

    order_no: str
    document: Wanted | None = None
    confirmed_at: int | None = None
    told: int = 0
    shipments: int = 0
    soft_until: int | None = None
    early: list[list[Any]] = []
    lines: dict[str, Line] = {}
    packs: dict[str, tuple[int, int]] = {}
    cause: Message | None = None
    stated_by: Message | None = None
    new: bool = True
    changed: bool = False
    short: dict[str, int] = {}
    reserved: dict[str, dict[str, int]] = {}
    released: dict[str, dict[str, int]] = {}
    picked: dict[tuple[str, str], dict[LotName, int]] = {}
    dropped: dict[tuple[str, str], dict[LotName, int]] = {}
    unfit: dict[tuple[str, str], str] = {}

    @property
    def rank(self) -> tuple[int, str, date, int, str]:
        """Who is served first (R7): priority, credit grade, requested date, when confirmed, order number; lower is first."""
        document = self.document
        if document is None:
            return (9, GRADE, NO_DATE, 0, self.order_no)
        asked = document.requested_delivery_date or NO_DATE
        return (document.priority, document.credit_grade or GRADE, asked, self.confirmed_at or 0, self.order_no)

    @property
    def soft(self) -> bool:
        """What it holds may still be given to others."""
        return self.soft_until is not None

    def yields_to(self, other: "Demand", now: int) -> bool:
        """Whether what it holds softly goes to the other: its time is over, or the other has a higher priority or grade."""
        return self.soft_until is not None and (self.soft_until <= now or other.rank[:2] < self.rank[:2])

    def waits(self, now: int) -> bool:
        """Whether it wants goods it does not have; one whose time is over wants no more."""
        if self.document is None or (self.soft_until is not None and self.soft_until <= now):
            return False
        return self.short_of_goods

    @property
    def short_of_goods(self) -> bool:
        """Whether any of its lines waits."""
        return any(map(BACKORDERED, self.lines.values()))

    def line(self, line_no: str) -> Line:
        """The line, made when it is not known yet."""
        self.changed = True
        known = self.lines.get(line_no)
        if known is None:
            known = self.lines[line_no] = Line(self.order_no, line_no)
        return known

    @property
    def confirmed(self) -> bool:
        """Whether it may not only be held."""
        return self.document is not None and self.soft_until is None

    def state(self, document: Wanted) -> None:
        """Take a document as what is wanted."""
        self.document = document
        self.packs = {}
        for line in document.lines:
            if line.base_qty != line.qty.value and (pack := line.pack) is not None:
                self.packs[line.line_no] = pack

    def wanted(self, line_no: str) -> WantedLine | None:
        lines = self.document.lines if self.document else ()
        return next((line for line in lines if line.line_no == line_no), None)

    def to_base(self, line_no: str, qty: int) -> int:
        """A quantity of the line's unit in the item's."""
        pack = self.packs.get(line_no)
        return qty if pack is None else (qty * pack[0] + pack[1] // 2) // pack[1]

    def to_line(self, line_no: str, qty: int) -> Decimal:
        """A quantity of the item's unit in the line's, as documents state it."""
        pack = self.packs.get(line_no)
        return from_micro_units(qty if pack is None else qty * pack[1] // pack[0])

    def pack(self, line_no: str) -> int:
        """How much of the item one unit of the line is: packs are not broken. 1 where the line is in the item's unit."""
        pack = self.packs.get(line_no)
        return 1 if pack is None else max(1, 1_000_000 * pack[0] // pack[1])


def note(
    told: dict[str, dict[str, int]], of_lots: dict[tuple[str, str], dict[LotName, int]], line: Line, name: LotName, qty: int
) -> None:
    """Remember what was set aside or let go at the line's place, to be told, and of which lot."""
    at = told.get(line.location)
    if at is None:
        at = told[line.location] = {}
    at[line.line_no] = at.get(line.line_no, 0) + qty
    if name is not NO_LOT and name != NO_LOT:
        named = of_lots.setdefault((line.location, line.line_no), {})
        named[name] = named.get(name, 0) + qty
