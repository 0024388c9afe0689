"""What was read and decided of orders lately: the next message of an order mostly comes soon."""

from collections import OrderedDict
from collections.abc import Collection
from datetime import date
from typing import Any

import msgspec

from canonical.documents.customers import CustomerMaster
from canonical.documents.orders import OrderPlaced
from canonical.documents.products import ProductMaster
from canonical.reading import read
from handlers.order.policies.base import Case, Decision
from handlers.order.terms import Terms, terms_of

MOST = 2000


class Documents:
    """Parses the document of an order once while it is remembered. What tells which one it is, is compared, so that it cannot be
    another one: the id of the message that placed the order, whose document never changes, or else its text."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, tuple[str, Terms]] = OrderedDict()

    def keep(self, which: str, terms: Terms) -> None:
        """Remember a parsed document and what it says; the oldest goes when there are too many."""
        _keep(self._known, terms.document.order_no, (which, terms))

    def forget(self, order_no: str) -> None:
        """Nobody is expected to ask for it soon: its memory, which is at hand in the processor's caches, is the next one's."""
        self._known.pop(order_no, None)

    def known(self, order_no: str, which: str) -> Terms | None:
        """This document of an order, if it is remembered."""
        known = self._known.get(order_no)
        return known[1] if known is not None and known[0] == which else None

    def read(self, order_no: str, which: str, text: str) -> Terms:
        """This document of an order, from its text."""
        terms = terms_of(read(OrderPlaced, text))
        if order_no in self._known or len(self._known) < MOST:  # behind a backlog, it would push out one that is asked for next
            self.keep(which, terms)
        return terms


class Grounds(msgspec.Struct, frozen=True):
    """Everything that policies go by which are asked again before goods leave. changes: of the master data so far."""

    document: OrderPlaced
    origin: str
    customer: CustomerMaster | None
    private_buyer: bool
    day: date
    changes: int

    def still_hold(self, case: Case, changes: int) -> bool:
        """Whether nothing is otherwise now. Documents and customers are compared as objects: cheap, and never wrong."""
        same = self.document is case.order and self.customer is case.customer and self.private_buyer is case.private_buyer
        return same and self.changes == changes and self.day == case.ship_date and self.origin == case.origin


class Checks:
    """What policies said of an order when it was placed, by its number."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, tuple[Grounds, dict[str, ProductMaster], tuple[Decision, ...]]] = OrderedDict()

    def keep(self, case: Case, changes: int, policies: Collection[str]) -> None:
        """Remember the products of a case and what these policies said of it."""
        grounds = Grounds(case.order, case.origin, case.customer, case.private_buyer, case.ship_date, changes)
        said = tuple([decision for decision in case.decisions if decision.policy in policies])
        _keep(self._known, case.order.order_no, (grounds, case.products, said))

    def forget(self, order_no: str) -> None:
        """Its goods were asked for."""
        self._known.pop(order_no, None)

    def answer(self, case: Case, changes: int) -> bool:
        """Fill a case in with what is remembered; False where nothing is, or it may be otherwise now."""
        known = self._known.get(case.order.order_no)
        if known is None or not known[0].still_hold(case, changes):
            return False
        case.products = known[1]
        case.decisions += known[2]
        return True


def _keep(known: OrderedDict[str, Any], key: str, value: object) -> None:
    """The oldest goes when there are too many. A plain dict would search for it past all that went before."""
    if len(known) >= MOST:
        known.popitem(last=False)
    known[key] = value
