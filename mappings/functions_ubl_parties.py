"""Mapping functions for reading UBL: parties, where goods go, what they are packed in."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from mappings.coercing import as_decimal
from mappings.functions_text import sscc
from mappings.functions_ubl import at, keep, told
from mappings.reading import part, rows

GLN_SCHEMES = frozenset(("0088", "GLN"))
COUNTRY = re.compile(r"[A-Za-z]{2}", re.ASCII)
CENTIMETRES = {"CMT": Decimal(1), "MTR": Decimal(100), "MMT": Decimal("0.1")}
KILOGRAMS = {"KGM": Decimal(1), "GRM": Decimal("0.001")}
SIDES = ("LN", "WD", "HT")
WEIGHTS = frozenset(("AAB", "G", "WT"))


def ubl_party(role: Any) -> dict[str, Any] | None:
    """A party, given alone (PayeeParty) or in its role (BuyerCustomerParty, with account numbers and contacts of its own).

    Its id is the first of its identifications, of its endpoint, company and account numbers, else its name.
    """
    role = part(role)
    party = part(role.get("Party")) or role
    numbers = list(_identifiers(role, party))
    name = _name(party)
    if not numbers and name is None:
        return None
    ids: dict[str, str] = {}
    for scheme, value in numbers:
        keep(ids, scheme, value)
    party_id = numbers[0][1] if numbers else name
    gln = next((value for scheme, value in numbers if scheme.removeprefix("endpoint ").upper() in GLN_SCHEMES), None)
    made = {
        "party_id": party_id, "name": name, "gln": gln,
        "ids": {scheme: value for scheme, value in ids.items() if value not in (party_id, gln)},
        "address": ubl_address(at(party, "PostalAddress") or at(party, "PhysicalLocation", "Address")), **_contact(role, party),
    }  # fmt: skip
    return {key: value for key, value in made.items() if value}


def _identifiers(role: Mapping[str, Any], party: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Scheme and value of every identifier, most telling first."""
    found = [(_scheme(one, "ID", "id"), told(one, "ID")) for one in rows(party.get("PartyIdentification"))]
    found.append((f"endpoint {_scheme(party, 'EndpointID', '')}".strip(), told(party, "EndpointID")))
    found += [(_scheme(one, "CompanyID", "company"), told(one, "CompanyID")) for one in rows(party.get("PartyLegalEntity"))]
    found.append(("customer account", told(role, "CustomerAssignedAccountID")))
    found.append(("supplier account", told(role, "SupplierAssignedAccountID")))
    found += [("additional account", told({"ID": one}, "ID")) for one in rows(role.get("AdditionalAccountID"))]
    found += [
        (told(one, "TaxScheme", "ID") or "tax", told(one, "CompanyID")) for one in rows(party.get("PartyTaxScheme"))
    ]  # fmt: skip
    yield from ((scheme, value) for scheme, value in found if value)


def _scheme(node: Any, name: str, otherwise: str) -> str:
    return str(part(at(node, name)).get("@schemeID") or otherwise)


def _name(party: Mapping[str, Any]) -> str | None:
    return (
        told(party, "PartyName", "Name") or told(party, "PartyLegalEntity", "RegistrationName")
        or told(party, "PartyTaxScheme", "RegistrationName") or _person(party)
    )  # fmt: skip


def _contact(role: Mapping[str, Any], party: Mapping[str, Any]) -> dict[str, str | None]:
    """Name, phone and mail of one contact: the party's own, named after its person where it has no name, else one of its role."""
    own = at(party, "Contact")
    contacts = [own, *(at(role, name) for name in ("DeliveryContact", "BuyerContact", "SellerContact", "AccountingContact"))]
    chosen = next((one for one in contacts if isinstance(one, dict)), None)
    name = told(chosen, "Name") or (_person(party) if chosen is own else None)
    return {"contact": name, "phone": told(chosen, "Telephone"), "email": told(chosen, "ElectronicMail")}


def _person(party: Mapping[str, Any]) -> str | None:
    names = [told(party, "Person", name) for name in ("FirstName", "MiddleName", "FamilyName")]
    return " ".join(name for name in names if name) or None


