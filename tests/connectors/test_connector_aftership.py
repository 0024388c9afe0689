"""AfterShip's webhooks and answers."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

import pytest

from canonical.failures import Malformed
from connectors.base import Endpoint, Identified
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
