"""All master data in force, in memory: what order, stock and invoice handlers look things up in."""

import heapq
import itertools
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar, cast

from canonical.documents.customers import CustomerMaster
from canonical.documents.licences import AuthorisationUpdated, LicenceUpdated
from canonical.documents.master import Master
from canonical.documents.prices import PriceList
from canonical.documents.products import ProductMaster
from canonical.documents.recalls import RecallOpened
from canonical.documents.registry import DOCUMENTS
from canonical.documents.warehouses import WarehouseMaster
from canonical.reading import read
from canonical.values import Party
from handlers.lookup.customers import Customers, Match
from handlers.lookup.payers import Payers
from handlers.lookup.prices import Offered, Prices
from handlers.lookup.products import NamedItem, Numbers, Products
from store import master
from store.database import Transaction, to_micros

Kind = Literal["products", "customers", "prices", "licences", "authorisations", "warehouses"]
KINDS: dict[Kind, str] = {
    "products": ProductMaster.message_type,
    "customers": CustomerMaster.message_type,
    "prices": PriceList.message_type,
    "licences": LicenceUpdated.message_type,
    "authorisations": AuthorisationUpdated.message_type,
    "warehouses": WarehouseMaster.message_type,
}
TRADE: tuple[Kind, ...] = ("customers", "products", "prices")
M = TypeVar("M", bound=Master)


class Owned(Generic[M]):
    """Records by whom or what they are about. owner: whose a record is; another edition may say otherwise than the first."""

    def __init__(self, owner: Callable[[M], str]) -> None:
        self._owner = owner
        self._owners: dict[str, str] = {}
        self._records: dict[str, dict[str, M]] = {}

    def put(self, record: M) -> None:
        key, owner = record.key(), self._owner(record)
        before = self._owners.get(key, owner)
        if before != owner:
            del self._records[before][key]
        self._owners[key] = owner
        self._records.setdefault(owner, {})[key] = record

    def of(self, owner: str) -> tuple[M, ...]:
        records = self._records.get(owner)
        return tuple(records.values()) if records else ()


