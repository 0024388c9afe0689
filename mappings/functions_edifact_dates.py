"""DTM segments of EDIFACT: dates, times and periods in the formats of code list 2379.

What stands there decides where it does not agree with its format: a value of twelve digits marked 102 is a date with a time.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from mappings.coercing import in_zone
from mappings.failing import Unfit

FORMATS = {
    "2": "%d%m%y", "3": "%m%d%y", "4": "%d%m%Y", "101": "%y%m%d", "102": "%Y%m%d", "201": "%y%m%d%H%M", "202": "%y%m%d%H%M%S",
    "203": "%Y%m%d%H%M", "204": "%Y%m%d%H%M%S", "610": "%Y%m", "609": "%y%m", "602": "%Y", "303": "%Y%m%d%H%M",
    "304": "%Y%m%d%H%M%S", "205": "%Y%m%d%H%M",
}  # fmt: skip
BY_LENGTH = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S", 6: "%y%m%d"}
"""Formats of plain digits where the sender names none or one of another length."""
PERIODS = {"718": 8, "711": 8, "719": 12, "717": 6, "713": 10, "720": 12}
"""Formats of two dates, one after the other, and the digits of each."""
ZONED = re.compile(r"(\d{12}(?:\d\d)?)(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)", re.ASCII)
ZONE_NAMES = frozenset(("Z", "UTC", "GMT"))


def start_of(dtm: Mapping[str, Any], *, zone: str | None = None, aware: bool = False) -> datetime | None:
    """When a DTM begins; with `aware`, in its own zone or the endpoint's. None where it holds no value."""
    value, form = dtm.get("01_2", "").strip(), dtm.get("01_3", "")
    if not value:
        return None
    first = _dates(value, form)[0]
    found = _parsed(first, form if first == value else "")
    return in_zone(found, zone, value) if aware else found


def end_of(dtm: Mapping[str, Any]) -> datetime | None:
    """When the period of a DTM ends; for a single date, that date."""
    value, form = dtm.get("01_2", "").strip(), dtm.get("01_3", "")
    if not value:
        return None
    last = _dates(value, form)[-1]
    return _parsed(last, form if last == value else "")


def _dates(value: str, form: str) -> list[str]:
    """The one or two dates of a value."""
    begin, hyphen, end = value.partition("-")
    if hyphen and begin.isdecimal() and end.isdecimal() and len(begin) == len(end):
        return [begin, end]
    width = PERIODS.get(form)
    if width is None and form == "102" and len(value) == 16:
        width = 8
    return [value[:width], value[width:]] if width and len(value) == 2 * width and value.isdecimal() else [value]


def _parsed(value: str, form: str) -> datetime:
    zoned = ZONED.fullmatch(value)
    if zoned is not None:
        return _parsed(zoned[1], "").replace(tzinfo=_zone(zoned[2], value))
    pattern = FORMATS.get(form, "")
    if not pattern or _width(pattern) != len(value):
        pattern = BY_LENGTH.get(len(value), "")
    if pattern and value.isascii() and value.isdecimal():
        try:
            return _without_midnight(value, pattern)
        except ValueError:
            pass
    raise Unfit("E_DATE", f"expected a date or time of format {form or '102'}", value)


def _without_midnight(value: str, pattern: str) -> datetime:
    """24:00 is midnight of the day after."""
    if "%H" in pattern:
        day, clock = value[: _width(pattern[: pattern.index("%H")])], value[_width(pattern[: pattern.index("%H")]) :]
        if clock.startswith("24") and clock.strip("24").strip("0") == "":
            return datetime.strptime(day, pattern[: pattern.index("%H")]) + timedelta(days=1)
    return datetime.strptime(value, pattern)


def _width(pattern: str) -> int:
    return sum(4 if letter == "Y" else 2 for letter in pattern.replace("%", ""))


def _zone(text: str, value: str) -> timezone:
    if text in ZONE_NAMES:
        return UTC
    hours, minutes = int(text[1:3]), int(text[3:].lstrip(":") or 0)
    if hours > 23 or minutes > 59:
        raise Unfit("E_DATE", "expected an offset from UTC", value)
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset)
