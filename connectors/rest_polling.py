"""Polling a REST list: since when, page after page, and how far the next poll need not look.

Each page is one raw message, as the platform gave it; pages without anything in them are not kept. Platforms tell changes with a
delay and count their clock in whole seconds, so a poll asks for a little more than is new: what is known already changes nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import AwareDatetime, Field

from canonical.failures import Refused
from connectors.base import Endpoint, Polled, RawMessage
from connectors.http import Reply, ask
from connectors.settings import Asking, UsableUrl
from connectors.urls import Url, parsed

MOST_PAGES = 10_000


class RestSettings(Asking):
    """What `poll` of an endpoint with a REST list may hold.

    url: where the platform's API begins. start: what changed before is not asked for. overlap_seconds: how much earlier than
    the last change a poll begins. page_size: how many at a time, where the platform lets us say.
    """

    url: UsableUrl
    start: AwareDatetime
    overlap_seconds: Annotated[int, Field(ge=0, le=7 * 86400)] = 120
    page_size: Annotated[int, Field(ge=1, le=1000)] = 100


@dataclass(frozen=True, slots=True)
class Question:
    """One request: GET, or POST where there is a body."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """How one platform's list is read.

    first(since): asks for what changed since then. following(question, reply): asks for the next page; None behind the last.
    newest(reply): when the latest thing on the page changed; None for a page with nothing in it. in_order: pages come oldest
    change first, so that a poll that breaks off goes on where it was; otherwise it begins anew. headers: what the platform
    would send along if it pushed the page, so that the connector knows which document it is.
    """

    first: Callable[[datetime], Question]
    following: Callable[[Question, Reply], Question | None]
    newest: Callable[[Reply], datetime | None]
    in_order: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)


def poll_list(endpoint: Endpoint, settings: RestSettings, listing: Listing, watermark: str | None) -> Iterator[Polled]:
    """Every page since the watermark, an instant in ISO form. Refused where a page leads to another host, or without end;
    failures of `connectors.http.ask` otherwise."""
    newest = datetime.fromisoformat(watermark) if watermark else settings.start
    since = newest - timedelta(seconds=settings.overlap_seconds) if watermark else newest
    question: Question | None = listing.first(since.astimezone(UTC))
    for _ in range(MOST_PAGES):
        if question is None:
            return
        reply = ask(question.url, settings, question.headers, question.body)
        changed = listing.newest(reply)
        newest = max(newest, changed or newest)
        following = listing.following(question, reply)
        _check_host(question, following)
        raws = [RawMessage(endpoint.name, listing.headers, reply.body, datetime.now(UTC))] if changed else []
        yield Polled(raws, newest.astimezone(UTC).isoformat() if listing.in_order or following is None else None)
        question = following
    raise Refused(f"expected an end after {MOST_PAGES} pages")


def _check_host(asked: Question, following: Question | None) -> None:
    """The next page's address may come from the partner: our token goes nowhere else."""
    if following is not None and _origin(parsed(asked.url)) != _origin(_parsed(following.url)):
        raise Refused("the next page is on another host")


def _origin(url: Url) -> tuple[str, str, int]:
    return url.scheme, url.host, url.port


def _parsed(url: str) -> Url:
    try:
        return parsed(url)
    except ValueError as error:
        raise Refused(f"the next page: {error}") from None


def link_to_next(reply: Reply) -> str | None:
    """The address of a `Link` header with `rel="next"` (RFC 8288), as Shopify, WooCommerce and GitHub page."""
    for part in reply.headers.get("link", "").replace(", <", ",<").split(",<"):
        address, _, relation = part.strip().removeprefix("<").partition(">")
        if 'rel="next"' in relation or "rel=next" in relation:
            return address
    return None
