"""Mapping functions for reading UBL: what lines and orders come to, items and their lots."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from stdnum import ean

from canonical.amounts import ZERO, is_currency, rounded
from mappings.coercing import as_decimal, as_text
from mappings.failing import Unfit
from mappings.functions_xsd import xsd_date
from mappings.reading import part, rows

GTIN_SCHEMES = frozenset(("0160", "GTIN", "EAN", "GTIN13", "GTIN14", "SRV", ""))
GTIN_LENGTHS = frozenset((8, 12, 13, 14))
ALLOWED_DIFFERENCE = Decimal("0.02")


def at(node: Any, *names: str) -> Any:
    """What stands at the end of the names, the first where an element repeats."""
    for name in names:
        found = rows(part(node).get(name))
        node = found[0] if found else None
    return node


def told(node: Any, *names: str) -> str | None:
    """The text at the end of the names."""
    return as_text(at(node, *names))


def ubl_allowances(found: list[Any], sign: Decimal | None = None) -> list[dict[str, Any]] | None:
    """The allowances among AllowanceCharge elements; a negative charge is one, in a bill of negative amounts (sign -1) too."""
    return [_allowance(one, amount) for one, amount in _signed(found, sign) if amount < 0] or None


def ubl_charges(found: list[Any], sign: Decimal | None = None) -> list[dict[str, Any]] | None:
    """The charges among AllowanceCharge elements; a negative allowance is one."""
    return [{"reason": _reason(one), "amount": amount} for one, amount in _signed(found, sign) if amount > 0] or None


def _signed(found: list[Any], sign: Decimal | None) -> Iterator[tuple[Mapping[str, Any], Decimal]]:
    """Each element with what it adds to the sum."""
    for one in found:
        amount = (as_decimal(at(one, "Amount")) or ZERO) * (sign or 1)
        yield part(one), amount if told(one, "ChargeIndicator") in ("true", "1") else -amount


def _reason(one: Mapping[str, Any]) -> str:
    return told(one, "AllowanceChargeReason") or told(one, "AllowanceChargeReasonCode") or "unspecified"


def _allowance(one: Mapping[str, Any], added: Decimal) -> dict[str, Any]:
    """The factor is a percentage in Peppol and a fraction in OASIS' own examples: the base tells which."""
    made: dict[str, Any] = {"reason": _reason(one), "amount": -added}
    factor, base = as_decimal(at(one, "MultiplierFactorNumeric")), as_decimal(at(one, "BaseAmount"))
    if factor is not None:
        is_fraction = base is not None and abs(abs(base) * factor + added) <= ALLOWED_DIFFERENCE
        made["pct"] = factor * 100 if is_fraction else factor
    if base is not None:
        made["base"] = abs(base)
    return made


def ubl_line_amount(line: Any, currency: str | None) -> Decimal | None:
    """What a LineItem comes to: as stated, else quantity x price by its base, allowances and charges counted in."""
    stated = as_decimal(at(line, "LineExtensionAmount"))
    price, quantity = as_decimal(at(line, "Price", "PriceAmount")), as_decimal(at(line, "Quantity"))
    if stated is not None or price is None or quantity is None:
        return stated
    base = as_decimal(at(line, "Price", "BaseQuantity")) or Decimal(1)
    added = sum((amount for _, amount in _signed(rows(part(line).get("AllowanceCharge")), None)), ZERO)
    amount = quantity * price / base + added
    return rounded(amount, currency) if currency is not None and is_currency(currency) else amount


def ubl_totals(order: Any, currency: str | None) -> dict[str, Any] | None:
    """The sums of an order: what AnticipatedMonetaryTotal states, the rest from the lines; nothing where nothing has a price.

    Orders may anticipate their total with or without taxes: where no tax-inclusive amount is stated, the tax is what the payable
    amount holds beyond the net one.
    """
    stated = at(order, "AnticipatedMonetaryTotal")
    amounts = [ubl_line_amount(at(one, "LineItem"), currency) for one in rows(part(order).get("OrderLine"))]
    if stated is None and not any(amount is not None for amount in amounts):
        return None
    added = list(_signed(rows(part(order).get("AllowanceCharge")), None))
    lines = _stated(stated, "LineExtensionAmount", sum((amount or ZERO for amount in amounts), ZERO))
    allowances = _stated(stated, "AllowanceTotalAmount", -sum((amount for _, amount in added if amount < 0), ZERO))
    charges = _stated(stated, "ChargeTotalAmount", sum((amount for _, amount in added if amount > 0), ZERO))
    prepaid, rounding = _stated(stated, "PrepaidAmount", ZERO), _stated(stated, "PayableRoundingAmount", ZERO)
    exclusive = _stated(stated, "TaxExclusiveAmount", lines - allowances + charges)
    tax, inclusive = _taxes(stated, ubl_tax(order, currency), exclusive, prepaid - rounding)
    return {
        "lines": lines, "allowances": allowances, "charges": charges, "tax_exclusive": exclusive, "tax": tax,
        "tax_inclusive": inclusive, "prepaid": prepaid, "rounding": rounding,
        "payable": _stated(stated, "PayableAmount", inclusive - prepaid + rounding),
    }  # fmt: skip


def _stated(totals: Any, name: str, otherwise: Decimal) -> Decimal:
    stated = as_decimal(at(totals, name))
    return otherwise if stated is None else stated


