"""Mapping functions on what shops send: which items of a bundle count, and the cent that rounded lines leave over."""

from decimal import Decimal
from typing import Any

from canonical.amounts import ZERO, is_currency, minor_digits
from mappings.coercing import as_decimal, as_text
from mappings.reading import part


def _number(row: Any, name: str) -> Decimal:
    return as_decimal(part(row).get(name)) or ZERO


def _children(items: list[Any], row: Any, parent: str, own: str) -> list[Any]:
    number = as_text(part(row).get(own))
    return [item for item in items if number is not None and as_text(part(item).get(parent)) == number]


def _parent(items: list[Any], row: Any, parent: str, own: str) -> Any:
    wanted = as_text(part(row).get(parent))
    return next((item for item in items if wanted and as_text(part(item).get(own)) == wanted), None)


def magento_counted(items: list[Any], row: Any) -> bool:
    """Whether an item of a Magento order counts. A bundle whose parts carry their own amounts repeats their sum: its parts
    count. Otherwise (configurable products, bundles with a price of their own) the parent counts and its parts do not.
    """
    parent = _parent(items, row, "parent_item_id", "item_id")
    if parent is not None:
        return _priced(_children(items, parent, "parent_item_id", "item_id"))
    return not _priced(_children(items, row, "parent_item_id", "item_id"))


def _priced(children: list[Any]) -> bool:
    return any(_number(child, "row_total") for child in children)


def woo_counted(items: list[Any], row: Any) -> bool:
    """Whether a line of a WooCommerce order counts. Every line's total stands in the order's; of a bundle or composite those
    lines are left out that carry no amount while the other side of the bundle does.
    """
    if _number(row, "subtotal"):
        return True
    mine = as_text(part(row).get("id"))
    ours = [item for item in items if _woo_parent(item) == mine]
    parent = next((item for item in items if as_text(part(item).get("id")) == _woo_parent(row)), None)
    if parent is not None:
        return not _number(parent, "subtotal")
    return not any(_number(item, "subtotal") for item in ours)


def _woo_parent(row: Any) -> str | None:
    """The line a bundled or composited line belongs to (Product Bundles, Composite Products)."""
    return as_text(part(row).get("bundled_by")) or as_text(part(row).get("composite_parent"))


def magento_parts(items: list[Any], row: Any) -> str | None:
    """The parts of an item that do not count themselves: `SKU-A x 2, SKU-B x 1`; nothing for one with the same SKU."""
    told = [
        f"{part(child).get('sku')} x {_number(child, 'qty_ordered').normalize():f}"
        for child in _children(items, row, "parent_item_id", "item_id")
        if part(child).get("sku") != part(row).get("sku")
    ]
    return ", ".join(told) or None


def woo_parts(items: list[Any], row: Any) -> str | None:
    """The lines bundled into this one that do not count themselves."""
    told = [
        f"{part(item).get('sku') or part(item).get('product_id')} x {_number(item, 'quantity').normalize():f}"
        for item in items
        if _woo_parent(item) == as_text(part(row).get("id")) and not woo_counted(items, item)
    ]
    return ", ".join(told) or None


def rounding_rest(value: Decimal, count: Decimal | None, currency: str | None) -> Decimal:
    """What is left over, where rounding so many amounts explains it: at most one minor unit each. Zero otherwise."""
    if currency is None or not is_currency(currency):
        return ZERO
    return value if abs(value) <= (count or ZERO).scaleb(-minor_digits(currency)) else ZERO
