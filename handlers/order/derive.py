"""The state of an order, derived from its document in force and its facts: a pure function, so facts may come in any order."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from operator import attrgetter

import msgspec

from canonical.amounts import ZERO, rounded
from canonical.documents.orders import OrderPlaced
from handlers.order.facts import Facts
from handlers.order.ledger import OVER_RETURNED, OVER_SHIPPED, Ledger, ledger, unaccepted
from handlers.order.money import Money, money_of
from handlers.order.terms import Terms, terms_of
from handlers.worth import Worth, billed, priced

NO_PRICE = "P_NO_PRICE"
ALLOCATED = attrgetter("allocated")


class OrderState(msgspec.Struct, frozen=True):
    """Where an order stands: one decision state, three axes, the reasons it is held for, the ledger of its lines.

    payable: what the order is worth after cancellations; None without a price. billed: what of it is billed, by the document in
    force. docs/states.md explains every word.
    """

    state: str
    fulfilment: str
    billing: str
    payment: str
    holds: tuple[str, ...]
    lines: Mapping[str, Ledger]
    payable: Decimal | None
    money: Money
    billed: Decimal = ZERO

    @property
    def owed(self) -> Decimal:
        """What the buyer has yet to pay of it: what is not billed yet, and what its invoices lack. Nothing without a price."""
        return max(ZERO, (self.payable or ZERO) - self.billed + self.money.balance)


def holds_of(terms: Terms, facts: Facts, lines: Mapping[str, Ledger]) -> tuple[str, ...]:
    """Everything that stands against an order."""
    against = unaccepted(lines, facts) if facts.shipments else []
    if not terms.priced:
        against.append(NO_PRICE)
    return tuple(dict.fromkeys([*facts.holds, *against])) if against else tuple(facts.holds)


def derive(order: OrderPlaced, facts: Facts, lines: Mapping[str, Ledger] | None = None, terms: Terms | None = None) -> OrderState:
    """The state these facts lead to, whatever order they came in. lines, terms: their ledger and what the document says, where
    known."""
    terms = terms_of(order) if terms is None else terms
    lines = ledger(order, facts) if lines is None else lines
    holds = holds_of(terms, facts, lines)
    if not facts.moved:
        fulfilment = _allocation(lines, facts) if facts.reserved else "none"
        return OrderState(_undecided(holds, facts), fulfilment, "none", "unpaid", holds, lines, terms.payable, NO_MONEY)
    money = money_of(facts)
    payment = _payment(lines, money, facts)
    return OrderState(
        _state(lines, holds, facts, payment, money) if billed(order) else _kept_by_us(lines, holds, facts),
        _fulfilment(lines, facts),
        _billing(lines, money),
        payment,
        holds,
        lines,
        _payable(order, lines, terms),
        money,
        _billed(order, facts, lines, money),
    )


NO_MONEY = Money()


def _undecided(holds: Collection[str], facts: Facts) -> str:
    """Whether the order is taken on, or what it waits for."""
    if facts.rejected:
        return "rejected"
    lifted = facts.approval["request"]["lifts"] if facts.approval else ()
    if holds and not set(holds) <= set(lifted):
        return "on_hold"
    return "approval" if facts.approval else "confirmed"


def _state(lines: Mapping[str, Ledger], holds: Collection[str], facts: Facts, payment: str, money: Money) -> str:
    if all(line.cancelled == line.ordered for line in lines.values()):
        return "cancelled"
    if OVER_SHIPPED in holds or OVER_RETURNED in holds:
        return _undecided(holds, facts)
    if payment in ("paid", "refunded") and _settled(lines):
        return "reopened" if facts.reopened else "closed"
    return "reopened" if _was_closed(lines, money) else _undecided(holds, facts)


def _kept_by_us(lines: Mapping[str, Ledger], holds: Collection[str], facts: Facts) -> str:
    """The state of an order that is not billed: closed when all of it has arrived or come back."""
    if all(line.cancelled == line.ordered for line in lines.values()):
        return "cancelled"
    arrived = all(line.delivered + line.returned >= line.shipped for line in lines.values())
    if holds or _open(lines) or not arrived:
        return _undecided(holds, facts)
    return "reopened" if facts.reopened else "closed"


def _was_closed(lines: Mapping[str, Ledger], money: Money) -> bool:
    """Whether nothing would be missing, had no money and no goods come back: by what is known, not by what came first."""
    if not any(line.returned for line in lines.values()) and not money.went_back:
        return False
    done = not _open(lines) and _all_billed(lines) and bool(money.invoiced)
    return done and money.balance <= money.went_back


def _settled(lines: Mapping[str, Ledger]) -> bool:
    """Whether what came back by a return is credited, as far as it was billed. What left beyond the order goes back first."""
    extra = {no: max(ZERO, line.shipped - line.ordered) for no, line in lines.items()}
    return all(line.credited >= min(line.sent_back - line.uncredited - extra[no], line.invoiced) for no, line in lines.items())


def _open(lines: Mapping[str, Ledger]) -> bool:
    return any(line.open for line in lines.values())


def _all_billed(lines: Mapping[str, Ledger]) -> bool:
    return all(line.invoiced >= min(line.shipped, line.ordered) for line in lines.values())


def _fulfilment(lines: Mapping[str, Ledger], facts: Facts) -> str:
    figures, open_qty = lines.values(), _open(lines)
    if not any(line.shipped for line in figures):
        return _allocation(lines, facts)
    if any(line.returned for line in figures):
        return "part_returned" if open_qty or any(line.returned < line.shipped for line in figures) else "returned"
    if any(line.delivered for line in figures):
        return "part_delivered" if open_qty or any(line.delivered < line.shipped for line in figures) else "delivered"
    return "part_shipped" if open_qty else "shipped"


def _allocation(lines: Mapping[str, Ledger], facts: Facts) -> str:
    """Before anything left: what is set aside, and whether a warehouse was asked to ship of it."""
    if not any(map(ALLOCATED, lines.values())):
        return "none"
    if facts.requests:
        return "picking"
    return "allocated" if all(line.allocated >= line.open for line in lines.values()) else "part_allocated"


def _billing(lines: Mapping[str, Ledger], money: Money) -> str:
    if not any(line.invoiced for line in lines.values()):
        return "none"
    if money.credited and money.credited >= money.invoiced:
        return "credited"
    return "full" if all(line.invoiced >= line.ordered - line.cancelled for line in lines.values()) else "part"


def _payment(lines: Mapping[str, Ledger], money: Money, facts: Facts) -> str:
    """paid: nothing is open, all that was shipped is invoiced, and no invoice lacks anything. refunded: all is credited, and what
    was paid went back."""
    if not facts.invoices and not facts.allocations:
        return "unpaid"
    if money.went_back and not money.paid and money.invoiced and money.credited >= money.invoiced:
        return "refunded"
    if money.invoiced and not _open(lines) and _all_billed(lines) and money.balance <= 0:
        return "overpaid" if money.balance < 0 else "paid"
    return "part" if money.paid else "unpaid"


def _billed(order: OrderPlaced, facts: Facts, lines: Mapping[str, Ledger], money: Money) -> Decimal:
    """What all that was billed is worth. Of an order that was never changed that is what its invoices come to."""
    if not facts.revisions or not facts.invoices or not priced(order):
        return money.invoiced
    return Worth(order).between({}, {line_no: line.invoiced for line_no, line in lines.items()}).gross


def _payable(order: OrderPlaced, lines: Mapping[str, Ledger], terms: Terms) -> Decimal | None:
    """What the order is worth without what was taken back."""
    if terms.payable is None or not billed(order) or not any(line.cancelled for line in lines.values()):
        return terms.payable
    kept = {line_no: line.ordered - line.cancelled for line_no, line in lines.items()}
    gross = Worth(order).between({}, kept).gross
    totals = order.totals
    return gross if totals is None else max(ZERO, rounded(gross - totals.prepaid + totals.rounding, order.currency))
