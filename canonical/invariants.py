"""The sums and rules an order must satisfy, each with its code (domain: invariants I1 to I9)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from stdnum import ean

from canonical.amounts import ZERO, minor_digits
from canonical.problems import Problem, shown

if TYPE_CHECKING:
    from canonical.documents.orders import OrderLine, OrderPlaced, Totals

ALLOWANCE_TOLERANCE = Decimal("0.02")
MOST_PLACES = 6


def order_problems(order: OrderPlaced) -> list[Problem]:
    """Every invariant the order breaks, with canonical paths."""
    return [*_line_problems(order), *_total_problems(order)]


def _line_problems(order: OrderPlaced) -> Iterator[Problem]:
    seen: set[str] = set()
    for i, line in enumerate(order.lines):
        path = f"lines[{i}]"
        if line.line_no in seen:
            yield Problem("E_LINE_DUP", f"{path}.line_no", "expected a line number used once", line.line_no)
        seen.add(line.line_no)
        if not line.item:
            yield Problem("E_SCHEMA", path, "expected one of sku, gtin, mpn, buyer_item_id")
        if line.gtin is not None and not ean.is_valid(line.gtin):
            yield Problem("E_GTIN_CHECK", f"{path}.gtin", "expected a GTIN with a right check digit", line.gtin)
        for field, number in (("qty.value", line.qty.value), ("unit_price", line.unit_price)):
            if number is not None and number.as_tuple().exponent < -MOST_PLACES:  # type: ignore[operator]
                yield Problem("E_QTY" if field == "qty.value" else "E_LINE_AMOUNT", f"{path}.{field}",
                              f"expected at most {MOST_PLACES} decimal places", shown(number))  # fmt: skip
        if order.totals is not None and line.line_amount is None:
            yield Problem("E_SCHEMA", f"{path}.line_amount", "expected an amount on every line of an order with totals")
        if line.unit_price is not None and line.line_amount is not None:
            yield from _amount_problems(line, path, order.currency)


def _amount_problems(line: OrderLine, path: str, currency: str) -> Iterator[Problem]:
    assert line.unit_price is not None and line.line_amount is not None
    expected = line.qty.value * line.unit_price / line.price_base_qty
    for charge in line.charges:
        expected += charge.amount
    for allowance in line.allowances:
        expected -= allowance.amount
    bound = ZERO if expected == line.line_amount else amount_bound(line, currency)
    if abs(expected - line.line_amount) > bound:
        yield Problem("E_LINE_AMOUNT", f"{path}.line_amount",
                      f"expected {expected.normalize():f} (quantity x price + charges - allowances, within {bound:f})",
                      shown(line.line_amount))  # fmt: skip
    for j, allowance in enumerate(line.allowances):
        if allowance.pct is not None and allowance.base is not None:
            stated = allowance.base * allowance.pct / 100
            if abs(stated - allowance.amount) > ALLOWANCE_TOLERANCE:
                yield Problem("E_LINE_AMOUNT", f"{path}.allowances[{j}].amount",
                              f"expected {stated:f} (base x pct / 100)", shown(allowance.amount))  # fmt: skip


def amount_bound(line: OrderLine, currency: str) -> Decimal:
    """How far a line amount may be off (I6): two minor units, or half a step of the declared price precision per piece."""
    places = line.price_places if line.price_places is not None else minor_digits(currency)
    unit = Decimal(1).scaleb(-minor_digits(currency))
    return max(2 * unit, line.qty.value * Decimal("0.5").scaleb(-places))


def _total_problems(order: OrderPlaced) -> Iterator[Problem]:
    totals = order.totals
    if totals is None:
        if any(line.unit_price is not None and line.line_amount is None for line in order.lines):
            yield Problem("E_SCHEMA", "totals", "expected totals on an order with prices")
        return
    for field, code, expected in _expected_totals(order, totals):
        stated: Decimal = getattr(totals, field)
        if stated != expected:
            yield Problem(code, f"totals.{field}", f"expected {expected:f}", shown(stated))
    if totals.payable < 0:
        yield Problem("E_PAYABLE", "totals.payable", "expected an amount of zero or more", shown(totals.payable))


def _expected_totals(order: OrderPlaced, totals: Totals) -> Iterator[tuple[str, str, Decimal]]:
    yield "lines", "E_SUM_LINES", sum((line.line_amount or ZERO for line in order.lines), ZERO)
    yield "allowances", "E_SUM_LINES", sum((a.amount for a in order.doc_allowances), ZERO)
    yield "charges", "E_SUM_LINES", sum((c.amount for c in order.doc_charges), ZERO)
    after = totals.lines - totals.allowances + totals.charges
    if any(line.tax is not None and line.tax.included for line in order.lines):
        yield "tax_inclusive", "E_TAX_TOTAL", after
        yield "tax_exclusive", "E_TAX_TOTAL", totals.tax_inclusive - totals.tax
    else:
        yield "tax_exclusive", "E_TAX_TOTAL", after
        yield "tax_inclusive", "E_TAX_TOTAL", totals.tax_exclusive + totals.tax
    yield "payable", "E_PAYABLE", totals.tax_inclusive - totals.prepaid + totals.rounding
