"""Asks a dealer's own service for orders: since the watermark, stretch after stretch, page after page."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from canonical.failures import Refused
from connectors.base import Endpoint, Polled, RawMessage
from connectors.dealers.dealer_soap.own_service import Answered, DealerService
from connectors.dealers.dealer_soap.settings import DealerSoapPolling, OwnService, places_in

MOST_PAGES = 10_000
MORE = dict.fromkeys(("true", "1", "y", "yes"), True) | dict.fromkeys(("false", "0", "n", "no", ""), False)
"""What a service may say where it says whether another page follows."""


def poll_own(endpoint: Endpoint, settings: DealerSoapPolling, own: OwnService, watermark: str | None) -> Iterator[Polled]:
    """Every page since the watermark: what the answer says there, or the instant up to which was asked. Refused for pages without
    end; failures as `DealerService.ask` says."""
    service = DealerService(endpoint, settings, own)
    turn: _Turn | None = _Turn.first(settings, own, watermark)
    before = b""
    for _ in range(MOST_PAGES):
        if turn is None:
            return
        answered = service.ask(filled(own.arguments, turn.places))
        has_orders = _has_orders(answered, own)
        if has_orders and answered.body == before and turn.page > own.first_page:
            raise Refused("expected another page, the answer is that of the page before")
        before = answered.body
        turn, reached = turn.behind(answered, has_orders)
        yield Polled([RawMessage(endpoint.name, {}, answered.body, datetime.now(UTC))] if has_orders else [], reached)
    raise Refused(f"expected an end after {MOST_PAGES} pages")


@dataclass(frozen=True, slots=True)
class _Turn:
    """What is asked for next. since: as the service has told it, or the begin of a stretch. now: when the poll began."""

    own: OwnService
    since: str | None
    until: datetime
    now: datetime
    page: int
    cursor: str | None = None

    @classmethod
    def first(cls, settings: DealerSoapPolling, own: OwnService, watermark: str | None) -> "_Turn":
        now = datetime.now(UTC)
        if own.watermark is not None:
            return cls(own, watermark or (_told(settings.start) if settings.start else None), now, now, own.first_page)
        begin = datetime.fromisoformat(watermark) if watermark else settings.start
        since = begin - timedelta(seconds=own.overlap_seconds) if begin and watermark else begin
        return cls(own, _told(since) if since else None, _end(own, begin, now), now, own.first_page)

    @property
    def places(self) -> dict[str, Any]:
        return {"$watermark": self.since, "$until": _told(self.until), "$page": self.page, "$cursor": self.cursor}

    def behind(self, answered: Answered, has_orders: bool) -> tuple["_Turn | None", str | None]:
        """What is asked for after this answer, None where that was all; and how far the watermark moves."""
        told = answered.text(self.own.watermark) or None
        if self._is_followed(answered, has_orders):
            following = replace(self, page=self.page + 1, cursor=answered.text(self.own.cursor) or None)
            if self.own.watermark is None or {"$page", "$cursor"} & set(places_in(self.own.arguments)):
                return following, None
            if told is None or told == self.since:
                raise Refused(f"{self.own.watermark}: expected a new watermark where another page follows")
            return replace(following, since=told), told
        if self.own.watermark is not None:
            return None, told
        if self.until >= self.now:
            return None, self.until.isoformat()
        later = replace(
            self, since=_told(self.until), until=_end(self.own, self.until, self.now), page=self.own.first_page, cursor=None
        )
        return later, self.until.isoformat()

    def _is_followed(self, answered: Answered, has_orders: bool) -> bool:
        if self.own.more is not None:
            told = answered.text(self.own.more)
            if told.lower() not in MORE:
                raise Refused(f"{self.own.more}: expected true or false in the answer, not {told[:40]}")
            return MORE[told.lower()]
        if self.own.cursor is not None:
            return answered.text(self.own.cursor) != ""
        return has_orders and "$page" in places_in(self.own.arguments)


def filled(arguments: Any, places: dict[str, Any]) -> Any:
    """The arguments with the places filled in; what there is nothing for is left out."""
    if isinstance(arguments, dict):
        found = {name: filled(value, places) for name, value in arguments.items()}
        return {name: value for name, value in found.items() if value is not None}
    if isinstance(arguments, list):
        return [value for one in arguments if (value := filled(one, places)) is not None]
    return places[arguments] if isinstance(arguments, str) and arguments.startswith("$") else arguments


def _has_orders(answered: Answered, own: OwnService) -> bool:
    orders = [one for one in answered.at(own.orders) if one is not None]
    if not all(isinstance(one, dict) for one in orders):
        raise Refused(f"{own.orders}: expected orders in the answer, not texts")
    return bool(orders)


def _end(own: OwnService, begin: datetime | None, now: datetime) -> datetime:
    if begin is None or own.window_seconds is None:
        return now
    return min(begin.astimezone(UTC) + timedelta(seconds=own.window_seconds), now)


def _told(instant: datetime) -> str:
    """In whole seconds, as every service reads it."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
