"""The sums and rules an order must satisfy, each with its code (domain: invariants I1 to I9)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from stdnum import ean

from canonical.amounts import ZERO, minor_digits
from canonical.problems import Problem, shown
from canonical.values import MOST_PLACES

if TYPE_CHECKING:
    from canonical.documents.order_changes import OrderChanged
    from canonical.documents.orders import OrderLine, OrderPlaced, Totals

ALLOWANCE_TOLERANCE = Decimal("0.02")
ONE = Decimal(1)


def order_problems(order: OrderPlaced) -> list[Problem]:
    """Every invariant the order breaks, with canonical paths."""
    return [*_line_problems(order), *_total_problems(order)]


def change_problems(change: OrderChanged) -> Iterator[Problem]:
    """What no line may be changed to."""
    for i, op in enumerate(change.line_ops):
        if op.qty is not None and not _is_written_shortly(op.qty.value):
            yield _too_many_places("E_QTY", f"line_ops[{i}].qty.value", op.qty.value)
        if op.unit_price is not None and not _is_written_shortly(op.unit_price):
            yield _too_many_places("E_LINE_AMOUNT", f"line_ops[{i}].unit_price", op.unit_price)


def _line_problems(order: OrderPlaced) -> Iterator[Problem]:
    seen: set[str] = set()
    for i, line in enumerate(order.lines):  # paths are made only where there is something to tell
        if line.line_no in seen:
            yield Problem("E_LINE_DUP", f"lines[{i}].line_no", "expected a line number used once", line.line_no)
        seen.add(line.line_no)
        if not (line.sku or line.item):
            yield Problem("E_SCHEMA", f"lines[{i}]", "expected one of sku, gtin, mpn, buyer_item_id")
        if line.gtin is not None and not ean.is_valid(line.gtin):
            yield Problem("E_GTIN_CHECK", f"lines[{i}].gtin", "expected a GTIN with a right check digit", line.gtin)
        if not _is_written_shortly(line.qty.value):
            yield _too_many_places("E_QTY", f"lines[{i}].qty.value", line.qty.value)
        if line.unit_price is None:
            if line.line_amount is None and order.totals is not None:
                yield _without_amount(i)
            continue
        if not _is_written_shortly(line.unit_price):
            yield _too_many_places("E_LINE_AMOUNT", f"lines[{i}].unit_price", line.unit_price)
        if line.line_amount is not None:
            if line.allowances or line.line_amount != _amount(line, line.unit_price):
                yield from _amount_problems(line, line.unit_price, line.line_amount, i, order.currency)
        elif order.totals is not None:
            yield _without_amount(i)


def _is_written_shortly(number: Decimal) -> bool:
    text = str(number)
    if "." not in text[: -MOST_PLACES - 1] and "E" not in text:  # most are, and this tells it in a third of the time
        return True
    exponent = number.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -MOST_PLACES


def _too_many_places(code: str, path: str, number: Decimal) -> Problem:
    return Problem(code, path, f"expected at most {MOST_PLACES} decimal places", shown(number))


def _without_amount(i: int) -> Problem:
    return Problem("E_SCHEMA", f"lines[{i}].line_amount", "expected an amount on every line of an order with totals")


def _amount_problems(line: OrderLine, price: Decimal, amount: Decimal, i: int, currency: str) -> Iterator[Problem]:
    expected = _amount(line, price)
    if expected != amount and abs(expected - amount) > (bound := amount_bound(line, currency)):
        yield Problem("E_LINE_AMOUNT", f"lines[{i}].line_amount",
                      f"expected {expected.normalize():f} (quantity x price + charges - allowances, within {bound:f})",
                      shown(amount))  # fmt: skip
    for j, allowance in enumerate(line.allowances):
        if allowance.pct is not None and allowance.base is not None:
            stated = allowance.base * allowance.pct / 100
            if abs(stated - allowance.amount) > ALLOWANCE_TOLERANCE:
                yield Problem("E_LINE_AMOUNT", f"lines[{i}].allowances[{j}].amount",
                              f"expected {stated:f} (base x pct / 100)", shown(allowance.amount))  # fmt: skip


def _amount(line: OrderLine, price: Decimal) -> Decimal:
    """What a line must come to."""
    expected = line.qty.value * price
    if line.price_base_qty != ONE:
        expected /= line.price_base_qty
    for charge in line.charges:
        expected += charge.amount
    for allowance in line.allowances:
        expected -= allowance.amount
    return expected


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
    for field, code, stated, expected in _stated_totals(order, totals):
        if stated != expected:
            yield Problem(code, f"totals.{field}", f"expected {expected:f}", shown(stated))
    if totals.payable < 0:
        yield Problem("E_PAYABLE", "totals.payable", "expected an amount of zero or more", shown(totals.payable))


def _stated_totals(order: OrderPlaced, totals: Totals) -> tuple[tuple[str, str, Decimal, Decimal], ...]:
    """Each total: its field, the code of a wrong one, what is stated and what it must be."""
    after = totals.lines - totals.allowances + totals.charges
    exclusive, inclusive = after, totals.tax_exclusive + totals.tax
    if any([line.tax.included for line in order.lines if line.tax is not None]):
        exclusive, inclusive = totals.tax_inclusive - totals.tax, after
    return (
        ("lines", "E_SUM_LINES", totals.lines, sum([line.line_amount or ZERO for line in order.lines], ZERO)),
        ("allowances", "E_SUM_LINES", totals.allowances, sum([one.amount for one in order.doc_allowances], ZERO)),
        ("charges", "E_SUM_LINES", totals.charges, sum([one.amount for one in order.doc_charges], ZERO)),
        ("tax_exclusive", "E_TAX_TOTAL", totals.tax_exclusive, exclusive),
        ("tax_inclusive", "E_TAX_TOTAL", totals.tax_inclusive, inclusive),
        ("payable", "E_PAYABLE", totals.payable, totals.tax_inclusive - totals.prepaid + totals.rounding),
    )
