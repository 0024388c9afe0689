"""Polling Taobao, JD, Pinduoduo and Youzan: stretch after stretch, page after page, each call rightly signed."""

import json
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from canonical.failures import Misconfigured, Refused, Transient
from connectors.base import Endpoint, Polled, Polling
from connectors.table import CONNECTORS
from tests.connectors import partner
from tests.connectors.open_platform import form, rightly_signed
from tests.connectors.partner import Partner, Request

CHINA = ZoneInfo("Asia/Shanghai")
Asked = tuple[datetime, datetime, int]
"""From when, until when, which page."""


def china(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA)


def shown(moment: datetime) -> str:
    return moment.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")


@dataclass(frozen=True)
class Kind:
    """options: of the poll. asked: what a request asks for, its signature checked.

    answer: with the changes of a page, and how many there are in all.
    """

    options: dict[str, str]
    asked: Callable[[Request], Asked]
    answer: Callable[[list[datetime], int], Any]
    error: Any


def signed(params: dict[str, str]) -> dict[str, str]:
    assert rightly_signed(params, "app secret")
    return params


def taobao_asked(request: Request) -> Asked:
    params = signed(form(request.body))
    assert (params["method"], params["session"]) == ("taobao.trades.sold.increment.get", "token-1")
    return china(params["start_modified"]), china(params["end_modified"]), int(params["page_no"])


def jd_asked(request: Request) -> Asked:
    params = signed(form(request.body))
    fields = json.loads(params["360buy_param_json"])
    assert (params["method"], params["access_token"], fields["dateType"]) == ("jingdong.pop.order.search", "token-1", "0")
    return china(fields["start_date"]), china(fields["end_date"]), int(fields["page"])


def pinduoduo_asked(request: Request) -> Asked:
    params = signed(json.loads(request.body))
    start, end = (datetime.fromtimestamp(int(params[name]), UTC) for name in ("start_updated_at", "end_updated_at"))
    return start, end, int(params["page"])


def youzan_asked(request: Request) -> Asked:
    assert request.line.split()[1] == "/hook/youzan.trades.sold.get/4.0.2?access_token=token-1"
    fields = json.loads(request.body)
    return china(fields["start_update"]), china(fields["end_update"]), fields["page_no"]


KINDS = {
    "taobao": Kind(
        {"app_key": "1"}, taobao_asked,
        lambda found, total: {"trades_sold_increment_get_response": {
            "total_results": total, "trades": {"trade": [{"modified": shown(one)} for one in found]},
        }},
        {"error_response": {"code": 27, "msg": "Invalid session"}},
    ),
    "jd": Kind(
        {"app_key": "1"}, jd_asked,
        lambda found, total: {"jingdong_pop_order_search_responce": {"searchorderinfo_result": {
            "apiResult": {"success": True}, "orderTotal": total, "orderInfoList": [{"modified": shown(one)} for one in found],
        }}},
        {"error_response": {"code": "19", "en_desc": "Invalid session"}},
    ),
    "pinduoduo": Kind(
        {"client_id": "1"}, pinduoduo_asked,
        lambda found, total: {"order_sn_increment_get_response": {
            "total_count": total, "order_sn_list": [{"updated_at": shown(one)} for one in found],
        }},
        {"error_response": {"error_code": 10019, "error_msg": "Invalid session"}},
    ),
    "youzan": Kind(
        {}, youzan_asked,
        lambda found, total: {"code": 200, "success": True, "data": {
            "total_results": total,
            "full_order_info_list": [{"full_order_info": {"order_info": {"update_time": shown(one)}}} for one in found],
        }},
        {"gw_err_resp": {"err_code": 4203, "err_msg": "Invalid session"}},
    ),
}  # fmt: skip


@dataclass
class Shop:
    """A platform with changes at some times, one on a page."""

    kind: Kind
    changes: list[datetime]
    asked: list[Asked] = field(default_factory=list)

    def answer(self, request: Request) -> Any:
        start, end, page = self.kind.asked(request)
        self.asked.append((start, end, page))
        found = [one for one in self.changes if start <= one < end]
        return self.kind.answer(found[page - 1 : page], len(found))


