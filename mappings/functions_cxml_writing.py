"""Mapping functions for writing cXML: contacts, items, prices, portions, batches of what was sent."""

from collections.abc import Mapping
from typing import Any

from mappings.functions_ubl_writing import Tree, filled
from mappings.reading import part, rows

ENGLISH = {"@lang": "en"}
UNCLASSIFIED = {"@domain": "NotAvailable"}
"""An ItemDetail has to name a Classification; this is how senders say that they have none."""


def cxml_portions(lines: list[Any]) -> list[Tree]:
    """Lines of a shipment by their order, numbered through the whole shipment."""
    portions: dict[str, list[Mapping[str, Any]]] = {}
    for number, line in enumerate(lines, start=1):
        portions.setdefault(part(line)["order_no"], []).append({**part(line), "number": str(number)})
    return [{"order_no": order_no, "lines": found} for order_no, found in portions.items()]


def cxml_place(name: str, role: str | None = None) -> Tree:
    """A place known by its name alone."""
    return {"@role": role, "@addressID": name, "Name": {**ENGLISH, "#text": name}}


def cxml_contact(party: Any, role: str | None = None) -> Tree:
    """A canonical party as a Contact."""
    given = part(party)
    return filled({
        "@role": role, "@addressID": given["party_id"], "Name": {**ENGLISH, "#text": given.get("name") or given["party_id"]},
        "PostalAddress": _postal(part(given.get("address")), given.get("contact")), "Email": given.get("email"),
    }) or {}  # fmt: skip


def _postal(address: Mapping[str, Any], contact: str | None) -> Tree | None:
    """A PostalAddress; Street, City and Country, which it has to have, are empty where they are not known."""
    known = filled({
        "DeliverTo": contact, "State": address.get("subdivision"), "PostalCode": address.get("postcode"),
        "Street": rows(address.get("lines")), "City": address.get("city"), "Country": address.get("country"),
    })  # fmt: skip
    country = address.get("country") or ""
    return known and {"Street": "", "City": "", **known, "Country": {"@isoCountryCode": country, "#text": country}}


def cxml_item_id(line: Any) -> Tree:
    """The ItemID of a line."""
    given = part(line)
    gtin = given.get("gtin")
    references = [{"@identifier": value, "@domain": domain} for domain, value in part(given.get("ids")).items()]
    references += [{"@identifier": gtin, "@domain": "GTIN"}] if gtin else []
    tree = {
        "SupplierPartID": given.get("sku") or given.get("item"), "BuyerPartID": given.get("buyer_item_id"),
        "IdReference": references,
    }  # fmt: skip
    return filled(tree) or {}


def cxml_price(price: Any, currency: str | None) -> Tree | None:
    """A price as UnitPrice."""
    return {"Money": {"@currency": currency, "#text": str(price)}} if currency else None


def cxml_item_in(line: Any, currency: str | None) -> Tree:
    """What comes instead of what was ordered."""
    given = part(line)
    quantity = part(given.get("qty"))
    price = given.get("unit_price")
    detail = filled({
        "UnitPrice": cxml_price(price, currency) if price else None,
        "Description": {**ENGLISH, "#text": given.get("description") or given.get("item") or given["line_no"]},
        "UnitOfMeasure": quantity.get("uom") or "EA", "Classification": UNCLASSIFIED,
    })  # fmt: skip
    return {"@quantity": quantity.get("value", "0"), "ItemID": cxml_item_id(given), "ItemDetail": detail}


def cxml_packaging(sscc: str) -> Tree:
    return {"ShippingContainerSerialCode": sscc}


def cxml_batches(lots: list[Any]) -> list[Tree] | None:
    """The batches among lots, each with its dates and quantity."""
    return [
        filled({
            "@productionDate": _noon(part(lot).get("mfg_date")), "@expirationDate": _noon(part(lot).get("expiry")),
            "@batchQuantity": part(lot).get("qty", "1"), "SupplierBatchID": part(lot)["lot"],
        }) or {}
        for lot in lots if part(lot).get("lot")
    ] or None  # fmt: skip


def _noon(day: Any) -> str | None:
    """A day as the date and time with a zone that cXML asks for: noon, the same day nearly everywhere."""
    return f"{day}T12:00:00Z" if day else None


def cxml_assets(lots: list[Any]) -> list[Tree] | None:
    """The serial numbers among lots."""
    return [{"@serialNumber": part(lot)["serial"]} for lot in lots if part(lot).get("serial")] or None