def ubl_address(address: Any) -> dict[str, Any] | None:
    """An address: street and number on one line, further parts each on their own."""
    street = " ".join(text for name in ("StreetName", "BuildingNumber") if (text := told(address, name)))
    names = ("AdditionalStreetName", "BlockName", "BuildingName", "Floor", "Room", "Department", "Postbox", "MarkAttention")
    lines = [street, *(told(address, name) for name in names)]
    lines += [told(one, "Line") for one in rows(part(address).get("AddressLine"))]
    country = told(address, "Country", "IdentificationCode")
    made = {
        "lines": [line for line in lines if line],
        "city": told(address, "CityName") or told(address, "CitySubdivisionName"),
        "subdivision": told(address, "CountrySubentityCode") or told(address, "CountrySubentity") or told(address, "Region"),
        "postcode": told(address, "PostalZone"),
        "country": country.upper() if country and COUNTRY.fullmatch(country) else None,
    }
    return {key: value for key, value in made.items() if value} or None


def ubl_delivery(delivery: Any, otherwise: Any) -> dict[str, Any] | None:
    """Who receives the goods of a Delivery, and where: its own party and place, what they leave open from the other party.
    Nothing for a Delivery without party and place."""
    place = at(delivery, "DeliveryLocation") or at(delivery, "AlternativeDeliveryLocation")
    address = ubl_address(at(place, "Address") or at(delivery, "DeliveryAddress"))
    receiver = ubl_party(at(delivery, "DeliveryParty"))
    where = place if told(place, "ID") else at(place, "Address") or at(delivery, "DeliveryAddress")
    location, scheme = told(where, "ID"), _scheme(where, "ID", "")
    if not (place or address or receiver):
        return None
    made = {**({} if receiver or not isinstance(otherwise, dict) else otherwise), **(receiver or {})}
    if location:
        made["ids"] = {**made.get("ids", {}), f"location {scheme}".strip(): location}
        made |= {"gln": location} if scheme.upper() in GLN_SCHEMES else {}
        made.setdefault("party_id", location)
    made.setdefault("party_id", part(otherwise).get("party_id"))
    made |= {"name": told(place, "Name")} if told(place, "Name") and not receiver else {}
    made |= {"address": address} if address else {}
    return {key: value for key, value in made.items() if value} if made["party_id"] else None


def ubl_packages(document: Any) -> list[dict[str, Any]] | None:
    """Every transport handling unit of a despatch advice, of the whole and of its lines, and the packages in it."""
    shipments = [at(document, "Shipment"), *(at(line, "Shipment") for line in rows(part(document).get("DespatchLine")))]
    units = [unit for shipment in shipments for unit in rows(part(shipment).get("TransportHandlingUnit"))]
    made: dict[str, dict[str, Any]] = {}
    for unit in units:
        number = told(unit, "ID") or ""
        made.setdefault(number or f"unit {len(made)}", _package(unit, number, "TransportHandlingUnitTypeCode", None))
        for inner in rows(part(unit).get("Package")) + rows(part(unit).get("ActualPackage")):
            own = told(inner, "ID") or ""
            made.setdefault(own or f"package {len(made)}", _package(inner, own, "PackagingTypeCode", number))
    return [one for one in made.values() if one] or None


def _package(unit: Any, number: str, kind: str, parent: str | None) -> dict[str, Any]:
    sides = _measures(unit, CENTIMETRES)
    weights = _measures(unit, KILOGRAMS)
    made = {
        "sscc": sscc(number), "parent_sscc": sscc(parent or ""), "kind": told(unit, kind),
        "dims_cm": [sides[side] for side in SIDES] if all(side in sides for side in SIDES) else None,
        "weight_kg": next((weights[name] for name in weights if name in WEIGHTS), None),
        "tracking_no": told(unit, "TraceID"),
    }  # fmt: skip
    return {key: value for key, value in made.items() if value is not None}


def _measures(unit: Any, units: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """The measurements in one of the units, by what they measure."""
    found: dict[str, Decimal] = {}
    for one in rows(part(unit).get("MeasurementDimension")):
        factor, value = units.get(str(part(at(one, "Measure")).get("@unitCode"))), as_decimal(at(one, "Measure"))
        if factor is not None and value is not None:
            found[told(one, "AttributeID") or ""] = value * factor
    return found
