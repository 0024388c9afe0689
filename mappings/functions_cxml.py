"""Mapping functions for cXML: parties, texts, what items and orders come to, portions of a ship notice."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from stdnum import ean

from canonical.amounts import ZERO, is_currency, rounded
from mappings.coercing import as_decimal, as_text
from mappings.functions_ubl import at, keep
from mappings.functions_ubl_writing import filled
from mappings.reading import part, rows
from mappings.remembering import Remembered

GLN_DOMAINS = frozenset(("GLN", "EANID", "GLNID"))
GTIN_DOMAINS = frozenset(("GTIN", "EAN", "EAN-13", "EAN13", "EANID", "UPC", "UPCID", "UPC-A"))
COMPOSITE_LEVELS = {"groupLevel": "item", "itemLevel": "composite"}
"""At which level a composite is priced: the kind of its items that carries no price of its own then."""


def cxml_text(node: Any) -> str | None:
    """The text of an element, also where it holds others (Comments with attachments, a Description with a ShortName)."""
    if not isinstance(node, dict):
        return as_text(node)
    return as_text(node.get("#text") or node.get("ShortName"))


def cxml_texts(found: list[Any]) -> str | None:
    return "\n".join(text for one in found if (text := cxml_text(one))) or None


def cxml_credential(side: Any) -> dict[str, Any] | None:
    """From, To or Sender as a party: the first credential, others under their domains."""
    found = [(str(part(one).get("@domain") or "id"), as_text(at(one, "Identity"))) for one in rows(part(side).get("Credential"))]
    named = [(domain, value) for domain, value in found if value]
    if not named:
        return None
    ids: dict[str, str] = {}
    for domain, value in named:
        keep(ids, domain, value)
    gln = next((value for domain, value in named if domain.upper() in GLN_DOMAINS), None)
    return filled({"party_id": named[0][1], "gln": gln, "ids": ids})


def cxml_party(place: Any, otherwise: Any = None) -> dict[str, Any] | None:
    """A Contact, or the Address of ShipTo and BillTo, as a party; identifiers it lacks come from `otherwise`."""
    node = part(at(place, "Address")) or part(place)
    name, own = cxml_text(at(node, "Name")), as_text(node.get("@addressID"))
    if not name and not own:
        return None
    domain = str(node.get("@addressIDDomain") or "address")
    ids = {domain: own} if own else {}
    for one in rows(part(place).get("IdReference")) + (rows(node.get("IdReference")) if node is not place else []):
        keep(ids, str(part(one).get("@domain") or "id"), as_text(part(one).get("@identifier")))
    postal = at(node, "PostalAddress")
    gln = next((value for scheme, value in ids.items() if scheme.upper() in GLN_DOMAINS), None)
    receivers = [text for one in rows(part(postal).get("DeliverTo")) if (text := cxml_text(one))]
    return filled({
        "party_id": own or part(otherwise).get("party_id") or next(iter(ids.values()), None) or name,
        "name": name, "gln": gln, "ids": ids, "address": _address(postal), "contact": ", ".join(receivers),
        "email": cxml_text(at(node, "Email")), "phone": _phone(at(node, "Phone", "TelephoneNumber")),
    })  # fmt: skip


def _address(postal: Any) -> dict[str, Any] | None:
    state = at(postal, "State")
    country = str(part(at(postal, "Country")).get("@isoCountryCode") or "").upper()
    return filled({
        "lines": [text for one in rows(part(postal).get("Street")) if (text := cxml_text(one))],
        "city": cxml_text(at(postal, "City")),
        "subdivision": part(state).get("@isoStateCode") or cxml_text(state),
        "postcode": cxml_text(at(postal, "PostalCode")),
        "country": country if len(country) == 2 and country.isascii() and country.isalpha() else None,
    })  # fmt: skip


def _phone(number: Any) -> str | None:
    parts = [cxml_text(at(number, name)) for name in ("CountryCode", "AreaOrCityCode", "Number", "Extension")]
    said = " ".join(one for one in parts if one)
    return f"+{said}" if parts[0] and said else said or None


def cxml_buyer(sender: Any, header: Any) -> dict[str, Any] | None:
    """Who orders: the sender's credentials with the name and address of the buying or the paying contact."""
    buyer = cxml_credential(sender)
    contacts = [one for one in rows(part(header).get("Contact")) if part(one).get("@role") in ("soldTo", "buyer", "buyerCorporate")]
    named = next((party for one in (*contacts, at(header, "BillTo")) if (party := cxml_party(one))), None)
    if buyer is None or named is None:
        return buyer or named
    return {**{key: value for key, value in named.items() if key not in ("ids", "gln")}, **buyer}


