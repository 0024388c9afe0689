"""17TRACK's webhooks and answers."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

import pytest

from canonical.failures import Malformed, Misconfigured, Refused
from connectors.base import Endpoint, Identified
from connectors.registering import numbers_of
from connectors.table import CONNECTORS
from tests.connectors import partner
from tests.connectors.suite import ReceivingSuite, SendingSuite


class TestTrack17(ReceivingSuite):
    connector = "track17"
    body = b'{"event":"TRACKING_UPDATED","data":{"number":"1"}}'
    proof = ("sign",)
    identified = Identified("tracking_updated")

    def test_the_hash_is_over_body_slash_and_key(self) -> None:
        expected = hashlib.sha256(self.body + b"/" + self.secrets[0]).hexdigest()
        assert self.signed().headers["sign"] == expected

    @pytest.mark.parametrize(
        ("body", "document"),
        [
            ({"event": "TRACKING_STOPPED", "data": {"number": "1"}}, "tracking_stopped"),
            ({"code": 0, "data": {"accepted": [{"number": "1", "track_info": {}}]}}, "gettrackinfo"),
            ({"code": 0, "data": {"accepted": [{"number": "1", "package_status": "Delivered"}]}}, "gettracklist"),
            ({"code": 0, "data": {"accepted": [{"number": "1", "origin": 2}], "rejected": []}}, "register"),
            ({"code": 0, "data": {"errors": [{"code": -18010002}]}}, "gettrackinfo"),
        ],
    )
    def test_each_document_is_told(self, body: object, document: str) -> None:
        assert self.row.identify is not None
        raw = replace(self.signed(), body=json.dumps(body).encode())
        assert self.row.identify(raw, self.endpoint()) == Identified(document)

    @pytest.mark.parametrize(("body", "path"), [({"event": "RETURNED"}, "event"), ({"event": 7}, "event"), ({"data": 1}, "$")])
    def test_another_event_is_told(self, body: object, path: str) -> None:
        assert self.row.identify is not None
        with pytest.raises(Malformed) as caught:
            self.row.identify(replace(self.signed(), body=json.dumps(body).encode()), self.endpoint())
        assert [(one.code, one.path) for one in caught.value.problems] == [("E_DOCUMENT", path)]


class TestTrack17Registering(SendingSuite):
    connector = "track17"
    sending_options: ClassVar[Mapping[str, Any]] = {"carriers": {"UPS": 100002}}
    document = "register_numbers"
    payload = b'{"numbers":[{"number":"1Z1","carrier":"UPS","tag":"SH-9"},{"number":"X2","carrier":"Nobody","tag":"SH-9"}]}'
    good_answer = staticmethod(partner.answer(200, b'{"code":0,"data":{"accepted":[{"number":"1Z1"}],"rejected":[]}}'))
    needs_whole_answer = True

    def key_of(self, request: partner.Request) -> str:
        return request.headers["idempotency-key"]

    def test_numbers_go_in_one_request_with_the_platforms_code_for_the_carrier(self) -> None:
        with partner.Partner(self.good_answer) as other:
            self.send(other.url)
        [request] = other.requests
        assert request.headers["17token"] == "the newest secret"
        assert json.loads(request.body) == [{"number": "1Z1", "tag": "SH-9", "carrier": 100002}, {"number": "X2", "tag": "SH-9"}]

    def test_a_number_that_is_registered_already_is_as_good(self) -> None:
        known = b'{"code":0,"data":{"accepted":[],"rejected":[{"number":"1Z1","error":{"code":-18019901,"message":"registered"}}]}}'
        with partner.Partner(partner.answer(200, known)) as other:
            assert self.send(other.url).status == "200"

    @pytest.mark.parametrize(
        "answer",
        [
            b'{"code":0,"data":{"rejected":[{"number":"1234","error":{"code":-18010012,"message":"no such format"}}]}}',
            b'{"code":-18010002,"message":"no such format"}',
            b'{"code":0,"data":{"errors":[{"code":-18010002,"message":"no such format"}]}}',
        ],
    )
    def test_a_number_that_is_not_taken_is_a_no(self, answer: bytes) -> None:
        failure, _ = self.outcome(partner.answer(200, answer))
        assert (type(failure), str(failure)) == (Refused, "17TRACK: no such format")

    def test_an_endpoint_that_only_receives_is_told(self) -> None:
        endpoint = Endpoint("test", "partner", "track17", self.sending_secrets)
        assert CONNECTORS["track17"].send is not None
        with pytest.raises(Misconfigured, match="url"):
            CONNECTORS["track17"].send(self.delivery(), endpoint)

    def test_a_shipment_without_numbers_is_nothing_to_send(self) -> None:
        with pytest.raises(Refused, match="no tracking number"):
            numbers_of(replace(self.delivery(), payload=b"{}"))
