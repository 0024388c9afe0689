"""How an EDIFACT line names its item: LIN and PIA, each number with its kind (7143)."""

from collections.abc import Iterator, Mapping
from typing import Any

from stdnum import ean

Row = Mapping[str, Any]

KINDS = {
    "SRV": "gtin", "SRS": "gtin", "EN": "gtin", "UP": "gtin", "UK": "gtin", "EU": "gtin", "UA": "gtin",
    "SA": "sku", "VN": "sku", "VP": "sku", "SK": "sku",
    "MF": "mpn", "MP": "mpn", "MG": "mpn",
    "IN": "buyer", "BP": "buyer",
}  # fmt: skip
"""7143 to the place of the canonical line; the others stay under their own code."""
UNNAMED = "-"
"""The scheme of a number whose kind nobody told."""
GTIN_LENGTHS = frozenset((8, 12, 13, 14))
REPLACING = frozenset(("3", "4"))
"""PIA01: substituted by, substituted for."""


def item_ids(line: Row) -> dict[str, Any]:
    """sku, gtin (14 digits), mpn, buyer; `others` by their scheme; `item` is any of them, the most specific first."""
    found: dict[str, str] = {}
    others: dict[str, str] = {}
    for number, kind in _numbers(line):
        place = _place(number, kind)
        if place is None or place in found:
            others.setdefault(kind or UNNAMED, number)
        else:
            found[place] = number.rjust(14, "0") if place == "gtin" else number
    item = next((found[place] for place in ("sku", "mpn", "gtin", "buyer") if place in found), next(iter(others.values()), None))
    return {**found, "others": others, "item": item}


def substitutes(line: Row) -> str | None:
    """The first number of a PIA that names a substitute."""
    replaced = [row for row in line.get("PIA", ()) if row.get("01") in REPLACING]
    return next((item["1"] for row in replaced for item in row["items"] if "1" in item), None)


def _place(number: str, kind: str) -> str | None:
    """Where a number belongs; one without a kind is a GTIN when it can be one, else the seller's own."""
    if kind == "" and is_gtin(number):
        return "gtin"
    place = "sku" if kind == "" else KINDS.get(kind)
    return None if place == "gtin" and not _has_length(number) else place


def is_gtin(number: str) -> bool:
    return _has_length(number) and ean.is_valid(number)


def _has_length(number: str) -> bool:
    return number.isascii() and number.isdecimal() and len(number) in GTIN_LENGTHS


def _numbers(line: Row) -> Iterator[tuple[str, str]]:
    """Every number of the line's item with its kind, that of LIN first."""
    lin = line.get("LIN", {})
    if "03" in lin:
        yield lin["03"].strip(), lin.get("03_2", "")
    for row in line.get("PIA", ()):
        if row.get("01") not in REPLACING:
            yield from ((item["1"].strip(), item.get("2", "")) for item in row["items"] if "1" in item)
