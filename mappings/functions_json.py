"""Mapping functions on what platforms that write JSON put into texts: JSON again, and words for nothing."""

from typing import Any

from canonical.failures import Malformed
from mappings.codecs import json
from mappings.failing import Unfit


def from_json(value: Any) -> Any:
    """What a text holds as JSON; a value that is no text stands for itself."""
    if not isinstance(value, str):
        return value
    try:
        return json.parsed(value.encode("utf-8", "surrogatepass"))
    except Malformed as error:
        raise Unfit("E_JSON", "expected JSON in a text", value) from error


def unless(value: Any, *words: str | None) -> Any:
    """The value; nothing where it is one of the words."""
    return None if isinstance(value, str | int) and str(value) in words else value
