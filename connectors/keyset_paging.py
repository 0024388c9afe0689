"""Lists that are ordered by their last change and paged by number: a row that changes while we read moves to the end and shifts the
others, so the next page is asked for by time wherever that leads on, and by number only where a whole page changed at once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from canonical.failures import Transient
from connectors.http import Reply
from connectors.rest_polling import Listing, Question

SECOND = timedelta(seconds=1)
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
Row = Mapping[str, Any]


def rows_of(reply: Reply, name: str | None) -> list[Row]:
    """The objects of the list an answer is, or has under a name. Transient where the answer is something else."""
    try:
        tree = orjson.loads(reply.body)
        found = tree if name is None else tree.get(name) or []
        if isinstance(found, list) and all(isinstance(row, dict) for row in found):
            return found
    except (ValueError, AttributeError):
        pass
    raise Transient("expected a list from the partner's API")


def newest_of(rows: list[Row], changed: Callable[[Row], str | None]) -> datetime | None:
    """When the latest of the rows changed; None where none says so. A time without an offset is UTC."""
    told = [when for row in rows if (when := _moment(changed(row))) is not None]
    return max(told, default=None)


def _moment(text: object) -> datetime | None:
    try:
        when = datetime.fromisoformat(str(text)) if text else None
    except ValueError:
        return None
    return when if when is None or when.tzinfo is not None else when.replace(tzinfo=UTC)


@dataclass(slots=True)
class Keyset:
    """One reading of such a list. ask(since, page): the request for a page of what changed since then, this moment included.

    rows: the rows of an answer. changed: when a row changed, as text. size: how many rows a full page has.
    """

    ask: Callable[[datetime, int], Question]
    rows: Callable[[Reply], list[Row]]
    changed: Callable[[Row], str | None]
    size: int
    headers: Mapping[str, str] = field(default_factory=dict)
    since: datetime = LONG_AGO
    page: int = 1

    def listing(self) -> Listing:
        return Listing(self._first, self._following, self._newest, in_order=True, headers=self.headers)

    def _first(self, since: datetime) -> Question:
        self.since, self.page = since, 1
        return self.ask(since, 1)

    def _following(self, _: Question, reply: Reply) -> Question | None:
        if len(self.rows(reply)) < self.size:
            return None
        newest = self._newest(reply)
        if newest is not None and newest - SECOND > self.since:
            self.since, self.page = newest - SECOND, 1
        else:
            self.page += 1
        return self.ask(self.since, self.page)

    def _newest(self, reply: Reply) -> datetime | None:
        return newest_of(self.rows(reply), self.changed)
