"""The packing of a despatch advice: the tree of packages, which goods lie where, and their lots."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from canonical.amounts import ZERO
from mappings import functions_text as texts
from mappings.codecs.x12_amounts import number
from mappings.functions_edifact_dates import start_of

Row = Mapping[str, Any]

SSCC = frozenset(("BJ", "AW"))
TELLING = frozenset(("PCI", "PAC", "GIR", "GIN", "RFF", "DTM"))
"""Segments without any of which a line tells nothing of lots."""
"""GIN01: serial shipping container code, in its present code and in that of D.96A."""
LOTS, SERIALS = frozenset(("BX", "NB", "BB")), frozenset(("BN", "SN", "EE"))
"""GIN01 and GIR: batch numbers, serial numbers."""
EXPIRY, BEST_BEFORE, MADE = "36", "361", "94"
"""DTM01 of a lot."""
GROSS = ("AAB", "AAD", "G", "AAC", "T")
"""MEA02 of weights, the whole package first."""
TO_KILOGRAMS = {"KGM": Decimal(1), "GRM": Decimal("0.001"), "TNE": Decimal(1000), "LBR": Decimal("0.45359237")}
TO_CENTIMETRES = {"MMT": Decimal("0.1"), "CMT": Decimal(1), "DMT": Decimal(10), "MTR": Decimal(100), "INH": Decimal("2.54")}
SIDES = ("LN", "WD", "HT")


def packages(tree: Row) -> list[dict[str, Any]]:
    """Every package with an SSCC, and the one it stands in or on: the nearest level above it in the tree that has one."""
    levels = {level["CPS"].get("01", ""): level for level in tree.get("CPS", ())}
    found = []
    for name, level in levels.items():
        above = _above(levels, name)
        for pac in level.get("PAC", ()):
            about = {"parent": above, "kind": pac["PAC"].get("03"), "weight_kg": _weight(pac), "dims_cm": _sides(pac)}
            found += [{"sscc": sscc, **about} for sscc in _ssccs(pac)]
    return found


def sscc_of(level: Row) -> str | None:
    """The one package of a level of the tree; none where it has several or none."""
    found = [sscc for pac in level.get("PAC", ()) for sscc in _ssccs(pac)]
    return found[0] if len(found) == 1 else None


def _above(levels: Mapping[str, Row], name: str) -> str | None:
    seen = {name}
    while (parent := levels[name]["CPS"].get("02", "")) in levels and parent not in seen:
        sscc = sscc_of(levels[parent])
        if sscc is not None:
            return sscc
        seen.add(parent)
        name = parent
    return None


def _ssccs(pac: Row) -> list[str]:
    rows = [*pac.get("GIN", ()), *(gin for pci in pac.get("PCI", ()) for gin in pci.get("GIN", ()))]
    return [sscc for row in rows if row.get("01") in SSCC for item in row["items"] for sscc in _range(item)]


def _range(item: Row) -> Iterator[str]:
    """One SSCC, or both ends of a range as far as it is one; the application identifier 00 before it is no part of it."""
    for place in ("1", "2"):
        text = item.get(place, "").strip()
        if text:
            yield texts.sscc(text) or text


def _weight(pac: Row) -> Decimal | None:
    for kind in GROSS:
        for row in pac.get("MEA", ()):
            value, factor = number(row.get("03_2")), TO_KILOGRAMS.get(row.get("03", ""))
            if row.get("02") == kind and value is not None and factor is not None and value >= 0:
                return value * factor
    return None


def _sides(pac: Row) -> list[Decimal] | None:
    """Length, width and height in centimetres where all three are told."""
    found = []
    for side in SIDES:
        rows = [row for row in pac.get("MEA", ()) if row.get("02") == side]
        value = number(rows[0].get("03_2")) if rows else None
        factor = TO_CENTIMETRES.get(rows[0].get("03", "")) if rows else None
        if value is None or factor is None or value < 0:
            return None
        found.append(value * factor)
    return found


def levels_of(shipment: Row) -> list[dict[str, Any]]:
    """A shipment as the levels of a despatch advice: first all of it, with the lines that are in no package, then every package
    with the number of the level above it and the lines in it."""
    packed = {package["sscc"]: package for package in shipment.get("packages", ()) if package.get("sscc")}
    numbers = {sscc: str(number) for number, sscc in enumerate(packed, start=2)}
    lines = shipment.get("lines", ())
    loose = [line for line in lines if line.get("package_sscc") not in packed]
    levels: list[dict[str, Any]] = [{"number": "1", "lines": loose}]
    for sscc, package in packed.items():
        inside = [line for line in lines if line.get("package_sscc") == sscc]
        above = numbers.get(package.get("parent_sscc"), "1")
        levels.append({"number": numbers[sscc], "above": above, "package": package, "lines": inside})
    return levels


def lots_of(line: Row) -> list[dict[str, Any]]:
    """The lots and serial numbers of a line: of its marking groups (PCI, also those of its packages), its related numbers (GIR), or
    the line itself."""
    if not TELLING.intersection(line):
        return []
    marked = [*line.get("PCI", ()), *(group for package in line.get("PAC", ()) for group in package.get("PCI", ()))]
    groups = [_lot(group, line) for group in marked]
    related = [_related(row, line) for row in line.get("GIR", ())]
    found = [one for lots in groups for one in lots] + [one for one in related if one]
    found = found or _lot(line, line) or _referenced(line)
    if len(found) == 1 and "serial" not in found[0] and "qty" not in found[0]:
        found[0]["qty"] = _quantity(line) or Decimal(1)
    return found


def _lot(group: Row, line: Row) -> list[dict[str, Any]]:
    """Lots and serial numbers of a group of a line, with its dates, else those of the line."""
    lots = [item["1"] for row in group.get("GIN", ()) if row.get("01") in LOTS for item in row["items"] if "1" in item]
    serials = [item["1"] for row in group.get("GIN", ()) if row.get("01") in SERIALS for item in row["items"] if "1" in item]
    own_dates = _dates(group)
    about = {**_dates(line), **own_dates}
    if serials:
        lot = {"lot": lots[0]} if lots else {}
        return [{**lot, "serial": serial, **about} for serial in serials]
    quantity = _quantity(group) if "PCI" in group else None
    own = {"qty": quantity} if quantity else {}
    return [{"lot": lot, **about, **own} for lot in lots] or ([{**own_dates, **own}] if own_dates else [])


def _related(row: Row, line: Row) -> dict[str, Any]:
    numbers = {item.get("2", ""): item["1"] for item in row["items"] if "1" in item}
    found = {"lot": LOTS, "serial": SERIALS}
    told = {name: next((numbers[kind] for kind in kinds if kind in numbers), None) for name, kinds in found.items()}
    kept = {name: value for name, value in told.items() if value}
    return {**kept, **_dates(line)} if kept else {}


def _referenced(line: Row) -> list[dict[str, Any]]:
    """RFF+BT and RFF+SE, where a sender has no GIN."""
    references = {group["RFF"].get("01"): group["RFF"].get("01_2") for group in line.get("RFF", ())}
    found = {name: references[code] for name, code in (("lot", "BT"), ("serial", "SE")) if references.get(code)}
    return [found] if found else []


def _dates(node: Row) -> dict[str, date]:
    told = {row.get("01"): start_of(row) for row in node.get("DTM", ())}
    expiry = told.get(EXPIRY) or told.get(BEST_BEFORE)
    made = told.get(MADE)
    return {**({"expiry": expiry.date()} if expiry else {}), **({"mfg_date": made.date()} if made else {})}


def _quantity(node: Row) -> Decimal | None:
    found = [number(row.get("01_2")) for row in node.get("QTY", ())]
    return next((quantity for quantity in found if quantity is not None and quantity > ZERO), None)
