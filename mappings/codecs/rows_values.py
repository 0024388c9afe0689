"""Cells as values: numbers with either decimal mark, dates in any usual order; what may mean two things stays text."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from babel import Locale

from mappings.codecs.rows_names import plain_name
from mappings.failing import Unfit
from mappings.functions_time import date_in

Cell = str | Decimal | date | datetime | bool | None
"""Text as it stands; a number; a date, or a date and time; true or false; nothing."""


class Rounded(str):
    """A number of more digits than its spreadsheet keeps: what stood there is lost."""

    __slots__ = ()


class Unworked(str):
    """A formula whose result nobody has worked out."""

    __slots__ = ()


ORNAMENTS = re.compile(r"[\s\u00a0\u202f'’%€$£¥￥元]|(?<![A-Za-z])[A-Z]{3}(?![A-Za-z])")
"""What stands in a number and changes nothing: blanks, apostrophes, currency signs and codes."""
DIGITS = re.compile(r"[+-]?[\d.,]*\d[\d.,]*", re.ASCII)
GROUPED = {mark: re.compile(rf"[+-]?(?:\d{{1,3}}(?:{re.escape(mark)}\d{{3}})+|\d{{1,2}}(?:,\d\d)+,\d{{3}})") for mark in ",."}
"""Thousands, and the lakhs of India: 12,34,567."""
NUMERIC_DATE = re.compile(r"(\d{1,4})([./-])(\d{1,2})\2(\d{1,4})\.?", re.ASCII)
CHINESE_DATE = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日", re.ASCII)
CLOCK = re.compile(r"[T ]\d{1,2}:\d{2}.*")
ISO_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*", re.ASCII)
COMPACT_DATE = re.compile(r"(?:19|20)\d{6}", re.ASCII)
EPOCH = date(1899, 12, 30)
"""Day 0 of a spreadsheet; workbooks of the other calendar have their own."""
SERIALS = range(20_000, 80_000)
"""The days of the years 1954 to 2119 as numbers."""
TEXT_SERIAL = re.compile(r"4[4-9]\d{3}(?:\.\d+)?", re.ASCII)
"""A day of 2020 to 2036 in a text: five digits that stand for no other date, whichever way it is written without marks."""
COUNTRY_LANGUAGES = ("en", "de", "zh", "fr", "es", "it")


@dataclass(frozen=True, slots=True)
class Habits:
    """How a sender writes: stated for the endpoint, or seen in the file; empty where neither tells.

    decimal: "." or ",". day_first: of dates such as 03/04/2026. date_format: for all its dates. epoch: day 0 of dates that stand
    as the numbers a spreadsheet counts days with.
    """

    decimal: str = ""
    day_first: bool | None = None
    date_format: str = ""
    epoch: date = EPOCH


def seen_habits(numbers: Iterable[str], dates: Iterable[str], stated: Habits, epoch: date = EPOCH) -> Habits:
    """What the texts of a file prove about the way they are written; what is stated counts before it."""
    decimals = {mark for text in numbers if (mark := _proven_mark(text))}
    orders = {order for text in dates if (order := _proven_order(text)) is not None}
    return Habits(
        stated.decimal or (decimals.pop() if len(decimals) == 1 else ""),
        stated.day_first if stated.day_first is not None else (orders.pop() if len(orders) == 1 else None),
        stated.date_format,
        epoch,
    )


@lru_cache(maxsize=8192)
def number(text: str, decimal: str) -> Decimal | None:
    """The number; None for what is none, or may mean two."""
    bare = _bare(text)
    if bare is None or bare.isdigit():
        return None if bare is None else Decimal(bare)
    marks = {mark for mark in ".," if mark in bare}
    mark = decimal or _proven_mark(text)
    if not mark and marks:
        return None
    other = "," if mark == "." else "."
    if mark and bare.count(mark) > 1:
        return None
    whole, _, fraction = bare.partition(mark) if mark else (bare, "", "")
    if other in fraction or (other in whole and not GROUPED[other].fullmatch(whole)):
        return None
    return Decimal(f"{whole.replace(other, '')}.{fraction or '0'}") if fraction else Decimal(whole.replace(other, "") or "0")


def _bare(text: str) -> str | None:
    """Sign, digits and marks of a number; a minus may stand behind, or brackets around it."""
    if len(text) <= 40 and DIGITS.fullmatch(text):
        return text
    bare = ORNAMENTS.sub("", text)
    if bare.startswith("(") and bare.endswith(")"):
        bare = f"-{bare[1:-1]}"
    if bare.endswith("-"):
        bare = f"-{bare[:-1]}"
    return bare if len(bare) <= 40 and DIGITS.fullmatch(bare) else None


def _proven_mark(text: str) -> str:
    """The decimal mark a number can only have; empty where it has none or it may be the other."""
    bare = _bare(text)
    if bare is None:
        return ""
    last = max(bare.rfind("."), bare.rfind(","))
    if last < 0:
        return ""
    mark, other = bare[last], "," if bare[last] == "." else "."
    if bare.count(mark) > 1:
        return other
    if other in bare or not GROUPED[mark].fullmatch(bare) or bare.lstrip("+-").startswith("0"):
        return mark
    return ""


def day(text: str, habits: Habits) -> date | None:
    """The date, its time of day left out; None for what is none, or may mean two."""
    bare = text.strip()
    if habits.date_format:
        try:
            return date_in(bare, habits.date_format)
        except Unfit:
            return None
    if COMPACT_DATE.fullmatch(bare):
        return _date(bare[:4], bare[4:6], bare[6:])
    bare = CLOCK.sub("", bare)
    if match := CHINESE_DATE.fullmatch(bare):
        return _date(*match.groups())
    match = NUMERIC_DATE.fullmatch(bare)
    if match is None:
        return None
    first, mark, second, third = match.groups()
    if len(first) == 4:
        return _date(first, second, third)
    if mark == "." and len(third) == 2:
        third = f"{'19' if third >= '69' else '20'}{third}"
    if len(third) != 4 or len(first) > 2:
        return None
    day_first = True if mark == "." else _proven_order(bare)
    day_first = habits.day_first if day_first is None else day_first
    if day_first is None:
        return _date(third, second, first) if first == second else None
    return _date(third, second, first) if day_first else _date(third, first, second)


def _proven_order(text: str) -> bool | None:
    """Whether the day stands first; None where nothing tells."""
    match = NUMERIC_DATE.fullmatch(CLOCK.sub("", text.strip()))
    if match is None or len(match[1]) > 2 or match[2] == ".":
        return None
    first, second = int(match[1]), int(match[3])
    return first > 12 if (first > 12) != (second > 12) else None


def _date(year: str, month: str, number_of_day: str) -> date | None:
    try:
        return date(int(year), int(month), int(number_of_day))
    except ValueError:
        return None


def text_of(cell: Cell) -> str:
    """The cell as people read it: numbers without exponent, dates as ISO 8601."""
    if cell.__class__ is str:
        return cell.strip()
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    return "" if cell is None else cell.isoformat() if isinstance(cell, date) else cell.strip()


def value_of(cell: Cell, kind: str, habits: Habits) -> Any:
    """The cell as its field wants it; the text as it stands where that cannot be had, None where there is nothing."""
    text = text_of(cell)
    if not text or cell.__class__ is Unworked:
        return None
    if kind == "number":
        return cell if isinstance(cell, Decimal) else _or_text(number(text, habits.decimal), text)
    if kind in ("date", "moment"):
        return _moment_of(cell, text, habits) if kind == "moment" else _day_of(cell, text, habits)
    if kind == "country":
        return country(text)
    return text.upper() if kind == "code" else text


def _moment_of(cell: Cell, text: str, habits: Habits) -> Any:
    """A date, or a date and time as ISO text."""
    if isinstance(cell, datetime):
        return cell.date() if cell.time() == datetime.min.time() else cell.isoformat()
    return text if ISO_MOMENT.fullmatch(text) else _day_of(cell, text, habits)


def _day_of(cell: Cell, text: str, habits: Habits) -> Any:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    return _or_text(day(text, habits) or _counted_day(cell, habits), text)


def _counted_day(cell: Cell, habits: Habits) -> date | None:
    """The day of a number that stands where a date should: a spreadsheet's date whose cell has lost its format."""
    if habits.date_format.isalpha():
        return None
    if isinstance(cell, Decimal):
        return habits.epoch + timedelta(days=int(cell)) if int(cell) in SERIALS else None
    return EPOCH + timedelta(days=int(cell[:5])) if isinstance(cell, str) and TEXT_SERIAL.fullmatch(cell.strip()) else None


def _or_text(found: Any, text: str) -> Any:
    return text if found is None else found


def country(text: str) -> str:
    """The ISO 3166 code of a country by its name; what is no such name stays as it is."""
    return text.upper() if len(text) == 2 else _countries().get(plain_name(text), text)


@cache
def _countries() -> dict[str, str]:
    found = {"usa": "US", "uk": "GB", "prchina": "CN", "中国大陆": "CN"}
    for language in COUNTRY_LANGUAGES:
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha():
                found.setdefault(plain_name(name), code)
    return found
