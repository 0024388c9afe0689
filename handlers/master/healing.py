"""Orders that new master data may help: those that wait, and are held for what a record of that kind can mend (domain R3, R4)."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson

from canonical.documents.master import (
    AuthorisationUpdated,
    CustomerMaster,
    LicenceUpdated,
    PriceList,
    ProductMaster,
    RecallOpened,
)
from canonical.documents.reviews import ReviewRequested
from canonical.envelope import Message
from canonical.handling import Outcome
from store import orders
from store.database import Row, Transaction

PAGE = 2000
"""Waiting orders looked at with one statement."""
HEALS: Mapping[str, tuple[str, ...]] = {
    "product.master": ("E_", "C_", "M_", "P_"),
    "customer.master": ("E_", "C_", "M_", "P_", "K_"),
    "price.list": ("P_",),
    "licence.updated": ("C_LICENCE", "C_SCOPE"),
    "authorisation.updated": ("C_AUTH_REGION", "C_DIVERSION"),
    "recall.opened": ("C_RECALL",),
}
"""How the codes of holds begin that a record of a kind can mend."""


def ask_for_review(batch: Sequence[Message], tx: Transaction, version: int, outcome: Outcome) -> None:
    """Have every waiting order that a record of the batch is about decided on again: `review.requested`, once for each version."""
    records = [message for message in batch if message.type in HEALS]
    for order in _waiting(tx) if records else ():
        codes = orjson.loads(order.holds or "{}")
        helpful = next((one for one in records if _mends(one, codes) and ABOUT[one.type](one.document, order)), None)
        if helpful is not None:
            outcome.emit(ReviewRequested(order_no=order.order_no, version=version, kind=helpful.type, key=helpful.subject), helpful)


def _waiting(tx: Transaction) -> Iterator[Row]:
    after = ""
    while True:
        page = orders.waiting(tx, after=after, limit=PAGE)
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1].order_no


def _mends(record: Message, codes: Iterable[str]) -> bool:
    return any(code.startswith(HEALS[record.type]) for code in codes)


def _of_product(product: ProductMaster, order: Row) -> bool:
    """Whether any number of the product stands on the order's lines."""
    gtins = [gtin.lstrip("0") for gtin in (product.gtin, *(unit.gtin for unit in product.units)) if gtin]
    names = [product.sku, product.mpn, product.udi_di, *product.ids.values()]
    return any(f'"{name}"' in order.lines for name in names if name) or any(f'{gtin}"' in order.lines for gtin in gtins)


def _of_customer(customer: CustomerMaster, order: Row) -> bool:
    """Its own orders, and those of nobody we know or are sure of."""
    return order.customer_no in (None, customer.customer_no) or "M_CUSTOMER_REVIEW" in (order.holds or "")


def _of_licence(licence: LicenceUpdated, order: Row) -> bool:
    return bool(order.customer_no == licence.customer_no)


def _of_dealer(authorisation: AuthorisationUpdated, order: Row) -> bool:
    return bool(order.customer_no == authorisation.dealer)


def _of_recall(recall: RecallOpened, order: Row) -> bool:
    return f'"{recall.sku}"' in order.lines


def _of_prices(prices: PriceList, order: Row) -> bool:
    return True


ABOUT: Mapping[str, Callable[[Any, Row], bool]] = {
    "product.master": _of_product,
    "customer.master": _of_customer,
    "price.list": _of_prices,
    "licence.updated": _of_licence,
    "authorisation.updated": _of_dealer,
    "recall.opened": _of_recall,
}
"""Whether a record is about an order."""
