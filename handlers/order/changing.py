"""Changes of an order by its buyer: by differences, one revision after the other, or by a newer copy of the whole."""

from collections.abc import Sequence
from typing import Any, cast

import orjson

from canonical.documents.orders import OrderChanged, OrderLine, OrderPlaced
from canonical.envelope import Message
from handlers.order import answering, chain, exceeding, lowering, recording
from handlers.order.books import Books, Order
from handlers.order.cases import case_of, filled_in, take_over
from handlers.order.confirming import fields_of, settle
from handlers.order.editing import Refused, edited, kept_lines, restored, with_kept
from handlers.order.lowering import BELOW_SHIPPED
from handlers.order.policies.base import Case, Decision
from handlers.order.progress import tell_money, tell_reduction

CHANGED = "changed"
"""Why more is taken off than was before: the order grew, and cancellations had asked for more than there was."""
ENDED = ("cancelled", "closed", "reopened")


def change(books: Books, message: Message) -> str | None:
    """order.changed: waits for the revision it changes; one that is older than the order changes nothing."""
    document = cast(OrderChanged, message.document)
    order = books.orders.get(document.order_no)
    if order is None:
        return f"order:{document.order_no}"
    if document.revision <= order.revision:
        return None
    base = document.base_revision
    if base is None and document.counted:
        base = document.revision - 1
    if base is not None and base > order.revision:
        return f"revision:{order.order_no}:{base}"
    if order.state.state in ENDED:
        _refuse_ended(books, order, document, message)
        return None
    _remember(order)
    new, refused = edited(order, document)
    _note(order, document, refused)
    if new is None:
        _refuse(books, order, document.revision, refused, message)
        return None
    case = case_of(books, new, order.origin)
    chain.begin([case], books)
    _apply(books, order, case, document.revision, refused, message)
    return None


def supersede(books: Books, order: Order, message: Message) -> None:
    """A newer copy of the whole order is in force from now on; one that says nothing new only counts as the newer revision."""
    copy = cast(OrderPlaced, message.document)
    case = chain.prepared(books, message)
    if _alike(order, case):
        _count(books, order, copy.revision)
        return
    if order.state.state in ENDED:
        _refuse_ended(books, order, copy, message)
        return
    _remember(order)
    refused = kept_lines(order, copy)
    _note(order, copy, refused)
    if refused:
        case = case_of(books, with_kept(order, copy, refused), order.origin)
        chain.begin([case], books)
        if _alike(order, case):
            _refuse(books, order, copy.revision, refused, message)
            return
    order.facts.priced = [line_no for line_no in order.facts.priced if line_no in refused]
    _apply(books, order, case, copy.revision, refused, message)


def _remember(order: Order) -> None:
    """Keep the document that is confirmed, for a change of it may have to be approved, and be rejected."""
    facts = order.facts
    if not facts.pending and not facts.rejected:
        document = orjson.loads(order.document.body())
        facts.before = {"document": document, "revision": order.revision, "priced": list(facts.priced)}


def take_back(books: Books, order: Order, reasons: Sequence[str], message: Message) -> None:
    """A change that waits is rejected: what was confirmed before it is in force again, and stands with stock as it did."""
    facts, before = order.facts, order.facts.before
    order.replace(OrderPlaced.model_validate_json(orjson.dumps(before["document"])))
    facts.pending, facts.before, facts.priced = "", {}, before["priced"]
    facts.approval, facts.refused = {}, {}
    facts.holds = {code: hold for code, hold in facts.holds.items() if hold["step"] == "person"}
    lowering.forget(facts, before["revision"])
    order.change()
    take_over(books, order, chain.again(books, order))
    tell_reduction(order, CHANGED, message, books.outcome)
    answering.respond(order, "RE", message, books.outcome, reasons=reasons)
    tell_money(order, message, books.outcome)
    exceeding.look(books, order, "change", message)


def judge_again(books: Books, order: Order, message: Message) -> None:
    """Goods have left: a quantity that was lowered below what has left is refused after all, as if they had been known to."""
    if not order.facts.lowered or order.facts.rejected:
        return
    document, lines = restored(order)
    if not lines:
        return
    order.facts.restated += 1
    order.replace(document)
    books.outcome.arrived.add(f"raised:{order.order_no}")
    recording.record(books, order, "change", message, [Decision("change", "reject", BELOW_SHIPPED, no) for no in lines])
    answering.respond(order, "RE", message, books.outcome, reasons=(BELOW_SHIPPED,))
    case = chain.again(books, order)
    take_over(books, order, case)
    tell_reduction(order, CHANGED, message, books.outcome)
    if order.facts.pending:
        settle(books, order, case, "change", message)
    else:
        answering.confirm(books, order, case, message)


