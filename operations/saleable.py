"""What a customer may buy: every product judged as the order handler would, what was bought before first (domain R3)."""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from pydantic import Field

from canonical.documents.customers import CustomerMaster
from canonical.documents.orders import SalesChannel
from canonical.documents.products import ProductMaster
from canonical.regions import region_of
from handlers.catalogue import Catalogue
from handlers.order.policies.saleable import INSTITUTIONS, Sale, org_type_of, reasons
from handlers.order.policies.settings import Policies
from handlers.territory import Place
from operations import cursors
from operations.failing import NotFound
from operations.views import Page, View
from store import business
from store.database import Database


class ReasonAgainst(View):
    """Why a product may not be sold: a code of `docs/codes.md`, in words."""

    code: str = Field(examples=["C_LICENCE"])
    text: str


class SaleableProduct(View):
    """A product as one customer sees it. orders: how many orders of the customer had it."""

    sku: str
    name: str
    product_line: str | None
    device_class: str | None
    orders: int
    saleable: bool
    reasons: list[ReasonAgainst]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked. region: where goods go, the customer's where absent; day: of shipping. refused: also what may not be sold."""

    channel: SalesChannel
    day: date
    region: str | None = None
    refused: bool = False


@dataclass(slots=True)
class Shelf:
    """The products of a hub, with master data in memory. One question at a time: the catalogue is nobody else's meanwhile."""

    settings: Policies = field(default_factory=Policies)
    catalogue: Catalogue = field(default_factory=Catalogue)
    asking: threading.Lock = field(default_factory=threading.Lock)

    def saleable(
        self, database: Database, customer_no: str, wanted: Wanted, *, now: datetime, cursor: str | None = None, limit: int = 50
    ) -> Page[SaleableProduct]:
        """Products a customer may buy, the most often ordered first, then by SKU. NotFound, BadCursor."""
        (start,) = cursors.read(cursor, "saleable", int) if cursor else (0,)
        with self.asking:
            with database.reading(scans=True) as tx:
                self.catalogue.refresh(tx, now)
                bought = business.bought_by(tx, customer_no)
            customer = self.catalogue.customer_in_force(customer_no)
            if customer is None:
                raise NotFound("customer.master", customer_no)
            judged = [*self._judged(customer, wanted, bought)]
        found = sorted((one for one in judged if one.saleable or wanted.refused), key=lambda one: (-one.orders, one.sku))
        more = cursors.write("saleable", start + limit) if len(found) > start + limit else None
        return Page(items=found[max(start, 0) : start + limit], next=more)

    def _judged(self, customer: CustomerMaster, wanted: Wanted, bought: Mapping[str, int]) -> Iterator[SaleableProduct]:
        org_type = org_type_of(customer)
        hospital = frozenset({customer.customer_no}) if org_type in INSTITUTIONS else frozenset[str]()
        place = Place(wanted.region or region_of(customer), hospital)
        sale = Sale(customer, place, wanted.channel, wanted.day, self.catalogue, self.settings.saleable)
        for product in self.catalogue.products():
            against = [ReasonAgainst(code=one.code, text=one.text) for one in reasons(sale, product)]
            yield _seen(product, bought.get(product.sku, 0), against)


def _seen(product: ProductMaster, orders: int, against: list[ReasonAgainst]) -> SaleableProduct:
    return SaleableProduct(
        sku=product.sku,
        name=product.name,
        product_line=product.product_line,
        device_class=product.device_class,
        orders=orders,
        saleable=not against,
        reasons=against,
    )
