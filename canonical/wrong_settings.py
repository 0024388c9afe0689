"""What is wrong with settings that people write: where, and what was expected; a mistyped key names the one that was meant."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from canonical.nearest import did_you_mean

KINDS = {
    "a whole number": ("int_parsing", "int_type", "int_from_float"),
    "a number": ("float_parsing", "float_type", "decimal_parsing", "decimal_type"),
    "true or false": ("bool_parsing", "bool_type"),
    "text": ("string_type",),
    "a list": ("list_type", "tuple_type", "set_type", "frozen_set_type"),
    "keys with values": ("dict_type", "model_type", "model_attributes_type"),
    "a day, such as 2026-11-23": ("date_type", "date_parsing", "date_from_datetime_parsing", "date_from_datetime_inexact"),
}
SENTENCES = {error: f"expected {kind}" for kind, errors in KINDS.items() for error in errors} | {
    "missing": "expected a value, it is not there",
    "timezone_aware": "expected a time with its offset, such as 2026-11-20T08:00:00+01:00",
    "string_pattern_mismatch": "expected text that matches {pattern}",
    "value_error": "{error}",
    "literal_error": "expected {expected}",
    "enum": "expected {expected}",
    "greater_than": "expected more than {gt}",
    "greater_than_equal": "expected at least {ge}",
    "less_than": "expected less than {lt}",
    "less_than_equal": "expected at most {le}",
    "string_too_short": "expected at least {min_length} characters",
    "string_too_long": "expected at most {max_length} characters",
}
"""Where pydantic's own words do not say what was expected."""


def wrong_settings(error: ValidationError, kind: type[BaseModel]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every mistake: the keys that lead to it, and what is wrong there. kind: the class that the settings were read as."""
    for one in error.errors():
        place = tuple(map(str, one["loc"]))
        if one["type"] == "extra_forbidden":
            yield place, f"there is no such key.{did_you_mean(place[-1], _keys(kind, place[:-1]))}"
        else:
            yield place, worded(one)


def worded(error: Mapping[str, Any]) -> str:
    """One of pydantic's errors as a sentence that says what was expected."""
    sentence = SENTENCES.get(error["type"])
    return sentence.format(**error.get("ctx", {})) if sentence else str(error["msg"])


def _keys(kind: Any, place: tuple[str, ...]) -> list[str]:
    """The keys that may stand at a place; none where that depends on what is written there."""
    for name in place:
        field = kind.model_fields.get(name)
        kind = next((one for one in _classes(field.annotation) if issubclass(one, BaseModel)), None) if field else None
        if kind is None:
            return []
    return [field.alias or name for name, field in kind.model_fields.items()]


def _classes(annotation: Any) -> list[type]:
    """The classes of an annotation, or of its union."""
    return [one for one in getattr(annotation, "__args__", (annotation,)) if isinstance(one, type)]
