"""Mapping functions on dates and instants. Formats are written with YYYY, YY, MM, DD, HH, mm, SS.

Two-digit years: 69 to 99 are 1969 to 1999, 00 to 68 are 2000 to 2068 (POSIX).
"""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache, lru_cache

from mappings.coercing import ISO_INSTANT, as_date, as_instant, in_zone, moment
from mappings.failing import Unfit

LETTERS = {"YYYY": "%Y", "YY": "%y", "MM": "%m", "DD": "%d", "HH": "%H", "mm": "%M", "SS": "%S"}
LETTER = re.compile("YYYY|YY|MM|DD|HH|mm|SS")
LONGEST_EPOCH = Decimal(253402300799)
"""The last second of the year 9999."""
CLOCK = re.compile(r"(\d\d)(\d\d)(?:(\d\d)\d{0,2})?", re.ASCII)


@cache
def _pattern(form: str) -> tuple[str, re.Pattern[str]]:
    """The strptime pattern of a format, and what a text of that format looks like: every field at its full width."""
    shape = LETTER.sub(lambda m: r"\d{" + str(len(m[0])) + "}", re.escape(form))
    return LETTER.sub(lambda m: LETTERS[m[0]], form), re.compile(shape, re.ASCII)


@lru_cache(maxsize=1024)
def _parsed(value: str, form: str) -> datetime:
    pattern, shape = _pattern(form)
    if shape.fullmatch(value.strip()):
        try:
            return datetime.strptime(value.strip(), pattern)
        except ValueError:
            pass
    raise Unfit("E_DATE", f"expected a date as {form}", value)


def date_in(value: str, form: str | None = None) -> date | None:
    """A date in a format; without one, ISO 8601."""
    return as_date(value) if form is None else _parsed(value, form).date()


def instant_in(value: str, form: str | None = None, *, zone: str | None) -> datetime | None:
    """A date and time in a format, in the endpoint's zone; without a format, RFC 3339."""
    return as_instant(value, zone) if form is None else in_zone(_parsed(value, form), zone, value)


def zoned(value: str, zone: str, form: str | None = None) -> datetime:
    """A date and time, ISO 8601 or in a format, as an instant; without an offset it is in the zone that its platform writes in."""
    return in_zone(moment(value) if form is None else _parsed(value, form), zone, value)


def known_instant(value: str, *, zone: str | None) -> datetime | None:
    """An ISO date and time that names its offset, or is in the endpoint's zone; nothing for a date alone or a time without zone."""
    when = moment(value) if ISO_INSTANT.fullmatch(value) else None
    return None if when is None or (when.tzinfo is None and zone is None) else in_zone(when, zone, value)


def is_naive(value: str) -> bool:
    """Whether a date and time names no offset."""
    return moment(value).tzinfo is None


def at_time(day: date, clock: str | None, *, zone: str | None) -> datetime:
    """A date and a time of day (HHMM, HHMMSS, HH:MM:SS) as an instant in the endpoint's zone; midnight without a time."""
    match = CLOCK.fullmatch((clock or "0000").replace(":", ""))
    if match is None:
        raise Unfit("E_DATE", "expected a time as HHMM or HHMMSS", clock)
    hour, minute, second = (int(found or 0) for found in match.groups())
    try:
        moment = datetime(day.year, day.month, day.day, hour, minute, second)
    except ValueError as error:
        raise Unfit("E_DATE", "expected a time as HHMM or HHMMSS", clock) from error
    return in_zone(moment, zone, clock or day.isoformat())


def start_of_day(day: date, *, zone: str | None) -> datetime:
    return at_time(day, None, zone=zone)


def epoch_seconds(value: Decimal) -> datetime:
    """Seconds since 1970-01-01 UTC, fractions allowed."""
    if not 0 <= value <= LONGEST_EPOCH:
        raise Unfit("E_DATE", "expected seconds since 1970", value)
    whole = int(value)
    return datetime.fromtimestamp(whole, UTC) + timedelta(microseconds=int((value - whole) * 1_000_000))


def epoch_millis(value: Decimal) -> datetime:
    return epoch_seconds(value.scaleb(-3))


def seconds_since(value: datetime, start: datetime | None) -> int | None:
    """Whole seconds from the start to the value, none below zero; nothing without a start."""
    return None if start is None else max(0, int((value - start).total_seconds()))


def local_date(value: datetime) -> date:
    """The calendar date at the place of the sender: the date as it was written, before any conversion to UTC."""
    return value.date()


def utc_date(value: datetime) -> date:
    try:
        return value.astimezone(UTC).date()
    except OverflowError:
        raise Unfit("E_DATE", "expected an instant of the years 1 to 9999 in UTC", value.isoformat()) from None


def add_days(value: date, days: int | None) -> date:
    return value + timedelta(days=days or 0)


def format_date(value: date, form: str) -> str:
    return value.strftime(_pattern(form)[0])


def format_instant(value: datetime, form: str | None = None) -> str:
    """The instant in UTC in a format; without one, RFC 3339 with Z."""
    moment = value.astimezone(UTC)
    return moment.isoformat().replace("+00:00", "Z") if form is None else moment.strftime(_pattern(form)[0])
