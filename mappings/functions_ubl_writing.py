"""Mapping functions for writing UBL: amounts, quantities, parties, items, lines of a despatch advice, packages, taxes."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from canonical.amounts import ZERO, is_currency, rounded
from mappings.coercing import as_decimal
from mappings.reading import part, rows

Tree = dict[str, Any]
GLN_SCHEME, GTIN_SCHEME = "0088", "0160"
SIDES = ("LN", "WD", "HT")


def ubl_amount(value: Decimal, currency: str | None) -> Tree | None:
    """An amount with its currency, both of which UBL wants."""
    return None if currency is None else {"@currencyID": currency, "#text": f"{value:f}"}


def ubl_measure(value: Decimal, unit: str | None = None) -> Tree:
    return {"@unitCode": unit or "EA", "#text": f"{value:f}"}


def ubl_us(identity: Any) -> Tree:
    """A company of the endpoint's options as a Party."""
    own = part(identity)
    address = {"PostalAddress": {"Country": {"IdentificationCode": own["country"]}}} if own.get("country") else {}
    vat = {"PartyTaxScheme": {"CompanyID": own["vat"], "TaxScheme": {"ID": "VAT"}}} if own.get("vat") else {}
    return {
        "EndpointID": _id(own["id"], own.get("scheme")), "PartyIdentification": [{"ID": _id(own["id"], own.get("scheme"))}],
        **_named(own.get("name")), **address, **vat, "PartyLegalEntity": {"RegistrationName": own.get("name") or own["id"]},
    }  # fmt: skip


def _id(value: str, scheme: str | None = None) -> Tree | str:
    return {"@schemeID": scheme, "#text": value} if scheme else value


def _named(name: str | None) -> Tree:
    return {"PartyName": {"Name": name}} if name else {}


def ubl_them(party: Any) -> Tree:
    """A canonical party as a Party, every identifier in its place."""
    given = part(party)
    gln, ids = given.get("gln"), dict(part(given.get("ids")))
    vat = ids.pop("VAT", None)
    endpoint = next((scheme for scheme in ids if scheme.startswith("endpoint")), None)
    numbers = [_id(given["party_id"], GLN_SCHEME if given["party_id"] == gln else None)]
    numbers += [_id(gln, GLN_SCHEME)] if gln and gln != given["party_id"] else []
    numbers += [_id(value, scheme) for scheme, value in ids.items() if scheme != endpoint]
    contact = {"Name": given.get("contact"), "Telephone": given.get("phone"), "ElectronicMail": given.get("email")}
    tree: Tree = {
        "EndpointID": _id(ids[endpoint], endpoint.removeprefix("endpoint").strip() or None) if endpoint else None,
        "PartyIdentification": [{"ID": number} for number in numbers], **_named(given.get("name")),
        "PostalAddress": ubl_address_tree(given.get("address")),
        "PartyTaxScheme": {"CompanyID": vat, "TaxScheme": {"ID": "VAT"}} if vat else None,
        "PartyLegalEntity": {"RegistrationName": given["name"]} if given.get("name") else None,
        "Contact": filled(contact),
    }  # fmt: skip
    return filled(tree) or {}


def filled(tree: Mapping[str, Any]) -> Tree | None:
    """The members that have a value; nothing where none has."""
    return {name: value for name, value in tree.items() if value not in (None, "", [], {})} or None


def ubl_address_tree(address: Any) -> Tree | None:
    given = part(address)
    lines = rows(given.get("lines"))
    return filled({
        "StreetName": lines[0] if lines else None, "AdditionalStreetName": lines[1] if len(lines) > 1 else None,
        "AddressLine": [{"Line": line} for line in lines[2:]], "CityName": given.get("city"), "PostalZone": given.get("postcode"),
        "CountrySubentity": given.get("subdivision"),
        "Country": {"IdentificationCode": given["country"]} if given.get("country") else None,
    })  # fmt: skip


def ubl_item(line: Any) -> Tree:
    """The Item of a line: what it is called, its identifiers, its lots and serial numbers."""
    given = part(line)
    schemes = [{"ID": _id(value, scheme)} for scheme, value in part(given.get("ids")).items()]
    gtin = given.get("gtin")
    tree = {
        "Name": given.get("description") or given.get("item"),
        "BuyersItemIdentification": _identified(given.get("buyer_item_id")),
        "SellersItemIdentification": _identified(given.get("sku") or given.get("item")),
        "ManufacturersItemIdentification": _identified(given.get("mpn")),
        "StandardItemIdentification": {"ID": _id(gtin, GTIN_SCHEME)} if gtin else None,
        "AdditionalItemIdentification": schemes,
        "ItemInstance": [instance for lot in rows(given.get("lots")) if (instance := _instance(part(lot)))],
    }
    return filled(tree) or {"Name": given.get("line_no")}


def _identified(value: str | None) -> Tree | None:
    return {"ID": value} if value else None


def _instance(lot: Mapping[str, Any]) -> Tree | None:
    return filled({
        "ManufactureDate": lot.get("mfg_date"), "SerialID": lot.get("serial"),
        "LotIdentification": filled({"LotNumberID": lot.get("lot"), "ExpiryDate": lot.get("expiry")}),
    })  # fmt: skip


def ubl_taxed_item(line: Any, category: str | None = None) -> Tree:
    """The Item of a billed line with its tax."""
    return {**ubl_item(line), "ClassifiedTaxCategory": _category(as_decimal(part(line).get("tax_rate_pct")) or ZERO, category)}


def _category(rate: Decimal, category: str | None = None) -> Tree:
    return {"ID": category or ("S" if rate else "Z"), "Percent": f"{rate:f}", "TaxScheme": {"ID": "VAT"}}