def cxml_references(nodes: Any) -> dict[str, str] | None:
    """Extrinsics and other references of an element, or of several, by their names."""
    found: dict[str, str] = {}
    for node in rows(nodes):
        _keep_references(found, node)
    return found or None


def _keep_references(found: dict[str, str], node: Any) -> None:
    for one in rows(part(node).get("Extrinsic")):
        keep_named(found, str(part(one).get("@name") or "extrinsic"), cxml_text(one))
    for one in rows(part(node).get("IdReference")):
        keep_named(found, str(part(one).get("@domain") or "id"), as_text(part(one).get("@identifier")))
    for name in ("@requisitionID", "@agreementID", "@releaseRequired", "@orderVersion", "@orderType", "@shipComplete"):
        keep_named(found, name[1:], as_text(part(node).get(name)))


def keep_named(found: dict[str, str], name: str, value: str | None) -> None:
    if value:
        found.setdefault(name, value)


def cxml_gtin(item_id: Any) -> str | None:
    """A GTIN among the references of an ItemID, with a right check digit, in 14 digits."""
    codes = [
        as_text(part(one).get("@identifier")) or ""
        for one in rows(part(item_id).get("IdReference"))
        if str(part(one).get("@domain")).upper() in GTIN_DOMAINS
    ]
    return next((code.zfill(14) for code in codes if code.isascii() and code.isdigit() and ean.is_valid(code)), None)


def cxml_item_ids(item_id: Any) -> dict[str, str] | None:
    """Auxiliary part ids and references of an ItemID by their domain."""
    ids: dict[str, str] = {}
    keep(ids, "auxiliary", cxml_text(at(item_id, "SupplierPartAuxiliaryID")))
    for one in rows(part(item_id).get("IdReference")):
        keep(ids, str(part(one).get("@domain") or "id"), as_text(part(one).get("@identifier")))
    return ids or None


def cxml_base(detail: Any) -> Decimal | None:
    """How many ordered units the unit price is for: the price basis, converted from the pricing to the ordering unit."""
    basis = at(detail, "PriceBasisQuantity")
    quantity = as_decimal(part(basis).get("@quantity"))
    factor = as_decimal(part(basis).get("@conversionFactor")) or Decimal(1)
    return quantity / factor if quantity else None


def _numbered(items: Sequence[Any]) -> dict[str, Any]:
    """The items by their line numbers, the first of each."""
    return {str(part(one).get("@lineNumber")): one for one in reversed(items) if part(one).get("@lineNumber")}


_NUMBERED: Remembered[dict[str, Any]] = Remembered(_numbered)


def cxml_priced(item: Any, items: list[Any]) -> bool:
    """Whether an item counts: of a composite item either the whole or its parts are priced."""
    kind, parent = part(item).get("@itemType"), part(item).get("@parentLineNumber")
    whole = item if kind == "composite" else _NUMBERED.of(items).get(str(parent)) if parent else None
    return whole is None or COMPOSITE_LEVELS.get(str(part(whole).get("@compositeItemType"))) != kind


def cxml_line_amount(item: Any, items: list[Any], currency: str | None) -> Decimal | None:
    """Quantity x price by its basis, rounded; zero for what is priced elsewhere in its composite."""
    if not cxml_priced(item, items):
        return ZERO
    detail = at(item, "ItemDetail") or at(item, "BlanketItemDetail")
    price, quantity = as_decimal(at(detail, "UnitPrice", "Money")), as_decimal(part(item).get("@quantity"))
    if price is None or quantity is None:
        return None
    amount = quantity * price / (cxml_base(detail) or Decimal(1))
    return rounded(amount, currency) if currency is not None and is_currency(currency) else amount


def cxml_line_net(item: Any) -> Decimal | None:
    """What a billed item comes to without its tax. NetAmount is that with tax (InvoiceDetail.dtd); senders who leave the tax out of
    it are understood where the other amounts of the item tell."""
    stated, tax = _money(item, "NetAmount"), _money(item, "Tax") or ZERO
    subtotal = _money(item, "SubtotalAmount")
    added = (_money(item, name) or ZERO for name in ("InvoiceDetailLineShipping", "InvoiceDetailLineSpecialHandling"))
    discounts = (abs(as_decimal(at(one, "Money")) or ZERO) for one in rows(part(item).get("InvoiceDetailDiscount")))
    known = None if subtotal is None else subtotal + sum(added, ZERO) - sum(discounts, ZERO)
    if stated is None or known is None:
        return known if stated is None else stated - tax
    return stated if abs(stated - known) < abs(stated - tax - known) else stated - tax


