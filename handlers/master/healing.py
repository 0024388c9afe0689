"""Orders that new master data may help or stop: those that are held for what a record of that kind can mend (domain R3, R4), and
those that wait for goods of which the sale is stopped."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

import orjson

from canonical.documents.base import is_a
from canonical.documents.customers import CustomerMaster
from canonical.documents.licences import AuthorisationUpdated, LicenceUpdated
from canonical.documents.master import Master
from canonical.documents.prices import PriceList
from canonical.documents.products import ProductMaster
from canonical.documents.recalls import RecallOpened
from canonical.documents.reviews import ReviewRequested
from canonical.envelope import Message
from canonical.handling import Outcome
from canonical.lean import lean
from store import orders, stock
from store.database import Row, Transaction

review_requested = lean(ReviewRequested)

PAGE = 2000
"""Waiting orders looked at with one statement."""
MANY = 1000
"""More records than that are not compared with an order one by one."""
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
    """Have every order that a record of the batch may help or stop decided on again: `review.requested`, once for each version."""
    told = {id(message.document): message for message in batch}
    for order_no, record in concerned([cast(Master, message.document) for message in batch], tx):
        outcome.emit(review_of(order_no, record, version), told[id(record)] if record is not None else batch[0])


def review_of(order_no: str, record: Master | None, version: int, looked_at: datetime | None = None) -> ReviewRequested:
    """That an order goes before the policies once more because of a record, or of master data in general."""
    kind, key = ("clock", "master data") if record is None else (record.message_type, record.key())
    return review_requested(order_no=order_no, version=version, kind=kind, key=key, looked_at=looked_at)


def concerned(records: Sequence[Master], tx: Transaction) -> Iterator[tuple[str, Master | None]]:
    """(number, record) of every order that is held for what one of the records may mend, or waits for goods that it stops the sale
    of.

    Without a record where there are too many to look for in every order.
    """
    found: set[str] = set()
    helpful = [record for record in records if record.message_type in HEALS]
    for order in _waiting(tx) if helpful else ():
        codes = orjson.loads(order.holds or "{}")
        mending = [record for record in helpful if _mends(record, codes)]
        about = mending[:1] if len(mending) > MANY else [one for one in mending if ABOUT[one.message_type](one, order)]
        if about:
            found.add(order.order_no)
            yield order.order_no, about[0] if len(mending) <= MANY else None
    stopped = {item: record for record in records if (item := _stopped_by(record)) is not None}
    for order_no, item in stock.lines_waiting(tx, stopped) if stopped else ():
        if order_no not in found:
            found.add(order_no)
            yield order_no, stopped[item]


def _stopped_by(record: Master) -> str | None:
    """The item that must not be sold any more because of a record."""
    if is_a(record, RecallOpened):
        return record.sku if record.status == "open" else None
    return record.sku if is_a(record, ProductMaster) and record.status == "stop_sale" else None


def _waiting(tx: Transaction) -> Iterator[Row]:
    after = ""
    while True:
        page = orders.waiting(tx, after=after, limit=PAGE)
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1].order_no


def _mends(record: Master, codes: Iterable[str]) -> bool:
    return any(code.startswith(HEALS[record.message_type]) for code in codes)


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
