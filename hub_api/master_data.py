"""Asking about products, customers, prices, warehouses and recalls. Sending them is `POST /in/master-data`."""

from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from canonical.documents.orders import SalesChannel
from hub_api.access import Hub, require_operator, require_plain_text
from hub_api.pages import WantedPage
from hub_api.problems import described
from operations import master_data
from operations.master_data import CustomerView, MasterRecord, MasterView, ProductView
from operations.saleable import SaleableProduct, Wanted
from operations.views import Page

router = APIRouter(
    tags=["master data"],
    dependencies=[Depends(require_operator), Depends(require_plain_text)],
    responses=described(401, 403, 422, 503),
)


@router.get("/products", responses=described(400))
def products(hub: Hub, page: WantedPage) -> Page[MasterRecord]:
    """Products as they are now, by SKU."""
    return _listed(hub, "product.master", page)


@router.get("/products/{sku:path}", responses=described(404))
def product(hub: Hub, sku: str) -> ProductView:
    """One product with its editions and recalls."""
    return master_data.product(hub.database, sku, now=datetime.now(UTC))


@router.get("/customers", responses=described(400))
def customers(hub: Hub, page: WantedPage) -> Page[MasterRecord]:
    """Customers as they are now, by number; pending ones too."""
    return _listed(hub, "customer.master", page)


@router.get("/customers/{customer_no:path}/saleable", responses=described(400, 404))
def saleable(
    hub: Hub,
    page: WantedPage,
    customer_no: str,
    channel: SalesChannel = "dealer_portal",
    region: Annotated[
        str | None, Query(max_length=20, description="Where goods go (GB/T 2260); the customer's where absent.")
    ] = None,
    day: Annotated[date | None, Query(description="Of shipping; today where absent.")] = None,
    refused: Annotated[bool, Query(description="Also what may not be sold, with the reasons.")] = False,
) -> Page[SaleableProduct]:
    """What a customer may buy, judged as the order handler would, what it ordered most often first."""
    now = datetime.now(UTC)
    wanted = Wanted(channel, day or now.date(), region, refused)
    return hub.shelf.saleable(hub.database, customer_no, wanted, now=now, cursor=page.cursor, limit=page.limit)


@router.get("/customers/{customer_no:path}", responses=described(404))
def customer(hub: Hub, customer_no: str) -> CustomerView:
    """One customer with its editions, licences and authorisations."""
    return master_data.customer(hub.database, customer_no, now=datetime.now(UTC))


@router.get("/price-lists", responses=described(400))
def price_lists(hub: Hub, page: WantedPage) -> Page[MasterRecord]:
    """Price lists as they are now, by id."""
    return _listed(hub, "price.list", page)


@router.get("/price-lists/{list_id:path}", responses=described(404))
def price_list(hub: Hub, list_id: str) -> MasterView:
    """One price list with its editions."""
    return master_data.record(hub.database, "price.list", list_id, now=datetime.now(UTC))


@router.get("/warehouses", responses=described(400))
def warehouses(hub: Hub, page: WantedPage) -> Page[MasterRecord]:
    """Warehouses and consigned places as they are now."""
    return _listed(hub, "warehouse.master", page)


@router.get("/recalls", responses=described(400))
def recalls(hub: Hub, page: WantedPage) -> Page[MasterRecord]:
    """Recalls, open and closed."""
    return _listed(hub, "recall.opened", page)


def _listed(hub: Hub, kind: str, page: WantedPage) -> Page[MasterRecord]:
    return master_data.records(hub.database, kind, now=datetime.now(UTC), cursor=page.cursor, limit=page.limit)