def _money(node: Any, name: str) -> Decimal | None:
    return as_decimal(at(node, name, "Money"))


def cxml_modifications(total: Any, kind: str) -> list[dict[str, Any]] | None:
    """Deductions (`allowance`) or costs (`charge`) of a Total, each with its description."""
    holder = "AdditionalDeduction" if kind == "allowance" else "AdditionalCost"
    made = []
    for one in rows(part(at(total, "Modifications")).get("Modification")):
        change = at(one, holder)
        amount = as_decimal(at(change, "DeductionAmount", "Money") or at(change, "Money"))
        if amount is not None:
            detail = at(one, "ModificationDetail")
            reason = part(detail).get("@name") or cxml_text(at(detail, "Description"))
            made.append({"reason": reason or kind, "amount": abs(amount)})
    return made or None


def cxml_charges(header: Any) -> list[dict[str, Any]] | None:
    """Additional costs, shipping and special handling of an order."""
    made = cxml_modifications(at(header, "Total"), "charge") or []
    for name, reason in (("Shipping", "shipping"), ("SpecialHandlingAmount", "special handling")):
        amount = as_decimal(at(header, name, "Money"))
        if amount:
            made.append({"reason": cxml_text(at(header, name, "Description")) or reason, "amount": amount})
    return made or None


def cxml_totals(request: Any, currency: str | None) -> dict[str, Any] | None:
    """What an OrderRequest comes to. Its Total is that of the items; senders who count shipping and tax in are understood too.
    A difference of at most a rounding per line is the rounding."""
    header, items = at(request, "OrderRequestHeader"), rows(part(request).get("ItemOut"))
    amounts = [cxml_line_amount(item, items, currency) for item in items]
    stated = as_decimal(at(header, "Total", "Money"))
    if any(amount is None for amount in amounts):
        return None
    lines = sum((amount or ZERO for amount in amounts), ZERO)
    allowances = _sum(cxml_modifications(at(header, "Total"), "allowance"))
    charges, tax = _sum(cxml_charges(header)), as_decimal(at(header, "Tax", "Money")) or ZERO
    added = _sum(cxml_modifications(at(header, "Total"), "charge"))
    exclusive = lines - allowances + charges
    goods = lines - allowances + added
    known = (goods, exclusive, goods + tax, exclusive + tax)
    nearest = min(known, key=lambda sum_: abs(sum_ - (goods if stated is None else stated)))
    rounding = ZERO if stated is None else stated - nearest
    if abs(rounding) > Decimal("0.005") * len(items):
        exclusive, rounding = exclusive + rounding, ZERO
    inclusive = exclusive + tax
    return {
        "lines": lines, "allowances": allowances, "charges": charges, "tax_exclusive": exclusive, "tax": tax,
        "tax_inclusive": inclusive, "rounding": rounding, "payable": inclusive + rounding,
    }  # fmt: skip


def _sum(found: list[dict[str, Any]] | None) -> Decimal:
    return sum((one["amount"] for one in found or ()), ZERO)


def cxml_lots(item: Any, quantity: Decimal | None) -> list[dict[str, Any]] | None:
    """Batches with their dates, and serial numbers; a batch that stands alone is the whole line."""
    batches = rows(part(item).get("Batch"))
    lots = [
        filled({
            "lot": cxml_text(at(one, "SupplierBatchID")) or cxml_text(at(one, "BuyerBatchID")),
            "mfg_date": _day(part(one).get("@productionDate")), "expiry": _day(part(one).get("@expirationDate")),
            "qty": as_decimal(part(one).get("@batchQuantity")) or (quantity if len(batches) == 1 else None),
        }) or {}
        for one in batches
    ]  # fmt: skip
    lots += [
        {"serial": str(part(one)["@serialNumber"])} for one in rows(part(item).get("AssetInfo")) if part(one).get("@serialNumber")
    ]
    if not batches and (lot := cxml_text(at(item, "SupplierBatchID"))):
        lots.append({"lot": lot, "qty": quantity})
    return [lot for lot in lots if lot.get("lot") or lot.get("serial")] or None


def _day(value: Any) -> str | None:
    text = as_text(value)
    return text[:10] if text else None


def cxml_sign(summary: Any) -> Decimal:
    """-1 for a bill of negative amounts, as memos have them."""
    for name in ("GrossAmount", "NetAmount", "DueAmount", "SubtotalAmount"):
        amount = as_decimal(at(summary, name, "Money"))
        if amount:
            return Decimal(-1) if amount < 0 else Decimal(1)
    return Decimal(1)
