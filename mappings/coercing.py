"""Exact conversions of what partners send into the types of the canonical documents.

Each gives None for a missing or empty value and raises Unfit for one that does not fit; nothing is rounded, guessed or cut.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from canonical.failures import Misconfigured
from mappings.failing import Unfit

PLAIN_NUMBER = re.compile(r"[+-]?(?:\d{1,40}(?:\.\d{0,40})?|\.\d{1,40})", re.ASCII)
ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
ISO_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*", re.ASCII)
TRUE = frozenset((True, "true", "True", "TRUE", "1", "Y", 1))
FALSE = frozenset((False, "false", "False", "FALSE", "0", "N", 0))


def as_text(value: Any) -> str | None:
    """Text as it is, whole numbers written out, the text of an XML element; nothing else is a text."""
    if value.__class__ is str:
        return value or None
    if value is None:
        return None
    if value.__class__ is int:
        return str(value)
    if value.__class__ is Decimal:
        return f"{value:f}"
    return _content(value, "text", as_text)  # type: ignore[no-any-return]


def as_decimal(value: Any) -> Decimal | None:
    """A number, or a plain decimal text: sign, digits, one point; no exponent, no thousands marks."""
    if value.__class__ is str:
        return number(value) if value else None
    if value is None or value.__class__ is Decimal:
        return value
    if value.__class__ is int:
        return number(value)
    return _content(value, "a number", as_decimal)  # type: ignore[no-any-return]


@lru_cache(maxsize=8192)
def number(given: str | int) -> Decimal:
    """A plain decimal text or a whole number as a Decimal."""
    if isinstance(given, str) and not PLAIN_NUMBER.fullmatch(given):
        raise Unfit("E_SCHEMA", "expected a plain decimal number", given)
    return Decimal(given)


def as_int(value: Any) -> int | None:
    """A whole number, also written with zero decimals."""
    if value.__class__ is int:
        return value
    found = as_decimal(value)
    if found is None:
        return None
    if found != found.to_integral_value():
        raise Unfit("E_SCHEMA", "expected a whole number", value)
    return int(found)


def as_bool(value: Any) -> bool | None:
    """True and false, also as the words partners use for them."""
    if value is None or value == "":
        return None
    if isinstance(value, bool | str | int):
        if value in TRUE:
            return True
        if value in FALSE:
            return False
    return _content(value, "true or false", as_bool)  # type: ignore[no-any-return]


def as_date(value: Any) -> date | None:
    """An ISO 8601 calendar date, YYYY-MM-DD."""
    if value is None or value == "":
        return None
    if value.__class__ is date:
        return value
    if isinstance(value, str):
        if ISO_DATE.fullmatch(value):
            try:
                return date.fromisoformat(value)
            except ValueError:
                pass
        raise Unfit("E_DATE", "expected a date as YYYY-MM-DD", value)
    return _content(value, "a date as YYYY-MM-DD", as_date)  # type: ignore[no-any-return]


def as_instant(value: Any, zone: str | None) -> datetime | None:
    """An RFC 3339 instant. Without an offset it is in `zone`; without that too it is refused, never assumed (E_TIME_NAIVE)."""
    if value is None or value == "":
        return None
    if value.__class__ is str:
        return instant(value, zone)
    if isinstance(value, datetime):
        return in_zone(value, zone, value)
    content = _content(value, "a date and time", as_text)
    return as_instant(content, zone)


@lru_cache(maxsize=1024)
def instant(text: str, zone: str | None) -> datetime:
    """A date and time as an instant; without an offset it is in `zone`."""
    return in_zone(moment(text), zone, text)


@lru_cache(maxsize=1024)
def moment(text: str) -> datetime:
    """A date and time, with an offset or without."""
    if ISO_INSTANT.fullmatch(text):
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass
    raise Unfit("E_DATE", "expected a date and time with its offset from UTC (RFC 3339)", text)


def in_zone(when: datetime, zone: str | None, value: Any) -> datetime:
    if when.tzinfo is not None:
        return when
    if zone is None:
        raise Unfit("E_TIME_NAIVE", "expected a time with its offset from UTC, or `time_zone` set for the endpoint", value)
    try:
        return when.replace(tzinfo=ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise Misconfigured(f"{zone!r} is no time zone of the IANA database") from error


def as_list(value: Any) -> list[Any] | None:
    if value is None or value == "":
        return None
    return value if value.__class__ is list else [value]


def as_texts(value: Any) -> list[str] | None:
    """Every filled row as text; None where none is filled."""
    return [text for row in as_list(value) or () if (text := as_text(row)) is not None] or None


def as_any(value: Any) -> Any:
    """The value, with an empty text for a missing one."""
    return None if value.__class__ is str and not value else value


def _content(value: Any, wanted: str, convert: Any) -> Any:
    """The text of an XML element with attributes, converted."""
    if isinstance(value, dict) and "#text" in value:
        return convert(value["#text"])
    if isinstance(value, dict) and value and all(key.startswith("@") for key in value):
        return None
    raise Unfit("E_SCHEMA", f"expected {wanted}", value)


COERCIONS: Mapping[str, Callable[[Any], Any]] = {
    "any": as_any, "object": as_any, "text": as_text, "decimal": as_decimal, "int": as_int, "bool": as_bool, "date": as_date,
    "list": as_list, "texts": as_texts,
}  # fmt: skip
"""The conversion to each type but instants, which need a time zone besides."""


def coerced(value: Any, kind: str, zone: str | None) -> Any:
    """The value as the type `kind`; None for a missing one."""
    return as_instant(value, zone) if kind == "instant" else COERCIONS[kind](value)


def is_filled(value: Any, kind: str) -> bool:
    """Whether a converted value is there; an empty text is not."""
    return bool(value) if kind in {"text", "texts"} else value is not None
