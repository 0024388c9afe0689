"""A dealer who buys one product: what the hub knows of them, their orders, and what people say about these."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from canonical.documents.customers import CustomerMaster
from canonical.documents.decisions import OrderDecided, Verdict
from canonical.documents.licences import LicenceUpdated
from canonical.documents.master import Master
from canonical.documents.order_changes import LineOp, OrderChanged
from canonical.documents.orders import OrderLine, OrderPlaced
from canonical.documents.prices import PriceList
from canonical.documents.products import ProductMaster
from canonical.values import Quantity, Tax
from tests.handlers.pump import NOW, Pump

SINCE = datetime(2020, 1, 1, tzinfo=UTC)
SKU = "NEEDLE-18G"
D = Decimal


def product(sku: str = SKU, **fields: Any) -> ProductMaster:
    return ProductMaster.model_validate({"sku": sku, "as_of": SINCE, "name": sku, "tax_rate_pct": D(13), **fields})


def dealer(customer_no: str = "D-1", limit: str | None = "10000", **fields: Any) -> CustomerMaster:
    """A whitelisted dealer with a limit of credit in CNY, known to the dealer's portal by its number."""
    credit = {"currency": "CNY", "limit": None if limit is None else D(limit), **fields.pop("credit", {})}
    given = {"org_type": "dealer_t1", "region": "310115", "whitelisted": True, "credit": credit, **fields}
    ids = [{"source": "portal", "id": customer_no}]
    return CustomerMaster.model_validate(
        {"customer_no": customer_no, "as_of": SINCE, "name": customer_no, "external_ids": ids} | given
    )


def licence(customer_no: str = "D-1", **fields: Any) -> LicenceUpdated:
    given = {"licence_no": f"L-{customer_no}", "customer_no": customer_no, "kind": "operating_licence", "as_of": SINCE, **fields}
    return LicenceUpdated.model_validate(given)


def prices(price: str = "100.00", floor: str | None = None, sku: str = SKU) -> PriceList:
    policy = {"policy_id": "LIST", "kind": "list", "selector": {"sku": sku}, "breaks": [{"price": D(price)}]}
    floors = [{"sku": sku, "price": D(floor)}] if floor else []
    return PriceList.model_validate(
        {
            "list_id": "L-1", "version": "1", "as_of": SINCE, "currency": "CNY", "valid_from": date(2020, 1, 1),
            "policies": [policy], "floors": floors,
        }
    )  # fmt: skip


def order(order_no: str = "SO-1", qty: str = "1", price: str | None = "100.00", buyer: str = "D-1", **fields: Any) -> OrderPlaced:
    """One line of needles, tax on top of the price, through the dealer's portal."""
    line = OrderLine(
        line_no="1", sku=SKU, qty=Quantity(value=D(qty)), unit_price=None if price is None else D(price),
        tax=None if price is None else Tax(rate_pct=D(0)),
    )  # fmt: skip
    given: dict[str, Any] = {"channel": "dealer_portal", "lines": (line,), "price_date": NOW.date(), "currency": "CNY", **fields}
    party = {"party_id": buyer, "region": "310115"}
    return OrderPlaced.model_validate({"order_no": order_no, "sold_to": party, "ship_to": party, **given})


def changed(qty: str, revision: int = 1, order_no: str = "SO-1", **fields: Any) -> OrderChanged:
    """The one line shall be so many."""
    op = LineOp(op="update", line_no="1", qty=Quantity(value=D(qty)))
    return OrderChanged(order_no=order_no, revision=revision, **{"line_ops": (op,), **fields})


def said(
    verdict: Verdict, seq: int = 1, *, role: str = "credit_control", actor: str = "li.wei", order_no: str = "SO-1", **fields: Any
) -> OrderDecided:
    return OrderDecided(
        order_no=order_no, seq=seq, verdict=verdict, role=role, actor=actor, reason="looked at it", decided_at=NOW, **fields
    )  # fmt: skip


def known(pump: Pump, *documents: Master) -> Pump:
    """The hub has read these master data."""
    pump.take(*documents, source="master-data")
    return pump
