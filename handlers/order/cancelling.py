"""What is taken back of an order: as much as has not left. What has left is asked back, and what could not be is told by line."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import cast

from canonical.amounts import ZERO
from canonical.documents.order_changes import OrderCancelled
from canonical.documents.returns import ReturnLine, ReturnRequested
from canonical.envelope import Message
from canonical.handling import Outcome
from canonical.lean import lean
from handlers.order import answering, changing, recording
from handlers.order.books import Books, Order
from handlers.order.ledger import Ledger, left_though_cancelled
from handlers.order.policies.base import Decision
from handlers.order.progress import tell_money, tell_reduction
from store.database import to_micros

return_line, return_requested = lean(ReturnLine), lean(ReturnRequested)

BILL_ONLY = ("trunk_stock_bill_only", "implant_bill_only")
"""Kinds of orders whose goods are used up when they count as sent: nothing of them can come back."""
SHIPPED, MORE_THAN_OPEN, UNKNOWN = "O_SHIPPED", "O_MORE_THAN_OPEN", "O_LINE_UNKNOWN"
TEXTS = {
    SHIPPED: "it has left already, and has to come back",
    MORE_THAN_OPEN: "there is not so much of it to cancel",
    UNKNOWN: "the order has no such line",
}


def cancel(books: Books, message: Message) -> str | None:
    """order.cancelled: takes back of the named lines, or of all, what has not been shipped."""
    document = cast(OrderCancelled, message.document)
    order = books.orders.get(document.order_no)
    if order is None:
        return f"order:{document.order_no}"
    if message.identity not in order.facts.cancels:
        lines = {line.line_no: str(line.qty) for line in document.lines}
        take_back(books, order, message.identity, lines, message, why=document.reason_code, answer=document.reason_code)
    return None


def take_back(books: Books, order: Order, name: str, lines: Mapping[str, str], message: Message, *, why: str, answer: str) -> None:
    """Cancel these quantities, or all where none are named, as far as they have not left; tell stock, the sender, and what cannot
    be done. name: of the fact. why: told to stock, answer: to the sender."""
    before = order.lines
    order.facts.cancels[name], order.facts.cancelled_at[name] = dict(lines), to_micros(message.occurred_at)
    order.change()
    changing.weigh(books, order, message)
    tell_reduction(order, why, message, books.outcome)
    lacking = list(_lacking(before, order.lines, lines))
    if lacking:
        recording.record(books, order, "cancel", message, lacking)
    said = {one.line_no or "": one.code or "" for one in lacking}
    answering.respond(order, "CA", message, books.outcome, reasons=(answer, *said.values()), said=said)
    ask_back(order, message, books.outcome)
    tell_money(order, message, books.outcome)


def _lacking(before: Mapping[str, Ledger], after: Mapping[str, Ledger], asked: Mapping[str, str]) -> Iterator[Decision]:
    """What was asked for and could not be taken back."""
    gone = {no: one.cancelled for no, one in before.items()}
    wanted = {no: Decimal(qty) for no, qty in asked.items()} or {no: one.ordered - gone.get(no, ZERO) for no, one in after.items()}
    for line_no, qty in wanted.items():
        line = after.get(line_no)
        if line is None:
            yield Decision("cancel", "reject", UNKNOWN, line_no, TEXTS[UNKNOWN], {"asked": str(qty)})
            continue
        done = line.cancelled - gone.get(line_no, ZERO)
        if done < qty:
            code = SHIPPED if line.shipped else MORE_THAN_OPEN
            inputs = {"asked": str(qty), "cancelled": str(max(ZERO, done)), "shipped": str(line.shipped)}
            yield Decision("cancel", "reject", code, line_no, TEXTS[code], inputs)


def ask_back(order: Order, cause: Message, outcome: Outcome) -> None:
    """return.requested for goods that left though they were cancelled, whichever was known first, each piece once."""
    facts, document = order.facts, order.document
    if not facts.cancels or not facts.shipments or document.kind in BILL_ONLY:
        return
    found = left_though_cancelled(document, facts, order.lines)
    newly = {no: qty - Decimal(facts.asked_back.get(no, ZERO)) for no, qty in found.items()}
    lines = tuple(
        return_line(line_no=line.line_no, item=line.item or line.line_no, qty=newly[line.line_no], uom=line.qty.uom, reason=SHIPPED)
        for line in document.lines
        if newly.get(line.line_no, ZERO) > 0
    )
    if not lines:
        return
    facts.asked_back |= {line.line_no: str(found[line.line_no]) for line in lines}
    facts.calls_back += 1
    order.touch()
    rma_no = f"{order.order_no}-C{facts.calls_back}"
    outcome.emit(return_requested(rma_no=rma_no, order_no=order.order_no, reason="cancelled", lines=lines), cause)
