"""The state of an order, derived from its placed document and its facts: a pure function, so facts may come in any order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from canonical.amounts import ZERO, rounded
from canonical.documents.orders import OrderPlaced
from handlers.order.facts import Facts
from handlers.worth import Worth, priced

NO_PRICE = "P_NO_PRICE"


@dataclass(frozen=True, slots=True)
class Ledger:
    """One line in figures of its own unit: 0 <= delivered + returned <= shipped; open = ordered - cancelled - shipped."""

    ordered: Decimal
    cancelled: Decimal
    shipped: Decimal
    delivered: Decimal
    returned: Decimal
    invoiced: Decimal

    @property
    def open(self) -> Decimal:
        return max(ZERO, self.ordered - self.cancelled - self.shipped)


@dataclass(frozen=True, slots=True)
class OrderState:
    """Where an order stands: one decision state, three axes, the reasons it is held for, the ledger of its lines.

    payable: what the order is worth after cancellations; None without a price. docs/states.md explains every word.
    """

    state: str
    fulfilment: str
    billing: str
    payment: str
    holds: tuple[str, ...]
    lines: Mapping[str, Ledger]
    payable: Decimal | None


def derive(order: OrderPlaced, facts: Facts) -> OrderState:
    """The state these facts lead to, whatever order they came in."""
    lines = ledger(order, facts)
    holds = () if priced(order) else (NO_PRICE,)
    if not (facts.cancels or facts.shipments or facts.invoices or facts.allocations):
        return OrderState("on_hold" if holds else "confirmed", "none", "none", "unpaid", holds, lines, _payable(order, lines))
    open_qty = any(line.open for line in lines.values())
    payment = _payment(facts, lines, open_qty)
    return OrderState(
        _state(lines, holds, payment),
        _fulfilment(lines, open_qty),
        _billing(lines),
        payment,
        holds,
        lines,
        _payable(order, lines),
    )


def ledger(order: OrderPlaced, facts: Facts) -> dict[str, Ledger]:
    """The figures of every line; lines that only a shipment names are left out."""
    if not (facts.cancels or facts.shipments or facts.invoices):
        return {line.line_no: Ledger(line.qty.value, ZERO, ZERO, ZERO, ZERO, ZERO) for line in order.lines}
    shipments = list(facts.shipments.values())
    shipped = _sums(shipment["lines"] for shipment in shipments)
    delivered = _sums(_delivered(shipment) for shipment in shipments)
    returned = _sums(shipment["lines"] for shipment in shipments if shipment["state"] == "returned")
    invoiced = _sums(invoice["lines"] for invoice in facts.invoices.values())
    cancelled = _cancelled(order, facts)
    return {
        line.line_no: Ledger(
            line.qty.value,
            max(ZERO, min(cancelled[line.line_no], line.qty.value - shipped.get(line.line_no, ZERO))),
            *(figures.get(line.line_no, ZERO) for figures in (shipped, delivered, returned, invoiced)),
        )
        for line in order.lines
    }


def _cancelled(order: OrderPlaced, facts: Facts) -> dict[str, Decimal]:
    """What cancellations ask for; the ledger grants of it what has not been shipped."""
    if any(not lines for lines in facts.cancels.values()):
        return {line.line_no: line.qty.value for line in order.lines}
    asked = _sums(facts.cancels.values())
    return {line.line_no: asked.get(line.line_no, ZERO) for line in order.lines}


def _delivered(shipment: Mapping[str, Any]) -> Mapping[str, str]:
    if shipment["state"] != "delivered":
        return {}
    stated: Mapping[str, str] | None = shipment.get("delivered")
    return shipment["lines"] if stated is None else stated


def _sums(parts: Iterable[Mapping[str, str]]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for part in parts:
        for line_no, qty in part.items():
            sums[line_no] = sums.get(line_no, ZERO) + Decimal(qty)
    return sums


def _fulfilment(lines: Mapping[str, Ledger], open_qty: bool) -> str:
    figures = lines.values()
    if not any(line.shipped for line in figures):
        return "none"
    if any(line.returned for line in figures):
        return "part_returned" if open_qty or any(line.returned < line.shipped for line in figures) else "returned"
    if any(line.delivered for line in figures):
        return "part_delivered" if open_qty or any(line.delivered < line.shipped for line in figures) else "delivered"
    return "part_shipped" if open_qty else "shipped"


def _billing(lines: Mapping[str, Ledger]) -> str:
    if not any(line.invoiced for line in lines.values()):
        return "none"
    return "full" if all(line.invoiced >= line.ordered - line.cancelled for line in lines.values()) else "part"


def _payment(facts: Facts, lines: Mapping[str, Ledger], open_qty: bool) -> str:
    """paid: nothing is open, all that was shipped is invoiced, and no invoice lacks anything."""
    if not facts.invoices and not facts.allocations:
        return "unpaid"
    invoiced = sum((Decimal(invoice["gross"]) for invoice in facts.invoices.values()), ZERO)
    allocated = sum(map(Decimal, facts.allocations.values()), ZERO)
    all_billed = all(line.invoiced >= min(line.shipped, line.ordered) for line in lines.values())
    if facts.invoices and not open_qty and all_billed and allocated >= invoiced:
        return "paid"
    return "part" if allocated else "unpaid"


def _state(lines: Mapping[str, Ledger], holds: tuple[str, ...], payment: str) -> str:
    if all(line.cancelled == line.ordered for line in lines.values()):
        return "cancelled"
    if payment == "paid":
        return "closed"
    return "on_hold" if holds else "confirmed"


def _payable(order: OrderPlaced, lines: Mapping[str, Ledger]) -> Decimal | None:
    if not priced(order):
        return None
    cut = any(line.cancelled for line in lines.values())
    if order.totals is not None and not cut:
        return rounded(order.totals.payable, order.currency)
    kept = {line_no: line.ordered - line.cancelled for line_no, line in lines.items()}
    gross = Worth(order).between({}, kept).gross
    totals = order.totals
    return gross if totals is None else max(ZERO, rounded(gross - totals.prepaid + totals.rounding, order.currency))


DISPLAY = {
    "entered": ("Entered", "已录入"),
    "confirmed": ("Confirmed", "已审核"),
    "rejected": ("Rejected", "已拒绝"),
    "on_hold": ("On hold", "待处理"),
    "cancelled": ("Cancelled", "已取消"),
    "closed": ("Paid, closed", "已回款，已结案"),
    "part_shipped": ("Partly shipped", "部分发货"),
    "shipped": ("Shipped", "已发货"),
    "part_delivered": ("Partly delivered", "部分送达"),
    "delivered": ("Delivered", "已送达"),
    "part_returned": ("Partly returned", "部分退回"),
    "returned": ("Returned", "已退回"),
}
"""What people read, English and Chinese."""


def display(state: str, fulfilment: str) -> tuple[str, str]:
    """(English, Chinese) words for an order: how far its goods are while it is confirmed, else its decision state."""
    return DISPLAY[fulfilment if state == "confirmed" and fulfilment != "none" else state]
