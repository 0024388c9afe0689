"""Mapping functions on dates and times as XML Schema writes them: `2018-09-20`, `2018-09-20Z`, `12:30:00`, `12:30:00.5+02:00`."""

import re
from datetime import date, datetime

from mappings.coercing import as_date, in_zone
from mappings.failing import Unfit

OFFSET = re.compile(r"(Z|[+-]\d\d:\d\d)?$", re.ASCII)


def xsd_date(value: str) -> date | None:
    """The calendar date as written, whatever offset stands behind it."""
    return as_date(value.strip().removesuffix(_offset(value.strip()))[:10])


def xsd_instant(day: str, time: str | None = None, *, zone: str | None) -> datetime:
    """A date with a time of day, midnight without one, by the offset of either; without any in the endpoint's zone."""
    moment = _moment(day.strip(), (time or "").strip())
    return in_zone(moment, zone, f"{day} {time}" if time else day)


def xsd_instant_known(day: str, time: str | None = None, *, zone: str | None) -> datetime | None:
    """The same for what is only good to know: nothing where there is no time of day, or no offset and no zone of the endpoint."""
    if not time and "T" not in day:
        return None
    moment = _moment(day.strip(), (time or "").strip())
    return None if moment.tzinfo is None and zone is None else in_zone(moment, zone, day)


def _offset(text: str) -> str:
    found = OFFSET.search(text[8:])
    return found[0] if found else ""


def _moment(day: str, time: str) -> datetime:
    written = day
    if time:
        own = _offset(time)
        offset = own or _offset(day)
        written = f"{day.removesuffix(_offset(day))}T{time.removesuffix(own)}{offset}"
    elif "T" not in day:
        written = f"{day.removesuffix(_offset(day))}T00:00:00{_offset(day)}"
    try:
        return datetime.fromisoformat(written)
    except ValueError as error:
        raise Unfit("E_DATE", "expected a date and a time of day (XML Schema)", written) from error
