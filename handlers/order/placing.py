"""A placed order: taken on and answered, or held until people or data have decided; a later copy of it changes it."""

from collections.abc import Sequence
from typing import cast

from canonical.documents.orders import OrderPlaced
from canonical.envelope import Message
from handlers.order import chain, changing
from handlers.order.books import Books, Order
from handlers.order.cases import case_of, take_over
from handlers.order.confirming import settle
from handlers.order.facts import Facts
from handlers.order.terms import terms_of


def prepare(books: Books, batch: Sequence[Message]) -> None:
    """Have the policies look at every order and newer copy that the batch places; lock the credit accounts concerned."""
    for message in batch:
        if message.type == "order.placed":
            document = cast(OrderPlaced, message.document)
            known = books.orders.get(document.order_no)
            if known is None or known.revision < document.revision:
                books.cases[message.message_id] = case_of(books, document, message.source)
    cases = list(books.cases.values())
    chain.begin(cases, books)
    books.lock_accounts(case.customer for case in cases)


def place(books: Books, message: Message) -> str | None:
    """order.placed. A copy of the revision in force changes nothing."""
    document = cast(OrderPlaced, message.document)
    known = books.orders.get(document.order_no)
    if known is not None:
        if document.revision != known.revision or changing.only_by_differences(known, document.revision):
            changing.supersede(books, known, message)
        return None
    facts = Facts(pending="new")
    if document.revision:
        facts.revised = {"from": document.revision, "at": changing.made_at(document, message)}
    order = Order(document.order_no, message.source, document, facts, terms_of(document), document.revision, placed_by=message)
    books.orders[order.order_no] = order
    books.outcome.arrived.update((f"order:{order.order_no}", f"revision:{order.order_no}:{order.revision}"))
    case = chain.prepared(books, message)
    take_over(books, order, case)
    settle(books, order, case, "confirm", message)
    chain.remember(case, books)
    return None
