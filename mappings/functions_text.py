"""Mapping functions on text. Each takes a filled value and gives None where nothing is left."""

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any

from babel.core import get_global

from canonical.problems import shown
from mappings.failing import Unfit

Tables = Mapping[str, Mapping[str, Any]]
OTHERWISE = "*"
"""The key of a table that stands for everything it does not name."""
NOT_A_DIGIT = re.compile(r"[^0-9]")
SSCC_LENGTH = 18
BETWEEN_DIGITS = re.compile(r"[\s().-]+")
GTIN_LENGTHS = frozenset((8, 12, 13, 14))


def text(value: Any) -> str | None:
    """The value as text; Decimals in plain notation, true and false as JSON writes them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dict | list):
        raise Unfit("E_SCHEMA", "expected text", value)
    return str(value) or None


def trim(value: str) -> str | None:
    return value.strip() or None


def upper(value: str) -> str:
    return value.upper()


def lower(value: str) -> str:
    return value.lower()


def strip_prefix(value: str, start: str | None) -> str | None:
    return value.removeprefix(start or "") or None


def before_last(value: str, mark: str | None) -> str | None:
    """The part of a text before the last time a mark stands in it; all of it where it does not."""
    return (value.rpartition(mark)[0] or value) if mark else value


def prefix(value: str, start: str | None) -> str:
    """`start` put before the value; nothing is put before it when `start` is missing."""
    return (start or "") + value


def suffix(value: str, end: str | None) -> str:
    return value + (end or "")


def concat(*values: str | None) -> str | None:
    """The filled values one after the other."""
    return "".join(value for value in values if value) or None


def join(values: list[Any], between: str | None) -> str | None:
    """The filled rows with `between` between them."""
    filled = [value if value.__class__ is str else text(value) for value in values if value is not None]
    return (between or "").join(filter(None, filled)) or None


def cut(value: str, start: int | None, length: int | None = None) -> str | None:
    """`length` characters from the 0-based `start`, or all from there on."""
    begin = start or 0
    return value[begin:] or None if length is None else value[begin : begin + length] or None


def replace(value: str, old: str | None, new: str | None) -> str | None:
    return value.replace(old, new or "") or None if old else value


def digits(value: str) -> str | None:
    """Only the digits 0 to 9."""
    return NOT_A_DIGIT.sub("", value) or None


def pad_left(value: str, width: int | None, fill: str | None = None) -> str:
    return value.rjust(width or 0, (fill or "0")[0])


def pad_right(value: str, width: int | None, fill: str | None = None) -> str:
    return value.ljust(width or 0, (fill or " ")[0])


def gtin(value: str) -> str:
    """A GTIN-8, 12, 13 or 14 as 14 digits, zeros before it. Its check digit is the canonical document's business."""
    found = value.strip().replace("-", "").replace(" ", "")
    if not (found.isascii() and found.isdigit() and len(found) in GTIN_LENGTHS):
        raise Unfit("E_GTIN_CHECK", "expected a GTIN of 8, 12, 13 or 14 digits", value)
    return found.rjust(14, "0")


def gtin_optional(value: str) -> str | None:
    """A GTIN as 14 digits, nothing for a text that is none by its length: partners put numbers of their own there."""
    try:
        return gtin(value)
    except Unfit:
        return None


@cache
def _three_letters() -> dict[str, str]:
    """ISO 3166-1 alpha-3 to alpha-2."""
    aliases = get_global("territory_aliases")
    return {code: found[0] for code, found in aliases.items() if len(code) == 3 and code.isalpha() and len(found) == 1}


def country_code(value: str) -> str:
    """The ISO 3166-1 alpha-2 code of a country by its code of two or three letters; another text as it is."""
    code = value.strip().upper()
    return code if len(code) == 2 else _three_letters().get(code, value)


def sscc(value: str) -> str | None:
    """The 18 digits of a serial shipping container code, without the application identifier 00 before it; nothing for another
    text."""
    found = BETWEEN_DIGITS.sub("", value)
    found = found[2:] if len(found) == SSCC_LENGTH + 2 and found.startswith("00") else found
    return found if len(found) == SSCC_LENGTH and found.isascii() and found.isdigit() else None


def lookup(value: str, table: str, code: str | None = None, *, tables: Tables) -> Any:
    """What a table of the mapping says for the value; Unfit with `code` where it says nothing."""
    entries = tables[table]
    if value in entries:
        return entries[value]
    if OTHERWISE in entries:
        return entries[OTHERWISE]
    known = shown(", ".join(sorted(entries)))
    raise Unfit(code or "E_SCHEMA", f"expected one of {known}", value)


def lookup_optional(value: str, table: str, *, tables: Tables) -> Any:
    """What a table says for the value, nothing where it says nothing."""
    entries = tables[table]
    return entries.get(value, entries.get(OTHERWISE))


def plain(value: Any) -> Any:
    """The value as plain JSON: Decimals as their exact text, everything below likewise."""
    if value.__class__ is str:
        return value
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dict):
        return {key: inner if inner.__class__ is str else plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value if value is None or isinstance(value, str | int | bool) else str(value)
