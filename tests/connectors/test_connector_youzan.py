"""Youzan: signed messages that hold a trade as text, shipments confirmed."""

import hashlib
import json
from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import quote

import pytest

from canonical.failures import Malformed, Refused
from connectors.base import Accepted, Identified, RawMessage
from tests.connectors import partner
from tests.connectors.suite import ReceivingSuite, SendingSuite, _with

INFO = {"tid": "E1", "status": "WAIT_SELLER_SEND_GOODS"}
TRADE = {"full_order_info": {"order_info": INFO, "remark_info": {"buyer_message": "急 50%"}}}
PUSH = {
    "client_id": "c1", "id": "E1", "kdt_id": 40419900, "mode": 1, "msg": quote(json.dumps(TRADE, ensure_ascii=False)),
    "sendCount": 0, "status": "WAIT_SELLER_SEND_GOODS", "test": False, "type": "trade_TradePaid", "version": 1560759312,
}  # fmt: skip


class TestMessages(ReceivingSuite):
    connector = "youzan"
    options: ClassVar = {"client_id": "c1", "kdt_id": "40419900"}
    body = json.dumps(PUSH).encode()
    proof = ("event-sign",)
    identified = Identified("trade", "trade_TradePaid/E1/1560759312")

    def test_the_event_sign_is_the_md5_of_client_id_body_and_secret(self) -> None:
        expected = hashlib.md5(b"c1" + self.body + b"the newest secret").hexdigest()
        assert self.signed().headers["event-sign"] == expected

    def pushed(self, **changed: Any) -> RawMessage:
        """A message with the older sign in the body, over client id and message."""
        sign = hashlib.md5(b"c1" + str(PUSH["msg"]).encode() + b"the newest secret").hexdigest()
        return replace(self.signed(), headers={}, body=json.dumps({**PUSH, "sign": sign, **changed}).encode())

    def test_the_sign_in_the_body_is_enough(self) -> None:
        assert self.passes(self.pushed())
        assert not self.passes(self.pushed(msg=quote('{"full_order_info":{}}')))
        assert not self.passes(self.pushed(sign=None))
        assert not self.passes(self.pushed(client_id="c2"))

    def test_a_wrong_sign_in_the_body_is_not_mended_by_the_header(self) -> None:
        assert self.row.sign is not None
        both = self.row.sign(self.pushed(sign="0" * 32), self.endpoint())
        assert not self.passes(both)

    def test_another_shop_is_refused(self) -> None:
        assert not self.passes(self.pushed(kdt_id=1))

    def test_the_trade_is_taken_out_of_the_message(self) -> None:
        assert self.row.opened is not None
        assert json.loads(self.row.opened(self.body, self.endpoint())) == TRADE

    @pytest.mark.parametrize(
        ("body", "told"),
        [
            ({"gw_err_resp": {"err_code": 4203, "err_msg": "token expired"}}, None),
            ({"code": 101, "success": False, "message": "订单不存在", "data": None}, "订单不存在"),
            ({**PUSH, "msg": quote('{"item": 1}')}, None),
        ],
    )
    def test_what_holds_no_trade_is_told(self, body: dict[str, Any], told: str | None) -> None:
        assert self.row.opened is not None
        with pytest.raises(Malformed) as caught:
            self.row.opened(json.dumps(body).encode(), self.endpoint())
        [problem] = caught.value.problems
        assert (problem.code, problem.value) == ("E_DOCUMENT", told)

    def test_a_message_about_something_else_is_told(self) -> None:
        assert self.row.identify is not None
        raw = replace(self.signed(), body=json.dumps({**PUSH, "type": "item_ItemCreate"}).encode())
        with pytest.raises(Malformed) as caught:
            self.row.identify(raw, self.endpoint())
        assert [(one.code, one.path, one.value) for one in caught.value.problems] == [("E_DOCUMENT", "type", "item_ItemCreate")]

    def test_a_message_sent_again_is_the_same_delivery(self) -> None:
        assert self.row.identify is not None
        again = replace(self.signed(), body=json.dumps({**PUSH, "sendCount": 3}).encode())
        assert self.row.identify(again, self.endpoint()) == self.identified

    def test_the_answer_says_success(self) -> None:
        assert self.row.answer is not None
        assert json.loads(self.row.answer(Accepted("r", "accepted"), self.endpoint()).body) == {"code": 0, "msg": "success"}

    def test_a_header_without_a_value_is_no_way_around_the_sign(self) -> None:
        assert not self.passes(_with(self.pushed(), "event-sign", ""))


class TestShipments(SendingSuite):
    connector = "youzan"
    sending_options: ClassVar = {"carriers": {"SF": "7"}}
    sending_secrets = (b"client secret", b"token-1")
    document = "logistics.online.confirm"
    payload = b'{"carrier":"SF","tracking_no":"SF1001","lines":[{"order":"E1","line":"138001"},{"order":"E1","line":"138002"}]}'
    good_answer = staticmethod(partner.answer(200, b'{"code":200,"success":true,"data":{"is_success":true}}'))
    needs_whole_answer = True

    def key_of(self, request: partner.Request) -> str:
        return request.headers["idempotency-key"]

    def test_the_call_names_the_lines_and_carries_the_token(self) -> None:
        with partner.Partner(self.good_answer) as other:
            self.send(other.url)
        [request] = other.requests
        assert request.line.split()[1] == "/hook/youzan.logistics.online.confirm/3.0.0?access_token=token-1"
        assert json.loads(request.body) == {
            "tid": "E1", "oids": "138001,138002", "is_no_express": 0, "out_stype": "7", "out_sid": "SF1001",
        }  # fmt: skip

    @pytest.mark.parametrize(
        ("answer", "told"),
        [
            (b'{"gw_err_resp":{"err_code":4203,"err_msg":"token expired"}}', "order E1: token expired 4203"),
            (b'{"code":101,"success":false,"message":"no such order"}', "order E1: no such order"),
            (b"{}", "order E1: not taken, without a reason"),
        ],
    )
    def test_a_no_is_told_in_youzans_words(self, answer: bytes, told: str) -> None:
        failure, _ = self.outcome(partner.answer(200, answer))
        assert (type(failure), str(failure)) == (Refused, told)