def polled(name: str, behave: Callable[[Request], Any], watermark: str | None, start: datetime, *secrets: bytes) -> list[Polled]:
    def answer(stream: socket.socket) -> None:
        partner.answer(200, json.dumps(behave(other.requests[-1])).encode())(stream)

    with Partner(answer) as other:
        options = {"url": other.url, "allow_private": True, "start": start.isoformat(), "page_size": 1, **KINDS[name].options}
        polling = Polling(60.0, None, secrets or (b"app secret", b"token-1"), options)
        row = CONNECTORS[name]
        assert row.poll is not None
        return list(row.poll(Endpoint("shop", "shop", name, polling=polling), watermark))


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


@pytest.mark.parametrize("name", KINDS)
def test_every_change_comes_once_and_the_watermark_is_the_last_of_them(name: str, now: datetime) -> None:
    changes = [now - timedelta(minutes=minutes) for minutes in (95, 93, 40, 5)]
    shop = Shop(KINDS[name], changes)
    pages = polled(name, shop.answer, None, now - timedelta(minutes=100))
    assert len({raw.body for page in pages for raw in page.raws}) == 4
    assert [page.watermark for page in pages[:-1]] == [None] * (len(pages) - 1), "a poll that breaks off begins anew"
    assert pages[-1].watermark == changes[-1].isoformat()


@pytest.mark.parametrize("name", KINDS)
def test_what_moves_up_while_it_is_asked_for_is_not_missed(name: str, now: datetime) -> None:
    first, second, third = (now - timedelta(minutes=minutes) for minutes in (25, 24, 23))
    shop = Shop(KINDS[name], [first, second, third])

    def answer(request: Request) -> Any:
        told = shop.answer(request)
        if len(shop.asked) == 2:  # the third page has just been told: the first change is changed again, and leaves
            shop.changes.remove(first)
        return told

    pages = polled(name, answer, None, now - timedelta(minutes=26))
    assert [page for _, _, page in shop.asked] == [1, 3, 2, 1]
    told = b"".join(raw.body for page in pages for raw in page.raws).decode()
    assert all(shown(one) in told for one in (first, second, third))


@pytest.mark.parametrize("name", KINDS)
def test_no_stretch_is_longer_than_the_platform_tells_about_and_none_is_left_out(name: str, now: datetime) -> None:
    longest = {"taobao": timedelta(days=1), "pinduoduo": timedelta(minutes=30)}.get(name, timedelta(days=7))
    shop = Shop(KINDS[name], [])
    assert polled(name, shop.answer, None, now - 2.5 * longest)[-1].raws == []
    assert [page for _, _, page in shop.asked] == [1, 1, 1]
    assert all(end - start <= longest for start, end, _ in shop.asked)
    assert all(before[1] == after[0] for before, after in zip(shop.asked, shop.asked[1:], strict=False))
    late = timedelta(minutes=3 if name == "pinduoduo" else 0)
    assert shop.asked[0][0] == now - 2.5 * longest
    assert now <= shop.asked[-1][1] + late <= datetime.now(UTC)


@pytest.mark.parametrize("name", KINDS)
def test_the_next_poll_begins_a_little_before_the_watermark(name: str, now: datetime) -> None:
    shop = Shop(KINDS[name], [])
    since = now - timedelta(minutes=10)
    assert polled(name, shop.answer, since.isoformat(), now - timedelta(days=90))[-1].watermark == since.isoformat()
    assert [(start, page) for start, _, page in shop.asked] == [(since - timedelta(seconds=120), 1)]


@pytest.mark.parametrize("name", KINDS)
def test_an_error_in_a_good_answer_is_a_refusal_in_the_platforms_words(name: str, now: datetime) -> None:
    with pytest.raises(Refused, match="the list: Invalid session"):
        polled(name, lambda _: KINDS[name].error, None, now - timedelta(minutes=5))


def test_a_busy_platform_is_asked_again(now: datetime) -> None:
    with pytest.raises(Transient, match="频繁"):
        polled("pinduoduo", lambda _: {"error_response": {"error_msg": "调用过于频繁"}}, None, now - timedelta(minutes=5))


@pytest.mark.parametrize("name", KINDS)
def test_without_both_secrets_nothing_is_asked(name: str, now: datetime) -> None:
    shop = Shop(KINDS[name], [])
    with pytest.raises(Misconfigured, match="two secrets"):
        polled(name, shop.answer, None, now, b"app secret")
    assert shop.asked == []
