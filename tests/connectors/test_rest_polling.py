"""Polling a REST list: pages, watermarks with an overlap, and partners that lead elsewhere."""

import json
import socket
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from canonical.failures import Refused, Throttled, Transient
from connectors import rest_polling
from connectors.base import Endpoint, Polled
from connectors.http import Reply
from connectors.rest_polling import Listing, Question, RestSettings, link_to_next, poll_list
from tests.connectors import partner
from tests.connectors.deadlines import counted_from, far_away
from tests.connectors.partner import Partner

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
SHOP = Endpoint("shop", "shop", "shopify")


@dataclass
class Shop:
    """A shop with orders by the time of their last change, two on a page, the next page in a Link header."""

    changed: list[datetime]
    elsewhere: str | None = None
    port: int = 0
    since: list[str] = field(default_factory=list)

    def answer(self, stream: socket.socket, target: str) -> None:
        query = parse_qs(urlsplit(target).query)
        since, page = query["since"][0], int(query.get("page", ["0"])[0])
        self.since.append(since)
        found = [one.isoformat() for one in sorted(self.changed) if one >= datetime.fromisoformat(since)]
        more = f"{self.elsewhere or f'http://127.0.0.1:{self.port}'}/orders?since={since}&page={page + 1}"
        headers = {"link": f'<http://x/>; rel="previous", <{more}>; rel="next"'} if len(found) > 2 * page + 2 else {}
        partner.answer(200, json.dumps(found[2 * page : 2 * page + 2]).encode(), **headers)(stream)


def read(shop: Shop, watermark: str | None = None, *, in_order: bool = True, **settings: object) -> list[Polled]:
    def behave(stream: socket.socket) -> None:
        shop.answer(stream, other.requests[-1].line.split()[1])

    with Partner(behave) as other:
        shop.port = other.port
        base = f"http://127.0.0.1:{other.port}/orders"
        listing = Listing(
            first=lambda since: Question(f"{base}?since={since:%Y-%m-%dT%H:%M:%SZ}", {"authorization": "Bearer token"}),
            following=lambda asked, reply: Question(more, asked.headers) if (more := link_to_next(reply)) else None,
            newest=lambda reply: max(map(datetime.fromisoformat, json.loads(reply.body)), default=None),
            in_order=in_order,
            headers={"x-topic": "orders"},
        )
        options = RestSettings.model_validate({"url": base, "start": NOON, "allow_private": True, **settings})
        pages = list(poll_list(SHOP, options, listing, watermark))
        assert {request.headers["authorization"] for request in other.requests} == {"Bearer token"}
        return pages


def hours(*numbers: int) -> list[datetime]:
    return [NOON + timedelta(hours=number) for number in numbers]


def test_every_page_is_a_raw_message_as_it_came_and_the_watermark_follows() -> None:
    pages = read(Shop(hours(-1, 1, 2, 3)))
    assert [[raw.body for raw in page.raws] for page in pages] == [
        [b'["2026-11-25T13:00:00+00:00", "2026-11-25T14:00:00+00:00"]'], [b'["2026-11-25T15:00:00+00:00"]'],
    ]  # fmt: skip
    assert pages[0].raws[0].headers == {"x-topic": "orders"}
    assert [page.watermark for page in pages] == ["2026-11-25T14:00:00+00:00", "2026-11-25T15:00:00+00:00"]


def test_the_next_poll_asks_for_a_little_more_than_is_new() -> None:
    shop = Shop([])
    assert [(page.raws, page.watermark) for page in read(shop, "2026-11-25T14:00:00+00:00")] == [([], "2026-11-25T14:00:00+00:00")]
    read(shop, "2026-11-25T14:00:00+00:00", overlap_seconds=3600)
    read(shop)
    assert shop.since == ["2026-11-25T13:58:00Z", "2026-11-25T13:00:00Z", "2026-11-25T12:00:00Z"]


def test_pages_in_no_order_move_the_watermark_with_the_last_one_only() -> None:
    assert [page.watermark for page in read(Shop(hours(1, 2, 3)), in_order=False)] == [None, "2026-11-25T15:00:00+00:00"]


def test_the_token_goes_to_no_other_host() -> None:
    with Partner(partner.answer(200)) as thief:
        with pytest.raises(Refused, match="the next page is on another host"):
            read(Shop(hours(1, 2, 3), elsewhere=f"http://127.0.0.1:{thief.port}"))
        assert thief.requests == []
    with pytest.raises(Refused, match="the next page: expected an http"):
        read(Shop(hours(1, 2, 3), elsewhere="file://x"))


def test_a_list_without_end_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rest_polling, "MOST_PAGES", 2)
    with pytest.raises(Refused, match="expected an end after 2 pages"):
        read(Shop(hours(*range(1, 9))))


@pytest.mark.parametrize(
    ("behave", "failure"),
    [
        (partner.answer(429, retry_after="7"), Throttled),
        (partner.answer(503), Transient),
        (partner.answer(401), Refused),
        (partner.answer(302, location="http://127.0.0.1/"), Refused),
        (partner.close, Transient),
        (partner.pour, Refused),
    ],
)
def test_each_kind_of_trouble_is_told(behave: partner.Behaviour, failure: type[Exception]) -> None:
    with Partner(behave) as other, far_away(), pytest.raises(failure):
        ask_for_a_list(other, most_bytes=100_000)
    assert not other.outlasted


@pytest.mark.parametrize("behave", [partner.drip_headers, partner.drip_body])
def test_a_list_that_does_not_come_to_an_end_is_left_at_the_deadline(behave: partner.Behaviour) -> None:
    with Partner(behave) as other, counted_from(other.under_way.is_set), pytest.raises(Transient):
        ask_for_a_list(other, deadline_seconds=0.05)
    assert not other.outlasted


def ask_for_a_list(other: Partner, **options: float) -> None:
    listing = Listing(lambda since: Question(other.url), lambda asked, reply: None, lambda reply: NOON)
    settings = RestSettings.model_validate({"url": other.url, "start": NOON, "allow_private": True, **options})
    list(poll_list(SHOP, settings, listing, None))


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ('<https://a.example/p?page=2>; rel="next"', "https://a.example/p?page=2"),
        ('<https://a/1>; rel="previous",<https://a/3>; rel="next"', "https://a/3"),
        ("<https://a/1,2>; title=x; rel=next", "https://a/1,2"),
        ('<https://a/1>; rel="last"', None),
        ("", None),
    ],
)
def test_link_headers(link: str, expected: str | None) -> None:
    assert link_to_next(Reply(200, {"link": link}, b"", True)) == expected
