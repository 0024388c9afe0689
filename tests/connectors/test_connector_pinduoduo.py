"""Pinduoduo: orders by URL token, shipments confirmed."""

import json
from typing import ClassVar

import pytest

from canonical.failures import Refused, Transient
from connectors.base import Identified
from tests.connectors import partner
from tests.connectors.open_platform import OpenPlatform
from tests.connectors.suite import ReceivingSuite, SendingSuite

TAKEN = {"logistics_online_send_response": {"is_success": True}}
SHIPPED = {"error_response": {"error_code": 50001, "error_msg": "业务服务错误", "sub_msg": "订单已发货"}}


class TestOrders(ReceivingSuite):
    connector = "pinduoduo"
    body = b'{"order_info_get_response":{"order_info":{"order_sn":"180831-481803633911509"}}}'
    proof = ("?token",)
    identified = Identified("order")
    body_is_signed = False


class TestShipments(SendingSuite):
    connector = "pinduoduo"
    sending_options: ClassVar = {"client_id": "abc", "carriers": {"SF": "44"}}
    sending_secrets = (b"app secret", b"token-1")
    document = "logistics.online.send"
    payload = b'{"carrier":"SF","tracking_no":"SF1001","lines":[{"order":"180831-1","line":"1"}]}'
    good_answer = staticmethod(partner.answer(200, json.dumps(TAKEN).encode()))
    needs_whole_answer = True

    def key_of(self, request: partner.Request) -> str:
        return request.headers["idempotency-key"]

    def test_the_platform_finds_the_call_rightly_signed(self) -> None:
        with OpenPlatform("app secret", json.loads, lambda params: params["order_sn"], TAKEN, SHIPPED) as platform:
            self.send(platform.url)
            self.send(platform.url, attempt=2)
            with pytest.raises(Refused, match="订单已发货"):
                self.send(platform.url, attempt=1)
        [call] = platform.calls
        assert (call["type"], call["order_sn"], call["logistics_id"]) == ("pdd.logistics.online.send", "180831-1", "44")

    def test_a_platform_that_is_busy_is_tried_again(self) -> None:
        busy = {"error_response": {"error_code": 52101, "error_msg": "系统繁忙，请稍后重试"}}
        failure, _ = self.outcome(partner.answer(200, json.dumps(busy).encode()))
        assert type(failure) is Transient
