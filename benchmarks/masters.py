"""Master data for the benchmark's orders: 5,000 products, 500 customers, 2,000 list prices and more, so that every order passes.

Alike on every run. The shop's 5,000 buyers are spread over the customers; goods 0 to SKUS-1 have the price the orders state.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

from benchmarks import orders
from canonical.documents.customers import CustomerMaster, ExternalId
from canonical.documents.licences import AuthorisationUpdated, LicenceUpdated
from canonical.documents.master import Master
from canonical.documents.prices import Break, Floor, PriceList, PricePolicy, Selector
from canonical.documents.products import Certificate, ProductMaster, Unit

PRODUCTS, CUSTOMERS, BUYERS, LINES = 5_000, 500, 5_000, 20
CONTRACTS, PROMOTIONS = 500, 100
FIRST = date(2020, 1, 1)
AS_OF = datetime(2020, 1, 1, tzinfo=UTC)
SOURCE = "shop-bench"
FIRST_BUYER = 700_000_000_000
DEALERS = 100
"""Of the customers so many are dealers, the others hospitals."""


def documents() -> list[Master]:
    """All of it."""
    return [*_products(), *_customers(), *_permissions(), price_list()]


def _products() -> Iterator[Master]:
    for goods in range(PRODUCTS):
        yield ProductMaster(
            as_of=AS_OF, sku=orders.sku(goods), name=f"Product {goods}", product_line=_line(goods),
            category_code=f"{goods % 22 + 1:02}", device_class="II",
            certificates=(Certificate(number=f"沪械注准2020214{goods:04}", valid_from=FIRST),),
            units=(Unit(uom="XBX", numerator=10),), lot_controlled=goods % 2 == 0,
        )  # fmt: skip


def _customers() -> Iterator[Master]:
    for number in range(CUSTOMERS):
        buyers = range(number, BUYERS, CUSTOMERS)
        yield CustomerMaster(
            as_of=AS_OF, customer_no=f"C{number}", name=f"Customer {number}", group=f"G{number % 10}",
            org_type="dealer_t1" if number < DEALERS else "hospital", tier=1 if number < DEALERS else None, region="DE",
            external_ids=tuple(ExternalId(source=SOURCE, id=str(FIRST_BUYER + buyer)) for buyer in buyers),
        )  # fmt: skip


def _permissions() -> Iterator[Master]:
    for number in range(CUSTOMERS):
        kind = "operating_filing" if number < DEALERS else "medical_institution"
        yield LicenceUpdated(as_of=AS_OF, licence_no=f"LIC-{number}", customer_no=f"C{number}", kind=kind, valid_from=FIRST)  # type: ignore[arg-type]
    for number in range(DEALERS):
        lines = tuple(f"L{n}" for n in range(LINES))
        yield AuthorisationUpdated(
            as_of=AS_OF, authorisation_no=f"A-{number}", dealer=f"C{number}", product_lines=lines, regions=("DE",)
        )


def price_list() -> PriceList:
    """The price of every SKU ordered; contracts and promotions that are looked at and do not fit, or are dearer."""
    return PriceList(
        as_of=AS_OF, list_id="BENCH", version="1", currency=orders.CURRENCY, valid_from=FIRST, policies=(*_listed(), *_others()),
        floors=tuple(Floor(sku=orders.sku(goods), price=Decimal(1)) for goods in range(orders.SKUS)),
    )  # fmt: skip


def _listed() -> Iterator[PricePolicy]:
    for goods in range(orders.SKUS):
        cents = Decimal(orders.cents(goods)).scaleb(-2)
        steps = (Break(price=cents), Break(min_qty=Decimal(50), price=cents / 2))
        yield PricePolicy(policy_id=f"L{goods}", kind="list", selector=Selector(sku=orders.sku(goods)), breaks=steps)


def _others() -> Iterator[PricePolicy]:
    for number in range(CONTRACTS):
        selector = Selector(customer=f"C{number % CUSTOMERS}", product_line=_line(number))
        yield PricePolicy(policy_id=f"K{number}", kind="contract", selector=selector, breaks=(Break(price=Decimal(1_000)),))
    for number in range(PROMOTIONS):
        selector = Selector(product_line=_line(number), group=f"G{number % 10}")
        steps: Sequence[Break] = (Break(min_qty=Decimal(20), pct_off=Decimal(5)),)
        yield PricePolicy(policy_id=f"P{number}", kind="promo", selector=selector, breaks=tuple(steps), stackable=number % 2 == 0)


def _line(number: int) -> str:
    return f"L{number % LINES}"
