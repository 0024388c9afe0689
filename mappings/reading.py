"""How compiled mappings read a partner's tree: a missing part is empty, a part of the wrong shape is Unfit.

An element that may repeat is read as a list everywhere: one row counts as a list of one.
"""

from collections.abc import Mapping
from typing import Any

from mappings.failing import Unfit

NOTHING: Mapping[str, Any] = {}
NO_ROWS: list[Any] = []


def part(value: Any) -> Mapping[str, Any]:
    """The value as an object to read names from; nothing for a missing one.

    A text is an XML element without attributes; its only content is "#text".
    """
    if value.__class__ is dict:
        return value
    if value is None or value == "":
        return NOTHING
    if isinstance(value, str):
        return {"#text": value}
    if isinstance(value, Mapping):
        return value
    raise Unfit("E_SCHEMA", "expected an object", value)


def rows(value: Any) -> list[Any]:
    """The value as a list of rows: none for a missing one, itself alone for anything that is no list."""
    if value.__class__ is list:
        return value
    return NO_ROWS if value is None or value == "" else [value]


def row_at(value: Any, number: int) -> Any:
    """One row, or None where the list is too short."""
    found = rows(value)
    return found[number] if -len(found) <= number < len(found) else None


def match(value: Any, keys: tuple[str, ...], wanted: tuple[str, ...]) -> Any:
    """The first row in which the value at `keys` is one of the wanted texts, else None."""
    if value is None:
        return None
    listed = rows(value)
    found = matching_index(listed, keys, wanted)
    return None if found is None else listed[found]


def matching_index(found: list[Any], keys: tuple[str, ...], wanted: tuple[str, ...]) -> int | None:
    for number, row in enumerate(found):
        value = row
        for key in keys:
            value = part(value).get(key)
        if value is not None and str(value) in wanted:
            return number
    return None
