"""Changes of an order by its buyer: by differences, or by a newer copy of the whole. All are kept by revision, and what they come
to by what is known (`revisions.fold`) is in force, so that it does not matter what came first."""

from collections.abc import Sequence
from typing import cast

import orjson

from canonical.documents.base import is_a
from canonical.documents.order_changes import OrderChanged
from canonical.documents.orders import OrderPlaced
from canonical.envelope import Message
from canonical.reading import read
from handlers.order import answering, chain, exceeding, recording, revisions
from handlers.order.books import Books, Order
from handlers.order.cases import case_of, filled_in, take_over
from handlers.order.confirming import fields_of, settle
from handlers.order.editing import CURRENCY, ITEM_SHIPPED, content, with_prices_of
from handlers.order.ledger import BELOW_SHIPPED
from handlers.order.policies.base import Case, Decision
from handlers.order.progress import tell_money, tell_reduction
from store.database import to_micros

CHANGED = "changed"
"""Why more is taken off than was before: the order grew, and cancellations had asked for more than there was."""
MOST_WAITED_FOR = 100
"""Revisions that are numbers of changes; where they are times, nothing waits for those between."""
TEXTS = {
    revisions.ENDED: "all of the order had been cancelled when this was asked for",
    BELOW_SHIPPED: "more has left than this asks for",
    "O_OVER_ACCEPTED": "somebody had accepted that more has left than is ordered",
    ITEM_SHIPPED: "goods of the line have left, so it cannot become other goods: cancel what is open and order those anew",
    CURRENCY: "an order keeps its currency: cancel it and order anew",
    "O_LINE_UNKNOWN": "the order has no such line",
    "O_NO_LINES": "no line would be left: cancel the order instead",
    "O_NO_CHANGE": "it states nothing new",
    "E_LINE_DUP": "the order has such a line already",
    "E_QTY": "a new line needs a quantity",
}


def change(books: Books, message: Message) -> str | None:
    """order.changed: waits for the revision it changes."""
    document = cast(OrderChanged, message.document)
    order = books.orders.get(document.order_no)
    if order is None:
        return f"order:{document.order_no}"
    base = revisions.base_of(document)
    if base is not None and base > order.revision:
        return f"revision:{order.order_no}:{base}"
    _count_in(books, order, document, to_micros(message.occurred_at), message)
    return None


def supersede(books: Books, order: Order, message: Message) -> None:
    """Another copy of the whole order. One that is newer than all and says nothing new only takes the place of the one in force."""
    copy, facts = cast(OrderPlaced, message.document), order.facts
    at = made_at(copy, message)
    if facts.revisions or copy.revision < order.revision or not _restates(books, order, message):
        _count_in(books, order, copy, at, message)
        return
    facts.revised = {"from": facts.revised.get("from", order.revision), "at": at}
    _count(books, order, copy.revision)


def only_by_differences(order: Order, revision: int) -> bool:
    """Whether a change gave the order that number, so that a copy of it is not known yet."""
    return bool(order.facts.revisions) and [revision, True] not in map(revisions.name_of, order.facts.revisions)


def made_at(copy: OrderPlaced, message: Message) -> int:
    """When a copy of the whole order was made what it is: as its sender says, else when the hub had it."""
    return to_micros(copy.changed_at or message.recorded_at)


def weigh(books: Books, order: Order, message: Message) -> None:
    """Goods have left or something was cancelled: what was asked of the order may stand otherwise than it did."""
    if order.facts.revisions and not order.facts.rejected:
        _look(books, order, message, order.revision, None)


def _restates(books: Books, order: Order, message: Message) -> bool:
    """Whether a newer copy states nothing that counts differently; then it is in force. Our own prices stay as they were given."""
    case = chain.prepared(books, message)
    copy = filled_in(case)
    ours = {line.line_no for line in case.order.lines if line.unit_price is None} & set(order.facts.priced)
    if content(order.document, ours) != content(copy, ours):
        return False
    order.replace(with_prices_of(case.order, order.document, ours)[0] if ours else copy)
    return True


def _count_in(books: Books, order: Order, document: OrderChanged | OrderPlaced, at: int, message: Message) -> None:
    before = order.revision
    if revisions.add(order.facts, order.document, before, document, at):
        _count(books, order, document.revision)
        _look(books, order, message, before, document)


def _count(books: Books, order: Order, revision: int) -> None:
    """What waits for a revision between, too, waits no longer: a newer copy is instead of it."""
    between = range(max(order.revision, revision - MOST_WAITED_FOR) + 1, revision)
    books.outcome.arrived |= {f"revision:{order.order_no}:{number}" for number in (*between, revision)}
    order.revision = max(order.revision, revision)
    order.change()


