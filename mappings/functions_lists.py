"""Mapping functions on lists, presence and conditions."""

from collections.abc import Mapping
from typing import Any

from mappings.coercing import as_any, as_text
from mappings.failing import Unfit
from mappings.reading import part


def is_missing(value: Any) -> bool:
    return value is None or (not value and value in ("", [], {}))


def holds(value: Any) -> bool:
    """Whether a condition is met: there is a value, and it is not false. Zero is a value."""
    return not is_missing(value) and value is not False


def first(*values: Any) -> Any:
    """The first filled value."""
    return next((value for value in values if value is not None), None)


def choose(condition: bool | None, then: Any, otherwise: Any = None) -> Any:
    return then if condition else otherwise


def required(value: Any) -> Any:
    """The value; Unfit when it is missing."""
    if is_missing(value):
        raise Unfit("E_SCHEMA", "expected a value")
    return value


def exists(value: Any) -> bool:
    """Whether something stands there; an empty list does, an empty text does not."""
    return as_any(value) is not None


def negated(value: Any) -> bool:
    return not holds(value)


def equals(value: Any, *others: Any) -> bool:
    """Whether the value is one of the others, compared as text."""
    return value is not None and any(other is not None and str(other) == str(value) for other in others)


def all_of(*values: Any) -> bool:
    return all(holds(value) for value in values)


def any_of(*values: Any) -> bool:
    return any(holds(value) for value in values)


def listed(*values: Any) -> list[Any] | None:
    """The filled values as a list."""
    return [value for value in values if not is_missing(value)] or None


def row(*values: Any) -> list[Any]:
    """All values as a list, an empty text for a missing one."""
    return ["" if value is None else value for value in values]


def unique(values: list[Any]) -> list[Any]:
    """Each row once, in the order of first appearance."""
    found: dict[str, Any] = {}
    for value in values:
        found.setdefault(str(value), value)
    return list(found.values())


def count(values: list[Any]) -> int:
    return len(values)


def item(values: list[Any], number: int | None) -> Any:
    """The row with a 0-based number, nothing beyond the end."""
    return values[number] if number is not None and 0 <= number < len(values) else None


def last(values: list[Any]) -> Any:
    return values[-1] if values else None


def split(value: str, between: str) -> list[Any] | None:
    """The trimmed, filled pieces of a text between separators."""
    return [piece.strip() for piece in value.split(between) if piece.strip()] or None


def qualified(segment: Any, qualifier: str, start: str | None = None) -> str | None:
    """The element after the one that holds the qualifier, in a segment of qualifier and value pairs from element `start` on.

    PO1 names its items so: 06 qualifier, 07 value, 08 qualifier, 09 value.
    """
    elements: Mapping[str, Any] = part(segment)
    for number in range(int(start or "1"), 99, 2):
        if elements.get(f"{number:02d}") == qualifier:
            return as_text(elements.get(f"{number + 1:02d}"))
    return None


def with_note(values: Any, note: str | None) -> dict[str, Any] | None:
    """The object with a text under `note`; either may be missing."""
    return {**part(values), **({"note": note} if note else {})} or None


def by_name(values: list[Any], name: str, value: str) -> dict[str, Any] | None:
    """A list of named values as an object: [{name: a, value: 1}] is {a: 1}."""
    found = {as_text(part(one).get(name)): part(one).get(value) for one in values}
    return {key: inner for key, inner in found.items() if key is not None and not is_missing(inner)} or None
