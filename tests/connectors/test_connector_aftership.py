"""AfterShip's webhooks and answers."""

import json
import socket
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import parse_qsl

import pytest

from canonical.failures import Malformed
from connectors.base import Endpoint, Identified, Polled, Polling
from connectors.carriers.aftership.poll import poll
from connectors.table import CONNECTORS
from tests.connectors import partner
from tests.connectors.suite import ReceivingSuite, SendingSuite


class TestAfterShip(ReceivingSuite):
    connector = "aftership"
    body = b'{"event":"tracking_update","event_id":"94dadd60-ed26-46d0-aa52-3ced925a50ff","msg":{}}'
    proof = ("aftership-hmac-sha256",)
    identified = Identified("tracking_update", "94dadd60-ed26-46d0-aa52-3ced925a50ff")

    def found(self, body: object) -> Identified:
        assert self.row.identify is not None
        return self.row.identify(replace(self.signed(), body=json.dumps(body).encode()), self.endpoint())

    @pytest.mark.parametrize(
        ("data", "document"), [({"tracking": {}}, "tracking"), ({"trackings": []}, "trackings"), ({"id": "1"}, "tracking")]
    )
    def test_answers_of_the_api_are_told(self, data: object, document: str) -> None:
        assert self.found({"meta": {"code": 200}, "data": data}) == Identified(document)

    def test_an_event_without_an_id_is_told_by_its_body(self) -> None:
        assert self.found({"event": "edd_revise"}) == Identified("edd_revise", None)

    @pytest.mark.parametrize(
        ("body", "problem"),
        [
            ({"meta": {"code": 401, "message": "Invalid API Key."}}, ("E_DOCUMENT", "meta.message", "Invalid API Key.")),
            ({"meta": None}, ("E_DOCUMENT", "meta.message", None)),
            ({"event": "return_update"}, ("E_DOCUMENT", "event", "return_update")),
        ],
    )
    def test_an_error_or_another_event_is_told(self, body: object, problem: tuple[str, str, str | None]) -> None:
        with pytest.raises(Malformed) as caught:
            self.found(body)
        assert [(one.code, one.path, one.value) for one in caught.value.problems] == [problem]


class TestAfterShipRegistering(SendingSuite):
    connector = "aftership"
    sending_options: ClassVar[Mapping[str, Any]] = {"slugs": {"SF": "sf-express"}}
    document = "create_tracking"
    payload = b'{"numbers":[{"tracking_number":"SF1","carrier":"SF","title":"SH-9","order_number":"SO-9"}]}'
    good_answer = staticmethod(partner.answer(201, b'{"meta":{"code":201},"data":{"id":"a1"}}'))
    needs_whole_answer = True

    def key_of(self, request: partner.Request) -> str:
        return request.headers["idempotency-key"]

    def test_a_number_goes_with_the_platforms_word_for_the_carrier(self) -> None:
        with partner.Partner(self.good_answer) as other:
            sent = self.send(other.url)
        [request] = other.requests
        assert request.headers["as-api-key"] == "the newest secret"
        assert json.loads(request.body) == {"tracking_number": "SF1", "title": "SH-9", "order_number": "SO-9", "slug": "sf-express"}
        assert sent.partner_id == "a1"

    def test_a_number_that_is_registered_already_is_as_good(self) -> None:
        known = b'{"meta":{"code":4003,"message":"Tracking already exists."},"data":{"tracking":{"id":"a1"}}}'
        with partner.Partner(partner.answer(400, known)) as other:
            assert self.send(other.url).partner_id == "a1"

    def test_each_number_has_a_key_of_its_own(self) -> None:
        two_numbers = b'{"numbers":[{"tracking_number":"1"},{"tracking_number":"2"}]}'
        with partner.Partner(self.good_answer) as other:
            endpoint = Endpoint("t", "p", "aftership", (b"key",), options={"url": other.url, "allow_private": True})
            assert CONNECTORS["aftership"].send is not None
            CONNECTORS["aftership"].send(replace(self.delivery("d-1"), payload=two_numbers), endpoint)
        assert [self.key_of(request) for request in other.requests] == ["d-1", "d-1-1"]


def asked(pages: list[object], **polling: object) -> tuple[list[Polled], list[dict[str, str]]]:
    """What a poll brings from an AfterShip that answers with these `data`, and what it was asked for."""

    def behave(stream: socket.socket) -> None:
        page = {"meta": {"code": 200}, "data": pages[len(other.requests) - 1]}
        partner.answer(200, json.dumps(page).encode())(stream)

    with partner.Partner(behave) as other:
        options = {
            "url": f"{other.url}trackings",
            "start": "2026-11-25T12:00:00Z",
            "allow_private": True,
            "page_size": 2,
            **polling,
        }
        endpoint = Endpoint("test", "partner", "aftership", polling=Polling(3600, secrets=(b"key",), options=options))
        found = list(poll(endpoint, None))
    assert {request.headers["as-api-key"] for request in other.requests} == {"key"}
    return found, [dict(parse_qsl(request.line.split()[1].partition("?")[2])) for request in other.requests]


def changed(*hours: int) -> list[dict[str, str]]:
    return [{"tracking_number": str(hour), "updated_at": f"2026-11-25T{hour}:00:00+00:00"} for hour in hours]


def test_a_poll_goes_from_cursor_to_cursor() -> None:
    found, questions = asked([
        {"pagination": {"has_next_page": True, "next_cursor": "abc"}, "trackings": changed(14, 13)},
        {"pagination": {"has_next_page": False, "next_cursor": ""}, "trackings": changed(12)},
    ])  # fmt: skip
    since = {"updated_at_min": "2026-11-25T12:00:00+00:00", "limit": "2"}
    assert questions == [since, {**since, "cursor": "abc"}]
    assert [(len(page.raws), page.watermark) for page in found] == [(1, None), (1, "2026-11-25T14:00:00+00:00")]
    assert CONNECTORS["aftership"].identify is not None
    assert CONNECTORS["aftership"].identify(found[0].raws[0], Endpoint("t", "p", "aftership")) == Identified("trackings")


def test_an_older_version_is_asked_page_by_page_while_pages_are_full() -> None:
    found, questions = asked([{"page": 1, "trackings": changed(14, 13)}, {"page": 2, "trackings": []}])
    assert [question.get("page") for question in questions] == [None, "2"]
    assert [(len(page.raws), page.watermark) for page in found] == [(1, None), (0, "2026-11-25T14:00:00+00:00")]
