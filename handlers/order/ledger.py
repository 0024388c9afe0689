"""The figures of every line of an order, summed up from its facts."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

import msgspec

from canonical.amounts import ZERO, exact
from canonical.documents.orders import OrderPlaced
from handlers.order.facts import Facts

OVER_SHIPPED = "S_OVER_SHIPPED"
OVER_RETURNED = "S_OVER_RETURNED"
BELOW_SHIPPED = "O_BELOW_SHIPPED"
BEYOND = frozenset({OVER_SHIPPED, OVER_RETURNED, BELOW_SHIPPED})
"""What `beyond` may say: it follows from goods that have moved, whatever is decided about the order itself."""


class Ledger(msgspec.Struct, gc=False):
    """One line in figures of its own unit: 0 <= delivered + returned <= shipped; open = ordered - cancelled - shipped, at least 0.

    returned: all that came back, sent_back of it by a return of the buyer, uncredited of that without money; allocated: set aside
    and not shipped yet.
    """

    ordered: Decimal
    open: Decimal
    cancelled: Decimal = ZERO
    shipped: Decimal = ZERO
    delivered: Decimal = ZERO
    returned: Decimal = ZERO
    invoiced: Decimal = ZERO
    credited: Decimal = ZERO
    sent_back: Decimal = ZERO
    uncredited: Decimal = ZERO
    allocated: Decimal = ZERO


def ledger(order: OrderPlaced, facts: Facts, aside: Mapping[str, Decimal] | None = None) -> dict[str, Ledger]:
    """The figures of every line; lines that only a shipment names are left out. aside: what is set aside, where that is known
    already."""
    aside = set_aside(facts) if aside is None else aside
    if not facts.moved:
        return _waiting(order, aside)
    sums = _Sums(order, facts, aside)
    return {line.line_no: sums.of(line.line_no, line.qty.value) for line in order.lines}


def _waiting(order: OrderPlaced, aside: Mapping[str, Decimal]) -> dict[str, Ledger]:
    """The lines of an order of which nothing has moved."""
    if not aside:
        return {line.line_no: Ledger(line.qty.value, line.qty.value) for line in order.lines}
    lines = {}
    for line in order.lines:
        ordered = line.qty.value
        lines[line.line_no] = ledger = Ledger(ordered, ordered)
        given = aside.get(line.line_no, ZERO)
        if given > ZERO:
            ledger.allocated = given if given < ordered else ordered
    return lines


def set_aside(facts: Facts) -> Mapping[str, Decimal]:
    """What stock ever set aside for each line, less what it let go."""
    if not facts.reserved:
        return NONE
    given: dict[str, Decimal] = {}
    for reservation in facts.reserved.values():
        _add(given, reservation["lines"])
    if not facts.released:
        return given
    let_go = sums_of(facts.released.values())
    return {line_no: qty - let_go.get(line_no, ZERO) for line_no, qty in given.items()}


def beyond(lines: Mapping[str, Ledger], facts: Facts) -> dict[str, dict[str, Decimal]]:
    """{code: {line_no: quantity}} of what has left beyond the order, also of lines it does not have; of what came back beyond what
    had left; of what has left beyond what the buyer wanted by then, as long as more may leave. Nothing before anything has left."""
    if not facts.shipments:
        return {}
    left = left_of(facts)
    back = sums_of(facts.returns.values())
    nothing = Ledger(ZERO, ZERO)
    refused = {line_no: line.returned - line.sent_back for line_no, line in lines.items()}
    over = {
        OVER_SHIPPED: {no: qty - lines.get(no, nothing).ordered for no, qty in left.items()},
        OVER_RETURNED: {no: qty - left.get(no, ZERO) + refused.get(no, ZERO) for no, qty in back.items()},
    }
    if facts.wanted and any(line.open for line in lines.values()):
        over[BELOW_SHIPPED] = {no: left.get(no, ZERO) - Decimal(want) for no, want in facts.wanted.items()}
    return {code: found for code, all_of in over.items() if (found := {no: qty for no, qty in all_of.items() if qty > 0})}


def left_though_cancelled(order: OrderPlaced, facts: Facts, lines: Mapping[str, Ledger]) -> dict[str, Decimal]:
    """{line_no: quantity} of what left although it had been cancelled or was by then, and has not come back."""
    asked = _cancelled(order, facts)
    over = {no: min(asked.get(no, ZERO), line.ordered) - line.cancelled - line.returned for no, line in lines.items()}
    return {line_no: min(qty, lines[line_no].shipped) for line_no, qty in over.items() if qty > 0}


def left_of(facts: Facts) -> Mapping[str, Decimal]:
    """{line_no: quantity} of what has left, also of lines the order does not have."""
    return sums_of([shipment["lines"] for shipment in facts.shipments.values()])


def unaccepted(lines: Mapping[str, Ledger], facts: Facts) -> list[str]:
    """The codes of `beyond` that hold the order: what nobody has accepted yet."""
    return [
        code
        for code, over in beyond(lines, facts).items()
        if any(qty > Decimal(facts.accepted.get(code, {}).get(line_no, ZERO)) for line_no, qty in over.items())
    ]


class _Sums:
    """Every kind of fact summed up by line."""

    def __init__(self, order: OrderPlaced, facts: Facts, aside: Mapping[str, Decimal]) -> None:
        shipments = list(facts.shipments.values())
        invoices = [one for number, one in facts.invoices.items() if number not in facts.voided]
        self.cancelled = _cancelled(order, facts) if facts.cancels else NONE
        self.shipped = sums_of([shipment["lines"] for shipment in shipments])
        self.delivered = sums_of([_delivered(shipment) for shipment in shipments])
        self.refused = sums_of([shipment["lines"] for shipment in shipments if shipment["state"] == "returned"])
        self.sent_back = sums_of(facts.returns.values())
        self.uncredited = sums_of(facts.uncredited.values())
        self.invoiced = sums_of([invoice["lines"] for invoice in invoices])
        self.credited = sums_of([credit["lines"] for credit in facts.credits.values()])
        self.aside = aside

    def of(self, line_no: str, ordered: Decimal) -> Ledger:
        shipped = self.shipped.get(line_no, ZERO)
        cancelled = max(ZERO, min(self.cancelled.get(line_no, ZERO), ordered - shipped))
        refused = self.refused.get(line_no, ZERO)
        sent_back = min(self.sent_back.get(line_no, ZERO), shipped - refused)
        waiting = self.aside.get(line_no, ZERO) - shipped
        still_open = max(ZERO, ordered - cancelled - shipped)
        return Ledger(
            ordered,
            still_open,
            cancelled,
            shipped,
            max(ZERO, self.delivered.get(line_no, ZERO)),
            refused + sent_back,
            self.invoiced.get(line_no, ZERO),
            self.credited.get(line_no, ZERO),
            sent_back,
            min(sent_back, self.uncredited.get(line_no, ZERO)),
            max(ZERO, min(waiting, still_open)),
        )


def _cancelled(order: OrderPlaced, facts: Facts) -> Mapping[str, Decimal]:
    """What cancellations ask for; the ledger grants of it what has not been shipped."""
    if any(not lines for lines in facts.cancels.values()):
        return {line.line_no: line.qty.value for line in order.lines}
    return sums_of(facts.cancels.values())


def _delivered(shipment: Mapping[str, Any]) -> Mapping[str, str]:
    if shipment["state"] != "delivered":
        return {}
    stated: Mapping[str, str] | None = shipment.get("delivered")
    return shipment["lines"] if stated is None else stated


NONE: Mapping[str, Decimal] = {}


def sums_of(parts: Collection[Mapping[str, str]]) -> Mapping[str, Decimal]:
    """What these quantities by line come to."""
    sums: dict[str, Decimal] = {}
    for part in parts:
        _add(sums, part)
    return sums


def _add(sums: dict[str, Decimal], part: Mapping[str, str]) -> None:
    for line_no, qty in part.items():
        sums[line_no] = sums[line_no] + exact(qty) if line_no in sums else exact(qty)
