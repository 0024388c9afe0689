"""R2: what is ordered in base units, and whether the product may be ordered in that quantity; if not, the nearest that may."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import gcd

from canonical.documents.orders import OrderLine
from canonical.documents.products import ProductMaster
from canonical.values import Quantity
from handlers.catalogue import Catalogue
from handlers.order.policies.base import Case, Decision
from handlers.order.policies.settings import Policies, QuantitySettings

NAME = "quantity"
SCALE = 10**6
"""Quantities have at most six places."""
PASSED = Decision(NAME, "pass")


def decide(cases: Sequence[Case], catalogue: Catalogue, settings: Policies) -> None:
    """Fill in the base quantities; E_UOM, M_MOQ, M_MULTIPLE and M_MAX per line, with the next lower and higher legal quantity; one
    decision for all lines that nothing speaks against."""
    for case in cases:
        known, passed = True, False
        for line in case.order.lines:
            product = case.products.get(line.line_no)
            if product is None:
                known = False
            elif _legal(line.qty, product):  # as most often
                case.base_qtys[line.line_no] = line.qty.value
                passed = True
            elif against := _against(case, line, product, settings.quantity):
                case.decisions += against
            else:
                passed = True
        if passed:
            case.decide(PASSED)
        if not known:
            case.decide(Decision(NAME, "unchecked", text="a line's product is not among the products loaded"))


def _legal(qty: Quantity, product: ProductMaster) -> bool:
    """Whether a quantity is stated in base units, and may be ordered."""
    most, base = product.max_qty, qty.value
    return qty.uom == product.base_uom and base >= product.moq and not base % product.multiple and (most is None or base <= most)


def _against(case: Case, line: OrderLine, product: ProductMaster, settings: QuantitySettings) -> list[Decision]:
    """Fill in the base quantity of a line; what speaks against it."""
    per_unit = ONE if line.qty.uom == product.base_uom else factor(product, line.qty.uom, settings)
    if per_unit is None:
        units = ", ".join([product.base_uom, *(unit.uom for unit in product.units)])
        return [Decision(NAME, "reject", "E_UOM", line.line_no, f"{product.sku} is sold in {units}", {"uom": line.qty.uom})]
    base = in_base_units(line.qty.value, per_unit)
    if base is not None:
        case.base_qtys[line.line_no] = base
    wrong = _wrong(base, line, product, per_unit)
    if not wrong:
        return []
    inputs = _inputs(line, product, per_unit, base)
    return [Decision(NAME, "change", code, line.line_no, text, inputs) for code, text in wrong]


def factor(product: ProductMaster, uom: str, settings: QuantitySettings) -> Fraction | None:
    """Base units in one of that unit, exactly; None where the product is not sold in it."""
    own = _own_factor(product, uom)
    if own is not None:
        return own
    alike = (other for same in settings.same_units if uom in same for other in same)
    return next((found for other in alike if (found := _own_factor(product, other)) is not None), None)


def _own_factor(product: ProductMaster, uom: str) -> Fraction | None:
    if uom == product.base_uom:
        return ONE
    return next((Fraction(unit.numerator, unit.denominator) for unit in product.units if unit.uom == uom), None)


def in_base_units(qty: Decimal, per_unit: Fraction) -> Decimal | None:
    """The quantity in base units; None where six decimal places do not hold it."""
    if per_unit is ONE or per_unit == 1:
        return qty
    scaled = Fraction(qty) * per_unit * SCALE
    return as_decimal(scaled / SCALE) if scaled.denominator == 1 else None


def as_decimal(value: Fraction) -> Decimal:
    """The number written out, without trailing zeros; rounded where it does not end."""
    number = Decimal(value.numerator) / Decimal(value.denominator)
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number.normalize()


def _wrong(base: Decimal | None, line: OrderLine, product: ProductMaster, per_unit: Fraction) -> list[tuple[str, str]]:
    """base: None where it does not end within six places; such a quantity is no multiple of anything that does."""
    unit, found = product.base_uom, []
    about = as_decimal(Fraction(line.qty.value) * per_unit) if base is None else base
    if about < product.moq:
        found.append(("M_MOQ", f"expected at least {product.moq} {unit} of {product.sku}"))
    if base is None or base % product.multiple:
        found.append(("M_MULTIPLE", f"expected a multiple of {product.multiple} {unit} of {product.sku}"))
    if product.max_qty is not None and about > product.max_qty:
        found.append(("M_MAX", f"expected at most {product.max_qty} {unit} of {product.sku}"))
    return found


def _inputs(line: OrderLine, product: ProductMaster, per_unit: Fraction, base: Decimal | None) -> dict[str, str]:
    lower, higher = legal_neighbours(line.qty.value, per_unit, product)
    told = {
        "qty": line.qty.value, "uom": line.qty.uom, "base_qty": base, "base_uom": product.base_uom, "moq": product.moq,
        "multiple": product.multiple, "max_qty": product.max_qty, "lower": lower, "higher": higher,
    }  # fmt: skip
    return {name: str(value) for name, value in told.items() if value is not None}


def legal_neighbours(qty: Decimal, per_unit: Fraction, product: ProductMaster) -> tuple[Decimal | None, Decimal | None]:
    """The next lower and next higher quantity of the line's unit that may be ordered; whole numbers of any but the base unit."""
    step = Fraction(product.multiple)
    if per_unit != 1:
        step = _common_multiple(per_unit, step) / per_unit
    least = -(-Fraction(product.moq) / per_unit // step) * step or step
    most = Fraction(product.max_qty) / per_unit // step * step if product.max_qty is not None else None
    asked = Fraction(qty)
    below, above = (-(-asked // step) - 1) * step, (asked // step + 1) * step
    lower = below if most is None else min(below, most)
    higher = max(above, least)
    return (
        as_decimal(lower) if lower >= least else None,
        as_decimal(higher) if most is None or higher <= most else None,
    )


def _common_multiple(one: Fraction, other: Fraction) -> Fraction:
    """The smallest number that is a whole multiple of both."""
    numerator = one.numerator * other.numerator // gcd(one.numerator, other.numerator)
    return Fraction(numerator, gcd(one.denominator, other.denominator))


ONE = Fraction(1)