def _note(order: Order, change: OrderChanged | OrderPlaced, refused: Refused) -> None:
    """Keep which quantities are asked for, but for what is refused whatever has left."""
    wants = lowering.wanted_by(change, order.document)
    judged = {no: qty for no, qty in wants.items() if refused.get(no) in (None, BELOW_SHIPPED)}
    lowering.note(order.facts, order.document, change.revision, judged)


def _apply(books: Books, order: Order, case: Case, revision: int, refused: Refused, message: Message) -> None:
    """The new document goes the way of a placed one. What was approved or lifted for another content counts no more."""
    facts = order.facts
    rejected: Refused = {one.line_no or "": one.code for one in case.decisions if one.result == "reject" and one.code}
    if rejected and facts.before:  # it was confirmed before, and stays as it is
        lowering.forget(facts, order.revision)
        _refuse(books, order, revision, rejected, message)
        return
    before = fields_of(order)
    _count(books, order, revision)
    facts.pending = "change" if not facts.pending and not facts.rejected else facts.pending or "new"
    facts.rejected, facts.refused = [], refused
    facts.holds = {code: hold for code, hold in facts.holds.items() if hold["step"] == "person"}
    order.replace(case.order)
    take_over(books, order, case)
    tell_reduction(order, CHANGED, message, books.outcome)
    if fields_of(order) != before:
        facts.approved, facts.waived, facts.approval = "", {}, {}
    books.outcome.arrived.add(f"raised:{order.order_no}")
    settle(books, order, case, "change", message)


def _count(books: Books, order: Order, revision: int) -> None:
    order.revision = revision
    order.change()
    books.outcome.arrived.add(f"revision:{order.order_no}:{revision}")


def _refuse(books: Books, order: Order, revision: int, refused: Refused, message: Message) -> None:
    """Nothing of the change is done; it counts as a revision all the same, so that the next one follows it."""
    _count(books, order, revision)
    facts = order.facts
    if facts.before and not facts.pending:  # nothing of it was done
        facts.before, facts.priced = {}, facts.before["priced"]
    decisions = [Decision("change", "reject", code, line_no or None) for line_no, code in refused.items()]
    recording.record(books, order, "change", message, decisions)
    answering.respond(order, "RE", message, books.outcome, reasons=tuple(dict.fromkeys(refused.values())))
    exceeding.look(books, order, "change", message)


def _refuse_ended(books: Books, order: Order, change: OrderChanged | OrderPlaced, message: Message) -> None:
    """An ended order is not changed. What would be refused of it before it ended is told and kept as it would have been then."""
    wants = lowering.wanted_by(change, order.document)
    below = [no for no, qty in wants.items() if (line := order.lines.get(no)) and qty < min(line.shipped, line.ordered)]
    lowering.note(order.facts, order.document, change.revision, {no: wants[no] for no in below})
    _refuse(books, order, change.revision, dict.fromkeys(below, BELOW_SHIPPED) or {"": "O_ENDED"}, message)


def _alike(order: Order, case: Case) -> bool:
    """Whether a copy states nothing that counts differently from the document in force. Our own prices stay as they were given."""
    copy = filled_in(case)
    ours = {line.line_no for line in case.order.lines if line.unit_price is None} & set(order.facts.priced)
    return _content(order.document, ours) == _content(copy, ours)


def _content(document: OrderPlaced, ours: set[str]) -> tuple[Any, ...]:
    header = (
        document.sold_to, document.ship_to, document.bill_to, document.currency, document.kind, document.contract_no,
        document.requested_delivery_date, document.payment_terms, document.priority, document.allow_partial,
        document.doc_allowances, document.doc_charges, None if ours else document.totals,
    )  # fmt: skip
    return header, [_line_content(line, priced_by_us=line.line_no in ours) for line in document.lines]


def _line_content(line: OrderLine, *, priced_by_us: bool) -> tuple[Any, ...]:
    price = None if priced_by_us else (line.unit_price, line.price_base_qty, line.line_amount, line.tax)
    return (
        line.line_no, line.item, line.qty, price, line.allowances, line.charges, line.requested_date, line.requested_lots,
        line.free_of_charge, line.ship_to,
    )  # fmt: skip
