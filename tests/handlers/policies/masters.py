"""Master data, cases and catalogues of the sizes a policy test needs."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from canonical.documents.customers import CustomerMaster
from canonical.documents.orders import OrderPlaced
from canonical.documents.prices import PriceList
from canonical.documents.products import ProductMaster
from handlers.catalogue import Catalogue
from handlers.order.policies.base import Case

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
DAY = date(2026, 11, 20)


def product(sku: str = "A", **fields: Any) -> ProductMaster:
    return ProductMaster.model_validate({"sku": sku, "as_of": NOW, "name": sku, **exact(fields)})


def customer(customer_no: str = "D1", **fields: Any) -> CustomerMaster:
    return CustomerMaster.model_validate({"customer_no": customer_no, "as_of": NOW, "name": customer_no, **fields})


def price_list(*policies: Mapping[str, Any], list_id: str = "CN", currency: str = "CNY", **more: Any) -> PriceList:
    listed = PriceList.model_validate(
        {
            "list_id": list_id, "version": "1", "as_of": NOW, "currency": currency, "valid_from": "2026-01-01",
            "policies": [exact(policy) for policy in policies], **exact(more),
        }
    )  # fmt: skip
    listed.check()
    return listed


def catalogue_of(*documents: Any) -> Catalogue:
    catalogue = Catalogue()
    catalogue.take(*documents)
    return catalogue


def order(*lines: Mapping[str, Any], **more: Any) -> OrderPlaced:
    """Lines as {sku, qty, uom, unit_price...}, numbered from 1; amounts are filled in."""
    return OrderPlaced.model_validate(
        {
            "order_no": "SO-1", "channel": "edi", "sold_to": {"party_id": "D1"}, "ship_to": {"party_id": "D1", "region": "310115"},
            "currency": "CNY", "price_date": DAY, "lines": [_line(number, line) for number, line in enumerate(lines, 1)],
            **exact(more),
        }
    )  # fmt: skip


def _line(number: int, fields: Mapping[str, Any]) -> dict[str, Any]:
    told = {"line_no": str(number), "sku": "A", "qty": "1", "uom": "EA", **fields}
    return exact(
        {name: value for name, value in told.items() if name != "uom"} | {"qty": {"value": told["qty"], "uom": told["uom"]}}
    )


def case(placed: OrderPlaced, catalogue: Catalogue, buyer: CustomerMaster | None = None) -> Case:
    """A case whose customer and products have been found."""
    made = Case(order=placed, origin="dealer-acme", now=NOW, ship_date=DAY, customer=buyer)
    for line in placed.lines:
        found = catalogue.find_product(line)
        if found is not None:
            made.products[line.line_no] = found
    return made


NUMBERS = {
    "value", "qty", "price", "min_qty", "pct_off", "amount_off", "unit_price", "line_amount", "moq", "multiple", "max_qty",
    "amount", "rate_pct", "price_base_qty",
}  # fmt: skip


def exact(value: Any, name: str = "") -> Any:
    """Texts and whole numbers under names of amounts as Decimal, however deep."""
    if isinstance(value, Mapping):
        return {key: exact(inner, key) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [exact(inner) for inner in value]
    return Decimal(value) if name in NUMBERS and isinstance(value, (str, int)) else value