def _look(books: Books, order: Order, message: Message, before: int, new: OrderChanged | OrderPlaced | None) -> None:
    """Bring in force what the revisions come to now. before: the revision until now. new: what came just now, if anything did."""
    facts = order.facts
    folded = revisions.fold(facts)
    counted = revisions.counting(facts)
    refused, gained = revisions.enter(facts, folded)
    document, ours = with_prices_of(folded.document, order.document, facts.priced)
    case = case_of(books, document, order.origin)
    chain.begin([case], books)
    filled = filled_in(case)
    same = content(filled) == content(order.document)
    asked = is_a(new, OrderChanged) and new.revision == order.revision and bool(gained)
    if not same or asked:
        if gained:
            _apply(books, order, case, before, counted, gained, refused, ours, message)
        else:
            _restore(books, order, case, refused, ours, message)
        return
    if filled != order.document:
        order.replace(filled)
    _refuse(books, order, refused, message)


def _apply(
    books: Books, order: Order, case: Case, before: int, counted: list[list[object]], gained: Sequence[revisions.Entry],
    refused: list[revisions.News], ours: list[str], message: Message,
) -> None:  # fmt: skip
    """The new document goes the way of a placed one. What was approved or lifted for another content counts no more."""
    facts = order.facts
    rejected = [(order.revision, one.line_no or "", one.code) for one in case.decisions if one.result == "reject" and one.code]
    confirmed = not facts.rejected and facts.pending != "new"
    if rejected and confirmed:
        revisions.drop(gained, tuple(dict.fromkeys(code for _, _, code in rejected)))
        revisions.enter(facts, revisions.fold(facts))
        _refuse(books, order, refused + rejected, message)
        return
    if confirmed and not facts.before:  # it is in force until the change is confirmed, which may have to be approved
        kept = orjson.loads(order.document.body())
        facts.before = {"document": kept, "revision": before, "priced": list(facts.priced), "counted": counted}
    if before == order.revision:
        facts.restated += 1
    fields = fields_of(order)
    facts.pending = "change" if not facts.pending and not facts.rejected else facts.pending or "new"
    facts.rejected, facts.refused = [], {line_no: code for _, line_no, code in refused}
    facts.holds = {code: hold for code, hold in facts.holds.items() if hold["step"] == "person"}
    _replace(books, order, case, ours, message)
    if fields_of(order) != fields:
        facts.approved, facts.waived, facts.approval = "", {}, {}
    settle(books, order, case, "change", message)
    exceeding.look(books, order, "change", message)


def _restore(books: Books, order: Order, case: Case, refused: list[revisions.News], ours: list[str], message: Message) -> None:
    """What was taken on is refused after all, as if what speaks against it had been known: it is as it was before."""
    order.facts.restated += 1
    _replace(books, order, case, ours, message)
    _tell(books, order, refused, message)
    if order.facts.pending:
        settle(books, order, case, "change", message)
    else:
        answering.confirm(books, order, case, message)


def _replace(books: Books, order: Order, case: Case, ours: list[str], message: Message) -> None:
    order.facts.priced = ours
    order.replace(case.order)
    books.outcome.arrived.add(f"raised:{order.order_no}")
    take_over(books, order, case)
    tell_reduction(order, CHANGED, message, books.outcome)


def _refuse(books: Books, order: Order, refused: list[revisions.News], message: Message) -> None:
    """Nothing else is in force; a change that is refused counts as a revision all the same, so that the next one follows it."""
    if refused:
        order.change()
        _tell(books, order, refused, message)
        exceeding.look(books, order, "change", message)


def _tell(books: Books, order: Order, refused: list[revisions.News], message: Message) -> None:
    decisions = [
        Decision("change", "reject", code, line_no or None, TEXTS.get(code, ""), {"revision": revision})
        for revision, line_no, code in refused
    ]
    if decisions:
        recording.record(books, order, "change", message, decisions)
        answering.respond(order, "RE", message, books.outcome, reasons=tuple(dict.fromkeys(code for _, _, code in refused)))


def take_back(books: Books, order: Order, reasons: Sequence[str], message: Message) -> None:
    """A change that waits is rejected: what was confirmed before it is in force again, and stands with stock as it did."""
    facts, before = order.facts, order.facts.before
    waiting = [name for name in revisions.counting(facts) if name not in before["counted"]]
    revisions.drop([one for one in facts.revisions if revisions.name_of(one) in waiting], reasons)
    folded = revisions.fold(facts)
    revisions.enter(facts, folded)
    confirmed = read(OrderPlaced, orjson.dumps(before["document"]))
    document, ours = with_prices_of(folded.document, confirmed, before["priced"])
    facts.pending, facts.before, facts.approval, facts.refused = "", {}, {}, {}
    facts.holds = {code: hold for code, hold in facts.holds.items() if hold["step"] == "person"}
    case = case_of(books, document, order.origin)
    chain.begin([case], books)
    _replace(books, order, case, ours, message)
    answering.respond(order, "RE", message, books.outcome, reasons=reasons)
    tell_money(order, message, books.outcome)
    exceeding.look(books, order, "change", message)
