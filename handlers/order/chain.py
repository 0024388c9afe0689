"""The chain of policies an order goes through before it is confirmed, in their order; each works on a whole batch of cases.

Who buys, what it is, whether it may be sold, in which quantity, at what price, is asked of master data alone. Credit depends
on the orders before it, approval on everything else: these two come last, order by order.
"""

from collections.abc import Callable, Collection, Sequence
from typing import cast

from canonical.documents.orders import OrderPlaced
from canonical.envelope import Message
from handlers.catalogue import Catalogue
from handlers.order import crediting
from handlers.order.books import Books, Order
from handlers.order.cases import case_of
from handlers.order.policies import approval, customer, price, product, quantity, saleable
from handlers.order.policies.base import Case, Decision
from handlers.order.policies.settings import Policies

Policy = Callable[[Sequence[Case], Catalogue, Policies], None]

UNKNOWN = tuple(Decision(policy.NAME, "unchecked") for policy in (customer, product, saleable, quantity))
NOBODY_ASKED = Decision(approval.NAME, "unchecked")
"""What is said where no master data are loaded: always the same, so it is made once."""
POLICIES: tuple[Policy, ...] = (customer.decide, product.decide, saleable.decide, quantity.decide, price.decide)
BEFORE_SHIPPING = (product, saleable)
ASKED_AGAIN = frozenset(policy.NAME for policy in BEFORE_SHIPPING)


def begin(cases: Sequence[Case], books: Books) -> None:
    """Have every policy that goes by master data say what it thinks of every case. Without any, none but the price can be told."""
    if not books.knows_trade:
        for case in cases:
            case.decisions += UNKNOWN
        price.decide(cases, books.catalogue, books.settings)
        return
    for policy in POLICIES:
        policy(cases, books.catalogue, books.settings)


def prepared(books: Books, message: Message) -> Case:
    """The case of the order a message places, as far as master data decide; made now where nobody did before."""
    case = books.cases.get(message.message_id)
    if case is None:
        case = case_of(books, cast(OrderPlaced, message.document), message.source)
        begin([case], books)
    return case


def again(books: Books, order: Order) -> Case:
    """The order before the policies once more, with what is known now."""
    case = case_of(books, order.document, order.origin)
    begin([case], books)
    return case


def finish(case: Case, order: Order, books: Books) -> None:
    """Credit as it stands after everything before, then who has to approve."""
    crediting.check(case, order, books)
    if not books.knows_trade:
        case.decide(NOBODY_ASKED)
        return
    approval.decide([case], books.catalogue, books.settings)


def check_release(cases: Collection[Case], books: Books) -> None:
    """Whether the goods may still be sold on the day they leave. The customers are in the cases already. What was found when the
    order was placed is said again where nothing that it went by has changed."""
    asked = [case for case in cases if not books.checks.answer(case, books.catalogue.changes)]
    for policy in BEFORE_SHIPPING:
        policy.decide(asked, books.catalogue, books.settings)


def remember(case: Case, books: Books) -> None:
    """Goods of an order that was placed will soon leave: what `check_release` would find is known already."""
    books.checks.keep(case, books.catalogue.changes, ASKED_AGAIN)
