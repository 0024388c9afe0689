"""An order that waits goes before the policies once more, because master data have come that may mend what it is held for."""

from typing import cast

from canonical.documents.reviews import ReviewRequested
from canonical.envelope import Message
from handlers.order import chain, reserving
from handlers.order.books import Books, Order
from handlers.order.cases import take_over
from handlers.order.confirming import fields_of, settle


def review(books: Books, message: Message) -> str | None:
    """review.requested: decided on again where master data now say something else of it. What people hold stays held."""
    document = cast(ReviewRequested, message.document)
    order = books.orders.get(document.order_no)
    if order is None:
        return f"order:{document.order_no}"
    if order.facts.rejected or not (order.facts.holds or order.facts.approval):
        return None
    if order.facts.pending:
        _decide_again(books, order, message, credit=document.kind == "customer.master")
    else:
        _release_again(books, order, message)
    return None


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


def _release_again(books: Books, order: Order, message: Message) -> None:
    """What spoke against the release speaks again, or the goods may leave."""
    codes = _held(order, "release")
    if not codes:
        return
    case = reserving.release_case(books, order)
    chain.check_release([case], books)
    if codes <= set(case.codes("hold")):
        return
    order.facts.holds = {code: hold for code, hold in order.facts.holds.items() if hold["step"] != "release"}
    order.restate()
    books.releases[order.order_no] = case
    reserving.ask_for_shipments(books, order, message)


def _held(order: Order, step: str) -> set[str]:
    """The codes it is held for since that step."""
    return {code for code, hold in order.facts.holds.items() if hold["step"] == step}
