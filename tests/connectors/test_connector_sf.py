"""SF Express's pushes, its answers, and how it is answered."""

import json
from dataclasses import replace
from urllib.parse import urlencode

import pytest

from canonical.failures import Malformed
from connectors.base import Accepted, Identified
from tests.connectors.suite import ReceivingSuite

PUSH_XML = '<Request service="RoutePushService"><Body><WaybillRoute mailno="SF1"/></Body></Request>'


class TestSf(ReceivingSuite):
    connector = "sf"
    body = b'{"Body":{"WaybillRoute":[]}}'
    proof = ("?token",)
    identified = Identified("route_push")
    body_is_signed = False

    @pytest.mark.parametrize(
        ("body", "document"),
        [
            (PUSH_XML.encode(), "route_push"),
            (urlencode({"content": PUSH_XML}).encode(), "route_push"),
            (urlencode({"content": '{"Body":{}}'}).encode(), "route_push"),
            (b'<Response service="RouteService"><Head>OK</Head></Response>', "route_query"),
            (b'{"apiResultCode":"A1000","apiResultData":"{}"}', "route_query"),
        ],
    )
    def test_each_of_its_formats_is_told(self, body: bytes, document: str) -> None:
        assert self.row.identify is not None
        assert self.row.identify(replace(self.signed(), body=body), self.endpoint()) == Identified(document)

    @pytest.mark.parametrize(
        ("body", "code"), [(b"<Order/>", "E_DOCUMENT"), (b"a=b", "E_FORM"), (b'{"return_code":"0000"}', "E_DOCUMENT")]
    )
    def test_anything_else_is_told(self, body: bytes, code: str) -> None:
        assert self.row.identify is not None
        with pytest.raises(Malformed) as caught:
            self.row.identify(replace(self.signed(), body=body), self.endpoint())
        assert [one.code for one in caught.value.problems] == [code]

    def test_what_is_kept_is_answered_in_the_format_it_is_pushed_in(self) -> None:
        endpoint = self.endpoint()
        assert self.row.answer is not None and self.row.turn_away is not None
        taken = self.row.answer(Accepted("raw-1", "quarantined"), endpoint)
        assert (taken.status, json.loads(taken.body)["return_code"], taken.media_type) == (200, "0000", "application/json")
        assert json.loads(self.row.turn_away(503, endpoint).body)["return_code"] != "0000"
        xml = replace(endpoint, options={"push_format": "xml"})
        taken = self.row.answer(Accepted("raw-1", "accepted"), xml)
        assert taken.body == b'<Response service="RoutePushService"><Head>OK</Head></Response>'
        assert taken.media_type == "text/xml"
        assert b"<Head>ERR</Head>" in self.row.turn_away(401, xml).body