def ubl_tax(document: Any, currency: str | None) -> Decimal | None:
    """What the TaxTotals in the document's own currency come to; another may tell the same tax in the accounting currency."""
    totals = [at(one, "TaxAmount") for one in rows(part(document).get("TaxTotal"))]
    own = [one for one in totals if part(one).get("@currencyID", currency) == currency]
    found = [amount for one in own or totals if (amount := as_decimal(one)) is not None]
    return sum(found, ZERO) if found else None


def _taxes(stated: Any, tax: Decimal | None, exclusive: Decimal, off: Decimal) -> tuple[Decimal, Decimal]:
    """Tax and tax-inclusive amount."""
    inclusive, payable = as_decimal(at(stated, "TaxInclusiveAmount")), as_decimal(at(stated, "PayableAmount"))
    if inclusive is None and payable is not None:
        inclusive = payable + off
        tax = ZERO if inclusive == exclusive else tax
    if inclusive is None:
        inclusive = exclusive + (tax or ZERO)
    return inclusive - exclusive if tax is None else tax, inclusive


def ubl_gtin(identification: Any) -> str | None:
    """A standard item identifier as a GTIN of 14 digits; nothing for another scheme or a wrong check digit."""
    code = told(identification, "ID")
    return code.zfill(14) if code is not None and _is_gtin(identification, code) and ean.is_valid(code) else None


def ubl_wrong_gtin(identification: Any) -> str | None:
    """A GTIN whose length or check digit is wrong, to be kept with its flag."""
    code = told(identification, "ID")
    wrong = code is not None and _scheme(identification) in GTIN_SCHEMES - {""} and not ubl_gtin(identification)
    return code if wrong else None


def _scheme(identification: Any) -> str:
    identifier = part(at(identification, "ID"))
    return str(identifier.get("@schemeID", "")).upper()


def _is_gtin(identification: Any, code: str) -> bool:
    return _scheme(identification) in GTIN_SCHEMES and code.isascii() and code.isdigit() and len(code) in GTIN_LENGTHS


def ubl_item_ids(item: Any) -> dict[str, str] | None:
    """Further identifiers of an item by their scheme: standard ones that are no GTIN, additional and catalogue ones, the UDI."""
    standard = at(item, "StandardItemIdentification")
    found = [("standard", standard)] if standard is not None and not ubl_gtin(standard) else []
    found += [("additional", one) for one in rows(part(item).get("AdditionalItemIdentification"))]
    found += [("catalogue", one) for one in rows(part(item).get("CatalogueItemIdentification"))]
    ids: dict[str, str] = {}
    for name, one in found:
        keep(ids, str(part(at(one, "ID")).get("@schemeID") or name), told(one, "ID"))
    for instance in rows(part(item).get("ItemInstance")):
        keep(ids, str(part(at(instance, "ProductTraceID")).get("@schemeID") or "trace"), told(instance, "ProductTraceID"))
    return ids or None


def keep(ids: dict[str, str], scheme: str, value: str | None) -> None:
    """Put an identifier in; another one of the same scheme gets a number."""
    if value and value not in ids.values():
        taken = sum(1 for name in ids if name == scheme or name.startswith(f"{scheme} "))
        ids[f"{scheme} {taken + 1}" if taken else scheme] = value


def ubl_lots(item: Any, quantity: Decimal | None) -> list[dict[str, Any]] | None:
    """Lots and serial numbers of a line. UBL gives an instance no quantity: a lot that stands alone is the whole line, each of
    several is one piece; where that does not come to the line's quantity nobody can tell how it was shared out, so nothing is."""
    found = [part(one) for one in rows(part(item).get("ItemInstance"))]
    found = [one for one in found if told(one, "SerialID") or told(one, "LotIdentification", "LotNumberID")]
    if not found or quantity is None or (len(found) > 1 and quantity != len(found)):
        return None
    return [_lot(one, quantity if len(found) == 1 and not told(one, "SerialID") else None) for one in found]


def _lot(instance: Mapping[str, Any], quantity: Decimal | None) -> dict[str, Any]:
    lot = {
        "lot": told(instance, "LotIdentification", "LotNumberID"),
        "serial": told(instance, "SerialID"),
        "mfg_date": _day(instance, "ManufactureDate"),
        "expiry": _day(instance, "LotIdentification", "ExpiryDate") or _day(instance, "BestBeforeDate"),
        "qty": quantity,
    }
    return {name: value for name, value in lot.items() if value is not None}


def _day(node: Any, *names: str) -> date | None:
    text = told(node, *names)
    return xsd_date(text) if text else None


def ubl_sign(bill: Any) -> Decimal:
    """-1 for a bill whose amounts are turned round: an invoice that gives money back, a credit note that takes it."""
    totals = at(bill, "LegalMonetaryTotal")
    for name in ("TaxInclusiveAmount", "TaxExclusiveAmount", "LineExtensionAmount", "PayableAmount"):
        amount = as_decimal(at(totals, name))
        if amount:
            return Decimal(-1) if amount < 0 else Decimal(1)
    return Decimal(1)


def lines_of(found: list[Any]) -> str | None:
    """Free texts of a document, with attributes or without, one a line."""
    return "\n".join(text for one in found if (text := as_text(one))) or None


def ubl_order_no(line: Any, document: Any) -> str:
    """The order a line of a despatch advice belongs to, else the one order of the whole advice; Unfit without either."""
    own = told(line, "OrderLineReference", "OrderReference", "ID")
    common = [told(one, "ID") for one in rows(part(document).get("OrderReference"))]
    if own is None and len(common) != 1:
        raise Unfit("E_SCHEMA", "expected the order that the line belongs to")
    number = own or common[0]
    if number is None:
        raise Unfit("E_SCHEMA", "expected the order that the line belongs to")
    return number
