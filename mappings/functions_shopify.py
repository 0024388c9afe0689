"""Mapping functions on orders of Shopify that were edited: what is left of a line, and what the order comes to then.

An edit leaves `quantity`, prices and totals of the order as it was placed: what it takes off lessens `current_quantity` and
`fulfillable_quantity`, what it adds is a line more that the totals do not hold. What a line lost since it was placed was taken off
unsent, or came back. shopify.dev/docs/api/admin-rest/latest/resources/order
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from canonical.amounts import ZERO
from mappings.coercing import as_decimal, as_text
from mappings.reading import part, rows

NOT_SENT = ("cancelled", "error", "failure")


def _number(row: Any, name: str) -> Decimal:
    return as_decimal(part(row).get(name)) or ZERO


def shopify_kept(current: Decimal, line: Any, order: Any) -> Decimal | None:
    """How many an edit has left of a line, none of one that was taken off whole; nothing for a line that no edit touched. What
    refunds cancel, and what came back, is told by messages of its own and counts as left."""
    ordered = as_decimal(part(line).get("quantity"))
    if ordered is None or current >= ordered:
        return None
    taken = _taken_unsent(ordered, current, part(line), part(order))
    return max(ZERO, ordered - taken) if taken > ZERO else None


def _taken_unsent(ordered: Decimal, current: Decimal, line: Mapping[str, Any], order: Mapping[str, Any]) -> Decimal:
    gone, number = ordered - current, as_text(line.get("id"))
    back = [one for one in _inside(order, "refunds", "refund_line_items") if as_text(one.get("line_item_id")) == number]
    open_for_sending = as_decimal(line.get("fulfillable_quantity"))
    if open_for_sending is None:
        return gone - sum((_number(one, "quantity") for one in back), ZERO)
    sent = sum((_number(one, "quantity") for one in _sent(order) if as_text(one.get("id")) == number), ZERO)
    cancelled = sum((_number(one, "quantity") for one in back if one.get("restock_type") == "cancel"), ZERO)
    return min(gone, ordered - sent - open_for_sending) - cancelled


def _inside(order: Mapping[str, Any], outer: str, inner: str) -> Iterator[Mapping[str, Any]]:
    return (part(row) for holder in rows(order.get(outer)) for row in rows(part(holder).get(inner)))


def _sent(order: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    done = [one for one in rows(order.get("fulfillments")) if part(one).get("status") not in NOT_SENT]
    return (part(row) for one in done for row in rows(part(one).get("line_items")))


def shopify_share(kept: Decimal, amount: Decimal, ordered: Decimal) -> Decimal:
    """The share of an amount of the whole line that belongs to what is left of it, with as many decimals."""
    return (amount * kept / ordered).quantize(amount) if ordered else amount


def shopify_discount(kept: Decimal, allocations: Any, ordered: Decimal) -> Decimal:
    """What the discounts allocated to a line take off what is left of it."""
    return sum((shopify_share(kept, _number(one, "amount"), ordered) for one in rows(allocations)), ZERO)


def shopify_edited(order: Any, charges: Decimal | None, unallocated: Decimal | None) -> dict[str, Decimal] | None:
    """What an edited order comes to: `lines`, `tax`, `payable`; nothing for one that was not edited."""
    given = part(order)
    if _as_placed(given):
        return None
    lines = [part(line) for line in rows(given.get("line_items"))]
    lines = [line for line in lines if not (line.get("tip") or line.get("tip_payment_gateway"))]
    kept = [_kept(line, given) for line in lines]
    whole = sum((_number(line, "price") * _number(line, "quantity") for line in lines), ZERO)
    if whole == _number(given, "total_line_items_price") and kept == [_number(line, "quantity") for line in lines]:
        return None
    amount = sum((_amount(line, left) for line, left in zip(lines, kept, strict=True)), ZERO)
    taxes = (shopify_share(left, _taxes(line), _number(line, "quantity")) for line, left in zip(lines, kept, strict=True))
    tax = sum(taxes, _shipping_taxes(given))
    payable = amount - (unallocated or ZERO) + (charges or ZERO) + (ZERO if given.get("taxes_included") is True else tax)
    told = _told(given, lines, kept)
    return {"lines": amount, "tax": told.get("current_total_tax", tax), "payable": told.get("current_total_price", payable)}


def _told(order: Mapping[str, Any], lines: list[Mapping[str, Any]], kept: list[Decimal]) -> dict[str, Decimal]:
    """The shop's own tax and total, where they are those of what is left: no line came back, no money went back."""
    back = any(rows(part(one).get("transactions")) for one in rows(order.get("refunds")))
    if back or any(as_decimal(line.get("current_quantity")) not in (None, left) for line, left in zip(lines, kept, strict=True)):
        return {}
    found = {name: as_decimal(order.get(name)) for name in ("current_total_tax", "current_total_price")}
    return {name: value for name, value in found.items() if value is not None}


def shopify_total(placed: Decimal, edited: Any, name: str) -> Decimal:
    """A total of the order as it was placed, or as `shopify_edited` has it."""
    return placed if edited is None else edited[name]


def _as_placed(order: Mapping[str, Any]) -> bool:
    """Whether nothing says that the order is another than it was when it was placed. Old copies do not tell."""
    total = order.get("current_total_price")
    if total is not None and total != order.get("total_price"):
        return False
    for line in rows(order.get("line_items")):
        current = part(line).get("current_quantity")
        if current is not None and current != line.get("quantity"):
            return False
    return True


def _kept(line: Mapping[str, Any], order: Mapping[str, Any]) -> Decimal:
    ordered, current = _number(line, "quantity"), as_decimal(line.get("current_quantity"))
    kept = None if current is None else shopify_kept(current, line, order)
    return ordered if kept is None else kept


def _amount(line: Mapping[str, Any], left: Decimal) -> Decimal:
    discount = shopify_discount(left, line.get("discount_allocations"), _number(line, "quantity"))
    return _number(line, "price") * left - discount


def _taxes(row: Mapping[str, Any]) -> Decimal:
    return sum((_number(tax, "price") for tax in rows(row.get("tax_lines"))), ZERO)


def _shipping_taxes(order: Mapping[str, Any]) -> Decimal:
    return sum((_taxes(part(line)) for line in rows(order.get("shipping_lines"))), ZERO)


def shopify_properties(properties: list[Any]) -> dict[str, str] | None:
    """What a buyer had engraved, chosen or noted for a line, by name; names that begin with _ are an app's own and kept too."""
    if not properties:
        return None
    named = ((as_text(part(one).get("name")), part(one).get("value")) for one in properties)
    return {name: str(value) for name, value in named if name and isinstance(value, str | int | Decimal) and value != ""} or None
