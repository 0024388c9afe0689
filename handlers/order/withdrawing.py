"""What stock lets go of after a warehouse was asked to ship it: the warehouse is told, and a recall holds the order."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Literal

from canonical.amounts import ZERO
from canonical.documents.shipments import ShipmentWithdrawn, WithdrawnLine
from canonical.documents.stock import ReservedLine, StockReleased
from canonical.envelope import Message
from canonical.lean import lean
from canonical.values import LotRef
from handlers.order import answering, chain, recording
from handlers.order.books import Books, Order
from handlers.order.facts import Facts
from handlers.order.ledger import NONE, set_aside, sums_of
from handlers.order.policies.base import Decision

withdrawn_line, shipment_withdrawn = lean(WithdrawnLine), lean(ShipmentWithdrawn)

RECALL, SHELF_LIFE = "C_RECALL", "S_SHELF_LIFE"
Reason = Literal["recalled", "too_old", "cancelled", "changed"]
LotKey = tuple[str | None, str | None]
"""(lot, serial)"""


def withdraw(books: Books, order: Order, released: StockReleased, cause: Message) -> None:
    """Tell every warehouse concerned what not to ship; hold the order where goods of it are recalled."""
    parts: dict[str, list[WithdrawnLine]] = {}
    for line in released.lines:
        for number, part in _taken_off(order, line, released.location):
            parts.setdefault(number, []).append(part)
    for number, lines in parts.items():
        _tell(books, order, number, lines, _reason(order, released), cause)
    recalled = [line for line in released.lines if line.code == RECALL]
    if recalled and RECALL not in order.facts.holds:
        _hold(books, order, recalled, released.location, cause)


def forget(order: Order, released: StockReleased) -> dict[str, str]:
    """Take what stock lets go of off reservations that no warehouse was asked about yet, those of the same lots first; the rest by
    line."""
    rest: dict[str, Decimal] = {}
    for line in released.lines:
        left = line.qty
        lots = {(lot.lot, lot.serial): lot.qty for lot in line.lots}
        for reservation in _unasked(order, line.line_no, released.location, lots):
            before = Decimal(reservation["lines"][line.line_no])
            part = min(left, before)
            left -= part
            reservation["lines"][line.line_no] = str(before - part)
            _take_lots(reservation.get("lots", {}).get(line.line_no, []), lots)
        rest[line.line_no] = rest.get(line.line_no, ZERO) + left
    return {line_no: str(qty) for line_no, qty in rest.items() if qty}


def _unasked(order: Order, line_no: str, location: str, lots: Mapping[LotKey, Decimal]) -> list[dict[str, Any]]:
    """Reservations of the line at the place that nobody was asked to ship: with some of the lots first, then the newest."""
    found = [
        (not any((kept.get("lot"), kept.get("serial")) in lots for kept in one.get("lots", {}).get(line_no, ())), -int(seq), one)
        for seq, one in order.facts.reserved.items()
        if seq not in order.facts.asked and one["at"] == location and line_no in one["lines"]
    ]
    return [one for _, _, one in sorted(found, key=lambda three: three[:2])]


def _take_lots(kept: list[dict[str, Any]], lots: dict[LotKey, Decimal]) -> None:
    for one in list(kept):
        name = (one.get("lot"), one.get("serial"))
        part = min(Decimal(one["qty"]), lots.get(name, ZERO))
        if part:
            lots[name] -= part
            one["qty"] = str(Decimal(one["qty"]) - part)
            if Decimal(one["qty"]) == 0:
                kept.remove(one)


def requested(facts: Facts) -> Mapping[str, Decimal]:
    """What warehouses were asked to ship of each line, and were not told to leave."""
    return sums_of([one["lines"] for one in facts.requested.values()]) if facts.requested else NONE


def _taken_off(order: Order, line: ReservedLine, location: str) -> Iterator[tuple[str, WithdrawnLine]]:
    """(number of the shipment, what is taken off it): the newest that has not left first, those of the place before others."""
    facts, line_no = order.facts, line.line_no
    excess = requested(facts).get(line_no, ZERO) - max(ZERO, set_aside(facts).get(line_no, ZERO))
    lots = list(line.lots)
    waiting = {number: one for number, one in facts.requested.items() if f"{order.order_no}-S{number}" not in facts.shipments}
    for number, asked in sorted(waiting.items(), key=lambda one: (one[1]["at"] != location, -int(one[0]))):
        before = Decimal(asked["lines"].get(line_no, ZERO))
        qty = min(excess, before)
        if qty <= 0:
            continue
        excess -= qty
        asked["lines"][line_no] = str(before - qty)
        yield (
            number,
            withdrawn_line(
                order_no=order.order_no, line_no=line_no, item=line.item, qty=qty, left=before - qty, lots=_cut(lots, qty)
            ),
        )


def _cut(lots: list[LotRef], qty: Decimal) -> tuple[LotRef, ...]:
    """Lots of so much in all, taken off the list."""
    taken = []
    while lots and qty > 0:
        lot = lots.pop(0)
        part = min(lot.qty, qty)
        taken.append(lot.but(qty=part))
        if part < lot.qty:
            lots.insert(0, lot.but(qty=lot.qty - part))
        qty -= part
    return tuple(taken)


def _tell(
    books: Books,
    order: Order,
    number: str,
    lines: list[WithdrawnLine],
    reason: Reason,
    cause: Message,
) -> None:
    asked = order.facts.requested[number]
    order.facts.withdrawals += 1
    books.outcome.emit(
        shipment_withdrawn(
            shipment_no=f"{order.order_no}-S{number}",
            order_no=order.order_no,
            origin=order.origin,
            warehouse=asked["at"],
            seq=order.facts.withdrawals,
            status="change" if any(Decimal(qty) for qty in asked["lines"].values()) else "cancel",
            reason=reason,
            lines=tuple(lines),
        ),
        cause,
    )


def _reason(order: Order, released: StockReleased) -> Reason:
    codes = {line.code for line in released.lines}
    if RECALL in codes or SHELF_LIFE in codes:
        return "recalled" if RECALL in codes else "too_old"
    cut = (order.lines.get(line.line_no) for line in released.lines)
    return "cancelled" if any(line is not None and line.cancelled for line in cut) else "changed"


def _hold(books: Books, order: Order, lines: list[ReservedLine], location: str, cause: Message) -> None:
    order.facts.holds[RECALL] = {"owner": books.settings.holds.owner(RECALL), "step": "recall"}
    order.restate()
    text = "goods that were set aside are recalled"
    found = [Decision("saleable", "hold", RECALL, one.line_no, text, {"location": location, "qty": str(one.qty)}) for one in lines]
    recording.record(books, order, "recall", cause, found)
    answering.hold(books, order, chain.again(books, order), cause)
