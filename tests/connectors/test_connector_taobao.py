"""Taobao and Tmall: pushes signed as Qimen signs, and shipments confirmed."""

import hashlib
import json
from dataclasses import replace
from typing import ClassVar

import pytest

from canonical.failures import Malformed, Misconfigured, Refused, Transient
from connectors.base import Identified, RawMessage
from connectors.signed_params import signature_of
from tests.connectors import partner
from tests.connectors.open_platform import OpenPlatform, form
from tests.connectors.suite import NOW, ReceivingSuite, SendingSuite, _with

BODY = '{"trade_fullinfo_get_response":{"trade":{"tid":500001084,"title":"骨科植入物"}}}'.encode()
PAYLOAD = json.dumps({
    "shipment_no": "S-1", "carrier": "SF", "tracking_no": "SF1001",
    "lines": [{"order": "4444", "line": "41"}, {"order": "4444", "line": "42"}],
}).encode()  # fmt: skip
TAKEN = {"logistics_online_send_response": {"shipping": {"is_success": True}}}
SHIPPED = {"error_response": {"code": 15, "msg": "Remote service error", "sub_code": "isv.logistics:B04", "sub_msg": "订单已发货"}}


class TestPushes(ReceivingSuite):
    connector = "taobao"
    options: ClassVar = {"app_key": "23456789"}
    body = BODY
    proof = ("?sign", "?timestamp", "?app_key")
    identified = Identified("trade")
    has_window = True

    def test_the_sign_is_over_sorted_parameters_and_body_between_the_secret(self) -> None:
        text = "the newest secretapp_key23456789sign_methodmd5timestamp2026-03-02 17:30:00"
        expected = hashlib.md5(text.encode() + BODY + b"the newest secret").hexdigest().upper()
        assert self.signed().query["sign"] == expected

    def test_another_application_is_refused(self) -> None:
        assert self.row.sign is not None
        other = self.row.sign(RawMessage("test", {}, BODY, NOW), replace(self.endpoint(), options={"app_key": "1"}))
        assert not self.passes(other)

    def test_a_parameter_added_to_the_url_is_refused(self) -> None:
        assert not self.passes(_with(self.signed(), "?extra", "1"))

    def test_a_message_of_the_channel_is_told_by_its_id(self) -> None:
        assert self.row.identify is not None
        body = b'{"message":{"id":4160600490938325004,"topic":"taobao_refund_RefundSuccess","content":"{}"}}'
        told = self.row.identify(replace(self.signed(), body=body), self.endpoint())
        assert told == Identified("tmc", "4160600490938325004")

    def test_an_answer_that_is_an_error_is_told_in_its_words(self) -> None:
        assert self.row.identify is not None
        with pytest.raises(Malformed) as caught:
            self.row.identify(replace(self.signed(), body=json.dumps(SHIPPED).encode()), self.endpoint())
        assert [(one.code, one.path) for one in caught.value.problems] == [("E_DOCUMENT", "error_response")]


class TestShipments(SendingSuite):
    connector = "taobao"
    sending_options: ClassVar = {"app_key": "23456789", "carriers": {"SF": "SF"}}
    sending_secrets = (b"app secret", b"session-1")
    document = "logistics.online.send"
    payload = PAYLOAD
    good_answer = staticmethod(partner.answer(200, json.dumps(TAKEN).encode()))
    needs_whole_answer = True

    def key_of(self, request: partner.Request) -> str:
        return request.headers["idempotency-key"]

    @pytest.mark.parametrize("method", ["md5", "hmac", "hmac-sha256"])
    def test_the_platform_finds_the_call_rightly_signed(self, method: str) -> None:
        with OpenPlatform("app secret", form, lambda params: params["tid"], TAKEN, SHIPPED) as platform:
            self.send(platform.url, sign_method=method)
        [call] = platform.calls
        assert (call["method"], call["session"], call["tid"], call["sub_tid"]) == (
            "taobao.logistics.online.send", "session-1", "4444", "41,42",
        )  # fmt: skip
        assert (call["company_code"], call["out_sid"]) == ("SF", "SF1001")

    def test_a_wrong_secret_is_refused_in_the_platforms_words(self) -> None:
        platform = OpenPlatform("another secret", form, lambda params: params["tid"], TAKEN, SHIPPED)
        with platform, pytest.raises(Refused, match="order 4444: Invalid signature"):
            self.send(platform.url)
        assert (platform.calls, platform.refused) == ([], 1)

    def test_a_repeat_that_finds_the_order_shipped_is_done(self) -> None:
        with OpenPlatform("app secret", form, lambda params: params["tid"], TAKEN, SHIPPED) as platform:
            self.send(platform.url)
            sent = self.send(platform.url, attempt=2)
            assert "已发货" in json.loads(sent.answer)["error_response"]["sub_msg"]
            with pytest.raises(Refused, match="已发货"):
                self.send(platform.url, attempt=1)
        assert len(platform.calls) == 1

    def test_trouble_of_the_platform_itself_is_tried_again(self) -> None:
        trouble = {"error_response": {"code": 15, "msg": "Remote service error", "sub_code": "isp.remote-connection-error"}}
        failure, _ = self.outcome(partner.answer(200, json.dumps(trouble).encode()))
        assert type(failure) is Transient

    def test_a_carrier_without_a_code_sends_nothing(self) -> None:
        failure, other = self.outcome(self.good_answer, carriers={})
        assert type(failure) is Misconfigured
        assert other.requests == []

    def test_one_secret_alone_sends_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(type(self), "sending_secrets", (b"app secret",))
        failure, other = self.outcome(self.good_answer)
        assert (type(failure), other.requests) == (Misconfigured, [])


def test_empty_parameters_and_the_sign_itself_are_not_signed() -> None:
    assert signature_of({"b": "2", "a": "1", "c": "", "sign": "x"}, b"s") == hashlib.md5(b"sa1b2s").hexdigest().upper()
