"""Polling a platform that tells changes of a limited stretch of time only: stretch after stretch, page after page, up to now.

What changes again while we ask leaves its stretch, and what stood behind it moves up by one: who reads on would miss the one that
moved to a page read before. So the pages of a stretch are read from the last to the first, after a look at how many there are.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from connectors.http import Reply
from connectors.platform_answers import answer_of, failure_of
from connectors.rest_polling import Listing, Question

CHINA = ZoneInfo("Asia/Shanghai")
TIME = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True, slots=True)
class Page:
    """changed: when each thing on the page changed, in China's time as the platform writes it. pages: how many the stretch has."""

    changed: tuple[str, ...]
    pages: int


@dataclass(frozen=True, slots=True)
class Platform:
    """longest: the stretch it tells about at once. question(start, end, page): asks for one page of one stretch.
    error_of(answer): what it says went wrong, None where nothing did. page_of(answer): what stands on a page. late: how long it
    takes until it tells everything of a time."""

    longest: timedelta
    question: Callable[[datetime, datetime, int], Question]
    error_of: Callable[[Mapping[str, Any]], str | None]
    page_of: Callable[[Mapping[str, Any]], Page]
    late: timedelta = timedelta(0)


class _Walk:
    """Where one poll is."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._until = datetime.now(UTC) - platform.late
        self._start = self._end = self._until
        self._counted = False
        self._page = 1

    def first(self, since: datetime) -> Question:
        return self._stretch(since)

    def following(self, question: Question, reply: Reply) -> Question | None:
        self._page = self._page - 1 if self._counted else self._pages(reply)
        self._counted = True
        if self._page > 0:
            return self._platform.question(self._start, self._end, self._page)
        return self._stretch(self._end) if self._end < self._until else None

    def newest(self, reply: Reply) -> datetime | None:
        return max((_instant(text) for text in self._read(reply).changed), default=None)

    def _pages(self, reply: Reply) -> int:
        """How many pages to read behind the first look; none where it has shown all."""
        pages = self._read(reply).pages
        return pages if pages > 1 else 0

    def _stretch(self, start: datetime) -> Question:
        self._start, self._counted = start, False
        self._end = max(start, min(start + self._platform.longest, self._until))
        return self._platform.question(self._start, self._end, 1)

    def _read(self, reply: Reply) -> Page:
        answer = answer_of(reply)
        told = self._platform.error_of(answer)
        if told is not None:
            raise failure_of(told, "the list")
        return self._platform.page_of(answer)


def windowed(platform: Platform) -> Listing:
    """The platform's list for one poll, as `connectors.rest_polling.poll_list` walks it."""
    walk = _Walk(platform)
    return Listing(walk.first, walk.following, walk.newest)


def rows(found: Any) -> list[Any]:
    """The rows of a list, whatever the platform has put there."""
    return found if isinstance(found, list) else []


def texts(found: Iterable[Any]) -> tuple[str, ...]:
    return tuple(one for one in found if isinstance(one, str) and one)


def pages_of(total: Any, size: int) -> int:
    """How many pages of a size there are, of the total as the platform writes it."""
    text = str(total)
    return -(-int(text) // size) if text.isascii() and text.isdigit() else 0


def china_time(moment: datetime) -> str:
    return moment.astimezone(CHINA).strftime(TIME)


def _instant(text: str) -> datetime:
    """A page whose change has no readable time counts as old: the next poll sees it again."""
    try:
        return datetime.strptime(text, TIME).replace(tzinfo=CHINA).astimezone(UTC)
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