class Catalogue:
    """The master data of one database. Each handler has its own; `refresh` brings it up to date at the begin of a batch.

    What look-ups give are the canonical documents themselves. Not to be shared between threads.
    """

    def __init__(self) -> None:
        self.changes = 0
        """How many records were taken over so far: nothing has changed while this has not."""
        self._known: dict[str, dict[Any, Any]] = {}
        self._knows_trade = False
        self._version = 0
        self._taken: dict[tuple[str, str], int] = {}
        self._upcoming: list[tuple[int, int, Master]] = []
        self._arrivals = itertools.count()
        self._products = Products()
        self.by_sku = self._products.by_sku
        self.named_by_sku = self._products.by_sku_alone
        self._prices = Prices()
        self._payers = Payers()
        self._customers = Customers()
        self._licences = Owned[LicenceUpdated](lambda licence: licence.customer_no)
        self._authorisations = Owned[AuthorisationUpdated](lambda authorisation: authorisation.dealer)
        self._recalls = Owned[RecallOpened](lambda recall: recall.sku)
        self._warehouses: dict[str, WarehouseMaster] = {}
        self._counts: dict[str, int] = {}
        self._put: dict[str, Callable[[Any], None]] = {
            "product.master": self._products.put,
            "customer.master": self._put_customer,
            "price.list": self._prices.put,
            "licence.updated": self._licences.put,
            "authorisation.updated": self._authorisations.put,
            "warehouse.master": self._put_warehouse,
            "recall.opened": self._recalls.put,
        }

    def refresh(self, tx: Transaction, now: datetime) -> None:
        """Take over what came since the last time, and what is in force from now on. One statement."""
        micros = to_micros(now)
        for row in master.changed_since(tx, self._version, now=micros):
            self._version = max(self._version, row.version)
            document = cast(Master, read(DOCUMENTS[row.kind], row.body))
            heapq.heappush(self._upcoming, (row.as_of, next(self._arrivals), document))
        while self._upcoming and self._upcoming[0][0] <= micros:
            as_of, _, document = heapq.heappop(self._upcoming)
            self._take(document, as_of)

    def take(self, *documents: Master) -> None:
        """Take documents over as if they had just been read, whatever instant they are as of."""
        for document in documents:
            self._take(document, to_micros(document.as_of))

    def known(self, about: str) -> dict[Any, Any]:
        """What was worked out about something, by question: whoever fills it in asks of nothing but master data, and keeps it
        small (`keep_few`). Forgotten as soon as any master data change."""
        return self._known.setdefault(about, {})

    def knows(self, kind: Kind) -> bool:
        """Whether any master data of that kind are loaded."""
        return self._counts.get(KINDS[kind], 0) > 0

    @property
    def knows_trade(self) -> bool:
        """Whether any master data about buyers, goods and prices are loaded."""
        return self._knows_trade

    def product(self, sku: str) -> ProductMaster | None:
        return self._products.by_sku.get(sku)

    def products(self) -> Sequence[ProductMaster]:
        return tuple(self._products.by_sku.values())

    def identified(self, line: NamedItem, customer_no: str | None = None) -> dict[str, ProductMaster]:
        """What each number of a line names: {`sku`, `gtin`, ...: product}, the most telling number first."""
        return self.named(line, self.item_ids(customer_no) if customer_no is not None else {})

    def named(self, line: NamedItem, item_ids: Numbers) -> dict[str, ProductMaster]:
        """The same for a buyer whose own numbers are known already, as those of many lines are."""
        return self._products.identified(line, item_ids)

    def item_ids(self, customer_no: str) -> Numbers:
        """A customer's own item numbers to our SKU."""
        customer = self.customer_in_force(customer_no)
        return customer.item_ids if customer is not None else {}

    def own_item_ids(self, customer: CustomerMaster) -> Numbers:
        """The same of a customer at hand."""
        return customer.item_ids if customer.merged_into is None else self.item_ids(customer.customer_no)

    def find_product(self, line: NamedItem, customer_no: str | None = None) -> ProductMaster | None:
        """The product a line means: by SKU, the customer's own number, GTIN (of any pack), UDI-DI, maker's number, further ids."""
        return next(iter(self.identified(line, customer_no).values()), None)

    def customer(self, customer_no: str) -> CustomerMaster | None:
        return self._customers.by_no.get(customer_no)

    def customer_in_force(self, customer_no: str) -> CustomerMaster | None:
        """The customer of that number, or the one that took it over."""
        return self._customers.in_force(customer_no)

    def find_customers(self, party: Party, source: str, *, alike: bool = True) -> Match:
        """Who a party is that an endpoint names: by its numbers, else (where `alike`) those that are like it, the best first."""
        return self._customers.find(party, source, alike=alike)

    def customers_paying_from(self, account: str) -> frozenset[str]:
        """The customers whose records name this account (`handlers/lookup/payers.py:account_key`) as theirs."""
        return self._payers.of(account)

    def offered(self, product: ProductMaster) -> Offered:
        """Policies whose selector fits the product, by whom they are for; validity, the rest of the buyer, quantity and currency
        are the caller's to compare. With the floors."""
        return self._prices.offered(product)

    def price_list(self, list_id: str) -> PriceList | None:
        return self._prices.lists.get(list_id)

    def licences(self, customer_no: str) -> Sequence[LicenceUpdated]:
        """All licences of a customer, valid or not, by number."""
        return self._licences.of(customer_no)

    def authorisations(self, customer_no: str) -> Sequence[AuthorisationUpdated]:
        """All authorisations of a dealer, valid or not."""
        return self._authorisations.of(customer_no)

    def recalls(self, sku: str) -> Sequence[RecallOpened]:
        """Open recalls of a product."""
        opened = self._recalls.of(sku)
        return tuple(recall for recall in opened if recall.status == "open") if opened else ()

    def warehouse(self, location: str) -> WarehouseMaster | None:
        return self._warehouses.get(location)

    def _take(self, document: Master, as_of: int) -> None:
        key = (document.message_type, document.key())
        taken = self._taken.get(key)
        if taken is not None and taken >= as_of:
            return
        self._taken[key] = as_of
        self.changes += 1
        self._known.clear()
        if taken is None:
            self._counts[document.message_type] = self._counts.get(document.message_type, 0) + 1
            self._knows_trade = any(self.knows(kind) for kind in TRADE)
        self._put[document.message_type](document)

    def _put_customer(self, customer: CustomerMaster) -> None:
        self._customers.put(customer)
        self._payers.put(customer)

    def _put_warehouse(self, warehouse: WarehouseMaster) -> None:
        self._warehouses[warehouse.location] = warehouse
