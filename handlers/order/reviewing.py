"""An order goes before the policies once more: master data have come, or become effective, or money has come, that may mend what it
is held for; or the sale of what it waits for is stopped."""

from typing import cast

from canonical.documents.reviews import ReviewRequested
from canonical.envelope import Message
from handlers.order import answering, chain, crediting, expiring, recording, reserving
from handlers.order.books import Books, Order
from handlers.order.cases import take_over
from handlers.order.confirming import fields_of, settle
from handlers.order.policies.base import Case
from handlers.order.withdrawing import RECALL

CREDIT = "credit "
"""How the kind of a review begins that the clock asks for because an account stands otherwise."""
AT_RELEASE = ("release", "recall")
"""The steps of holds that are about goods which shall leave."""


def review(books: Books, message: Message) -> str | None:
    """review.requested: decided on again where master data now say something else of it. What people hold stays held."""
    document = cast(ReviewRequested, message.document)
    order = books.orders.get(document.order_no)
    if order is None:
        return f"order:{document.order_no}"
    facts = order.facts
    if document.kind == expiring.KIND:
        expiring.expire(books, order, document, message)
        return None
    if facts.rejected:
        return None
    if document.kind.startswith(CREDIT):
        look_at_credit(books, order, message)
    elif not facts.pending:
        _look_at_release(books, order, message)
    elif facts.holds or facts.approval:
        _decide_again(books, order, message, credit=document.kind == "customer.master")
    return None


def look_at_credit(books: Books, order: Order, message: Message) -> None:
    """Money has come: an order that waits for its buyer's credit goes on, where that bears it by now; else nothing happens."""
    held = {code for code in order.facts.holds if code.startswith("K_")}
    if not held or order.facts.rejected:
        return
    probe = chain.again(books, order)
    crediting.check(probe, order, books)
    if held <= set(probe.codes("hold")):
        return
    if order.facts.pending:
        _decide_again(books, order, message, credit=True)
    else:
        _look_at_release(books, order, message)


def _decide_again(books: Books, order: Order, message: Message, *, credit: bool) -> None:
    """credit: it may stand otherwise with the buyer's credit as well."""
    case = chain.again(books, order)
    before, fields = _held(order, "confirm"), fields_of(order)
    found = {code for code in (*case.codes("hold"), *case.codes("change")) if order.facts.waived.get(code) != fields}
    ours = {code for code in before if code.startswith("K_")}
    if before - ours == found and not (credit and ours) and not case.codes("reject"):
        return
    take_over(books, order, case)
    settle(books, order, case, "review", message)


def _look_at_release(books: Books, order: Order, message: Message) -> None:
    """Hold what waits for goods whose sale is stopped. What spoke against the release speaks again, or the goods may leave."""
    case = reserving.release_case(books, order)
    chain.check_release([case], books)
    held = _held(order, *AT_RELEASE)
    stopped = [one for one in case.decisions if one.code == RECALL and one.result == "hold" and _is_open(order, one.line_no)]
    if stopped and RECALL not in order.facts.holds and order.facts.waived.get(RECALL) != fields_of(order):
        order.facts.holds[RECALL] = {"owner": books.settings.holds.owner(RECALL), "step": "recall"}
        order.restate()
        recording.record(books, order, "recall", message, stopped)
        answering.hold(books, order, chain.again(books, order), message)
    gone = held - set(case.codes("hold")) - _recalled(books, order)
    if gone:
        _let_go(books, order, case, gone, message)


def _let_go(books: Books, order: Order, case: Case, codes: set[str], message: Message) -> None:
    """These holds are over: the goods may leave, unless something else is against it."""
    order.facts.holds = {code: hold for code, hold in order.facts.holds.items() if code not in codes}
    order.restate()
    recording.record(books, order, "review", message, case.decisions)
    books.releases[order.order_no] = case
    reserving.ask_for_shipments(books, order, message)


def _recalled(books: Books, order: Order) -> set[str]:
    """The code of a recall, where goods of any lot of the order's products are recalled still."""
    skus = {line.sku or line.item for line in order.document.lines}
    return {RECALL} if any(books.catalogue.recalls(sku) for sku in skus) else set()


def _is_open(order: Order, line_no: str | None) -> bool:
    line = order.lines.get(line_no or "")
    return line is not None and line.open > 0


def _held(order: Order, *steps: str) -> set[str]:
    """The codes it is held for since one of these steps."""
    return {code for code, hold in order.facts.holds.items() if hold["step"] in steps}
