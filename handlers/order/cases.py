"""The case of an order: its document in force, put before the policies, and what they filled in, put back into the document."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from canonical.documents.orders import OrderLine, OrderPlaced
from canonical.documents.products import ProductMaster
from canonical.lean import lean
from canonical.values import Tax
from handlers.order.accounts import account_of
from handlers.order.books import Books, Order
from handlers.order.policies.base import Case

tax = lean(Tax)


def case_of(books: Books, document: OrderPlaced, origin: str) -> Case:
    """A new case, to be shipped when the buyer wants it, today at the earliest."""
    return Case(document, origin, books.now, ship_date=_ship_date(document, books.today))


def _ship_date(document: OrderPlaced, today: date) -> date:
    return max(today, document.ship_window_start or document.requested_delivery_date or today)


def take_over(books: Books, order: Order, case: Case) -> None:
    """Enter what the policies found out: whose order it is, which products the lines mean, our prices for lines without any."""
    order.customer_no = case.customer.customer_no if case.customer is not None else None
    named = account_of(case.customer) if case.customer is not None else None
    if named is not None or order.account is not None:
        order.charge(books.accounts.of(*named) if named is not None else None)
    filled = filled_in(case)
    if filled is not case.order:
        ours = [no for no in case.unit_prices if no not in order.facts.priced]
        order.facts.priced += ours
        order.replace(filled)


def filled_in(case: Case) -> OrderPlaced:
    """The document with the SKU of every product known, and our price where the sender states none; the same one where nothing
    is missing."""
    changed: dict[str, OrderLine] = {}
    products, prices = case.products, case.unit_prices
    for line in case.order.lines:
        product = products.get(line.line_no)
        if (product is not None and line.sku != product.sku) or (prices and line.line_no in prices):
            fields = _fields(line, product, prices.get(line.line_no))
            if fields:
                changed[line.line_no] = line.but(**fields)
    if not changed:
        return case.order
    return case.order.but(lines=tuple(changed.get(line.line_no, line) for line in case.order.lines))


def _fields(line: OrderLine, product: ProductMaster | None, price: Decimal | None) -> Mapping[str, Any]:
    fields: dict[str, Any] = {}
    if product is not None and line.sku != product.sku:
        fields["sku"] = product.sku
    if price is not None and line.unit_price is None:
        fields |= {"unit_price": price, "price_base_qty": Decimal(1)}
        if line.tax is None and product is not None and product.tax_rate_pct is not None:
            fields["tax"] = tax(rate_pct=product.tax_rate_pct)
    return fields
