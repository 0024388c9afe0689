"""Customers, products and cases as the policies about buyers and goods see them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from canonical.documents.customers import CustomerMaster
from canonical.documents.licences import AuthorisationUpdated, LicenceUpdated
from canonical.documents.master import Master
from canonical.documents.orders import OrderPlaced
from canonical.documents.products import ProductMaster
from handlers.catalogue import Catalogue
from handlers.order.policies.base import Case

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
DAY = date(2026, 11, 20)


def customer(customer_no: str, **fields: Any) -> CustomerMaster:
    return CustomerMaster.model_validate({"customer_no": customer_no, "as_of": NOW, "name": customer_no, **fields})


def product(sku: str = "P-1", **fields: Any) -> ProductMaster:
    return ProductMaster.model_validate({"sku": sku, "as_of": NOW, "name": sku, **fields})


def licence(customer_no: str, kind: str = "operating_licence", **fields: Any) -> LicenceUpdated:
    return LicenceUpdated.model_validate(
        {"licence_no": f"{customer_no} {kind}", "customer_no": customer_no, "kind": kind, "as_of": NOW, **fields}
    )


def authorisation(number: str, **fields: Any) -> AuthorisationUpdated:
    return AuthorisationUpdated.model_validate({"authorisation_no": number, "dealer": "D-1", "as_of": NOW, **fields})


def catalogue_of(*documents: Master) -> Catalogue:
    catalogue = Catalogue()
    catalogue.take(*documents)
    return catalogue


def case(*lines: dict[str, Any], source: str = "dealer-acme", ship_date: date = DAY, **fields: Any) -> Case:
    """An order of lines ({sku: ...}), one piece each, from and to a party of its own."""
    asked = [
        {"line_no": str(number), "qty": {"value": Decimal(1)}, **line} for number, line in enumerate(lines or ({"sku": "P-1"},), 1)
    ]
    order = OrderPlaced.model_validate(
        {
            "order_no": "SO-1", "channel": "edi", "sold_to": {"party_id": "X"}, "ship_to": {"party_id": "X", "region": "310115"},
            "currency": "CNY", "price_date": DAY, "lines": asked, **fields,
        }
    )  # fmt: skip
    return Case(order, source, NOW, ship_date)


def said(decided: Case) -> list[tuple[str, str | None, str | None]]:
    """(result, code, line) of every decision."""
    return [(d.result, d.code, d.line_no) for d in decided.decisions]
