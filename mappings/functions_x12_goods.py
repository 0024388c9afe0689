"""Mapping functions for X12 about goods: lots and weights of what arrives, levels of a ship notice that goes out."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import count
from typing import Any

from canonical.amounts import ZERO, rounded
from mappings.codecs.x12_amounts import known_currency
from mappings.functions_text import Tables, lookup
from mappings.reading import part, rows

KILOGRAMS: Mapping[str, Decimal] = {
    "KG": Decimal(1), "KGM": Decimal(1), "GR": Decimal("0.001"), "GRM": Decimal("0.001"), "LB": Decimal("0.45359237"),
    "LBR": Decimal("0.45359237"), "OZ": Decimal("0.028349523125"), "MP": Decimal(1000),
}  # fmt: skip
"""A unit of weight (data element 355, or Recommendation 20) in kilograms."""
LOT, BATCH, SERIAL = "LT", "BT", "SE"
LOT_ID, SERIAL_ID = "LT", "SN"
"""Qualifiers of REF (128) and of item identifiers (235)."""
TRACKING = frozenset(("CN", "2I"))
EXPIRY, MADE = ("036", "208", "511"), ("094", "405")
"""DTM01 of the expiration and of the manufacture."""


def x12_kilograms(value: Decimal, unit: str | None) -> Decimal | None:
    """A weight in kilograms; nothing in a unit that is no weight."""
    factor = KILOGRAMS.get(unit or "")
    return None if factor is None else value * factor


def x12_tracking_nos(references: list[Any] | None, of_packages: list[Any] | None) -> list[str] | None:
    """The tracking numbers among the REF of a shipment and those of its packages, each once."""
    of_shipment = [part(one).get("02") for one in references or () if part(one).get("01") in TRACKING]
    return _once(*of_shipment, *(of_packages or ())) or None


def x12_lots(level: Any, quantity: str | None = None) -> list[dict[str, Any]] | None:
    """The lots and serial numbers of an item's loop: {lot, serial, expiry, made, qty}, dates as they are written.

    Named by LIN (LT, SN) or REF (LT, BT, SE). One lot has the whole quantity, a serial number is one piece. Of several lots X12
    tells no quantities; they are not made up.
    """
    node = part(level)
    named = part(node.get("LIN"))
    pairs = {part(pair).get("qualifier"): part(pair).get("value") for pair in rows(named.get("pairs"))}
    references = [part(one) for one in rows(node.get("REF"))]
    lots = _once(pairs.get(LOT_ID), *(one.get("02") for one in references if one.get("01") in {LOT, BATCH}))
    serials = _once(pairs.get(SERIAL_ID), *(one.get("02") for one in references if one.get("01") == SERIAL))
    dates = {"expiry": _dated(node, EXPIRY), "made": _dated(node, MADE)}
    lot = lots[0] if len(lots) == 1 else None
    if serials:
        return [{"lot": lot, "serial": serial, "qty": "1", **dates} for serial in serials]
    return [{"lot": lot, "qty": quantity, **dates}] if lot else None


def _once(*values: Any) -> list[str]:
    return list(dict.fromkeys(value for value in values if isinstance(value, str) and value))


def _dated(node: Mapping[str, Any], qualifiers: Sequence[str]) -> Any:
    return next((part(one).get("02") for one in rows(node.get("DTM")) if part(one).get("01") in qualifiers), None)


def x12_difference(line: Any, currency: str | None) -> Decimal | None:
    """What a canonical invoice line's net is more than its quantity times price; nothing where it is just that."""
    found = part(line)
    base = Decimal(found.get("price_base_qty", "1"))
    goods = rounded(Decimal(found["qty"]) * Decimal(found["unit_price"]) / base, known_currency(currency))
    return Decimal(found["net"]) - goods or None


def x12_levels(document: Any, units: str, order_prefix: str | None = None, *, tables: Tables) -> list[dict[str, Any]]:
    """The HL loops below the shipment's: an order for each order number (told without our prefix), in it its packages, in these
    their items.

    Rows for `x12_writing`; HL01 counts on from the shipment's 1. `units` names the table of units.
    """
    shipment = part(document)
    packages = {part(one).get("sscc"): part(one) for one in rows(shipment.get("packages"))}
    lines = [{**part(line), "unit": _unit(part(line), units, tables)} for line in rows(shipment.get("lines"))]
    return list(_orders(lines, packages, order_prefix or ""))


def _unit(line: Mapping[str, Any], units: str, tables: Tables) -> Any:
    return lookup(line.get("uom", "EA"), units, "E_UOM", tables=tables)


def _orders(
    lines: Sequence[Mapping[str, Any]], packages: Mapping[Any, Mapping[str, Any]], order_prefix: str
) -> Iterator[dict[str, Any]]:
    numbers = count(2)
    for order_no in dict.fromkeys(line["order_no"] for line in lines):
        order = str(next(numbers))
        yield {"HL": {"01": order, "02": "1", "03": "O"}, "PRF": {"01": order_no.removeprefix(order_prefix)}}
        of_order = [line for line in lines if line["order_no"] == order_no]
        for sscc in dict.fromkeys(line.get("package_sscc") for line in of_order):
            parent = order
            if sscc is not None:
                parent = str(next(numbers))
                yield {"HL": {"01": parent, "02": order, "03": "P"}, **_package(sscc, packages.get(sscc, {}))}
            for line in of_order:
                if line.get("package_sscc") == sscc:
                    yield from ({"HL": {"01": str(next(numbers)), "02": parent, "03": "I"}, **one} for one in _items(line))


def _package(sscc: str, package: Mapping[str, Any]) -> dict[str, Any]:
    carried = [{"01": "CP", "02": package["tracking_no"]}] if package.get("tracking_no") else []
    weight = {"MEA": [{"01": "PD", "02": "G", "03": package["weight_kg"], "04": "KG"}]} if package.get("weight_kg") else {}
    return {**weight, "MAN": [{"01": "GM", "02": sscc}, *carried]}


def _items(line: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """An item for each lot, and one for what belongs to none."""
    lots = [part(lot) for lot in rows(line.get("lots"))]
    rest = Decimal(line["qty"]) - sum((Decimal(lot.get("qty", "1")) for lot in lots), ZERO)
    yield from (_item(line, lot, Decimal(lot.get("qty", "1"))) for lot in lots)
    if rest > 0:
        yield _item(line, {}, rest)


def _item(line: Mapping[str, Any], lot: Mapping[str, Any], quantity: Decimal) -> dict[str, Any]:
    names = [("VN", line.get("sku") or line["item"]), ("UK", line.get("gtin")), ("MG", line.get("mpn")),
             ("BP", line.get("buyer_item_id")), (LOT_ID, lot.get("lot")), (SERIAL_ID, lot.get("serial"))]  # fmt: skip
    flat = [text for qualifier, value in names if value for text in (qualifier, value)]
    dates = [("036", lot.get("expiry")), ("094", lot.get("mfg_date"))]
    return {
        "LIN": {"01": line["line_no"], **{f"{number:02d}": text for number, text in enumerate(flat, start=2)}},
        "SN1": {"02": quantity, "03": line["unit"]},
        "PID": [{"01": "F", "05": line["description"]}] if line.get("description") else [],
        "DTM": [{"01": qualifier, "02": value.replace("-", "")} for qualifier, value in dates if value],
    }