def ubl_despatch_lines(lines: list[Any]) -> list[Tree]:
    """Lines as a despatch advice can tell them: an instance has no quantity there, so goods of several lots are several lines."""
    return [{**part(line), **share} for line in lines for share in _shares(part(line))]


def _shares(line: Mapping[str, Any]) -> Iterator[Tree]:
    lots, quantity = [part(lot) for lot in rows(line.get("lots"))], as_decimal(line.get("qty")) or ZERO
    pieces = [as_decimal(lot.get("qty")) or Decimal(1) for lot in lots]
    if len(lots) < 2 or (sum(pieces) == quantity and all(piece == 1 for piece in pieces)):
        yield {}
        return
    for lot, piece in zip(lots, pieces, strict=True):
        yield {"qty": f"{piece:f}", "lots": [lot], "outstanding_qty": None}
    if (rest := quantity - sum(pieces)) > 0:
        yield {"qty": f"{rest:f}", "lots": [], "outstanding_qty": line.get("outstanding_qty")}


def ubl_units(packages: list[Any]) -> list[Tree]:
    """Packages as transport handling units, those that stand on another one inside it."""
    inner: dict[str, list[Tree]] = {}
    for one in packages:
        if parent := part(one).get("parent_sscc"):
            inner.setdefault(parent, []).append(_unit(part(one), "PackagingTypeCode"))
    outer = [part(one) for one in packages if not part(one).get("parent_sscc")]
    outer += [{"sscc": parent} for parent in inner if all(one.get("sscc") != parent for one in outer)]
    return [
        {**_unit(one, "TransportHandlingUnitTypeCode"), **({"Package": found} if (found := inner.get(one.get("sscc", ""))) else {})}
        for one in outer
    ]


def _unit(package: Mapping[str, Any], kind: str) -> Tree:
    measures = [_dimension("AAB", package["weight_kg"], "KGM")] if package.get("weight_kg") else []
    measures += [_dimension(side, value, "CMT") for side, value in zip(SIDES, rows(package.get("dims_cm")), strict=False)]
    tree = {
        "ID": package.get("sscc") or "NA", kind: package.get("kind"), "TraceID": package.get("tracking_no"),
        "MeasurementDimension": measures,
    }  # fmt: skip
    return filled(tree) or {}


def _dimension(name: str, value: Any, unit: str) -> Tree:
    return {"AttributeID": name, "Measure": {"@unitCode": unit, "#text": str(value)}}


def ubl_allowance_charges(holder: Any, currency: str | None, rate: Decimal | None = None) -> list[Tree] | None:
    """Allowances and charges of a line (`allowances`) or a bill (`doc_allowances`); those of a bill with their tax rate."""
    given = part(holder)
    taxed = {"TaxCategory": _category(rate)} if rate is not None else {}
    names = (("allowances", "false"), ("doc_allowances", "false"), ("charges", "true"), ("doc_charges", "true"))
    found = [(part(one), indicator) for name, indicator in names for one in rows(given.get(name))]
    return [{**_allowance_charge(one, indicator, currency), **taxed} for one, indicator in found] or None


def _allowance_charge(one: Mapping[str, Any], indicator: str, currency: str | None) -> Tree:
    return filled({
        "ChargeIndicator": indicator, "AllowanceChargeReason": one.get("reason"), "MultiplierFactorNumeric": one.get("pct"),
        "Amount": _money(one.get("amount"), currency), "BaseAmount": _money(one.get("base"), currency),
    }) or {}  # fmt: skip


def _money(value: Any, currency: str | None) -> Tree | None:
    amount = as_decimal(value)
    return None if amount is None else ubl_amount(amount, currency)


def ubl_tax_total(bill: Any) -> Tree | None:
    """The TaxTotal of a bill: its taxes as it tells them, else what its lines come to by rate, together what it states."""
    given = part(bill)
    currency, total = given.get("currency"), as_decimal(part(given.get("totals")).get("tax")) or ZERO
    taxes = [part(one) for one in rows(given.get("taxes"))] or list(_by_rate(given, total, currency))
    return {"TaxAmount": ubl_amount(total, currency), "TaxSubtotal": [_subtotal(one, currency) for one in taxes]}


def _subtotal(tax: Mapping[str, Any], currency: str | None) -> Tree:
    rate = as_decimal(tax.get("rate_pct")) or ZERO
    return {
        "TaxableAmount": _money(tax.get("base"), currency), "TaxAmount": _money(tax.get("amount"), currency),
        "TaxCategory": _category(rate, tax.get("category")),
    }  # fmt: skip


def _by_rate(bill: Mapping[str, Any], total: Decimal, currency: str | None) -> Iterator[Tree]:
    """Net amounts by rate with their tax; what rounding leaves goes to the largest."""
    bases: dict[Decimal, Decimal] = {}
    for line in rows(bill.get("lines")):
        rate = as_decimal(part(line).get("tax_rate_pct")) or ZERO
        bases[rate] = bases.get(rate, ZERO) + (as_decimal(part(line).get("net")) or ZERO)
    taxes = {rate: base * rate / 100 for rate, base in bases.items()}
    if currency is not None and is_currency(currency):
        taxes = {rate: rounded(tax, currency) for rate, tax in taxes.items()}
    if taxes and (largest := max(taxes, key=lambda rate: abs(taxes[rate]))):
        taxes[largest] += total - sum(taxes.values())
    for rate, base in bases.items():
        yield {"category": "S" if rate else "Z", "rate_pct": rate, "base": base, "amount": taxes[rate]}
