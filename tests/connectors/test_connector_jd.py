"""JD: orders by URL token, shipments confirmed."""

import json
from dataclasses import replace
from typing import Any, ClassVar

import pytest

from canonical.failures import Malformed, Refused
from connectors.base import Identified
from tests.connectors import partner
from tests.connectors.open_platform import OpenPlatform, Params, form
from tests.connectors.suite import ReceivingSuite, SendingSuite

TAKEN = {"jingdong_pop_order_shipment_responce": {"code": "0", "sopjosshipment_result": {"success": True}}}
NOT_AGAIN = {"success": False, "chineseErrCode": "订单已出库"}
SHIPPED = {"jingdong_pop_order_shipment_responce": {"code": "0", "sopjosshipment_result": NOT_AGAIN}}


class TestOrders(ReceivingSuite):
    connector = "jd"
    body = b'{"jingdong_pop_order_get_responce":{"code":"0","orderDetailInfo":{"orderInfo":{"orderId":"281046817987"}}}}'
    proof = ("?token",)
    identified = Identified("order")
    body_is_signed = False

    def test_what_is_no_order_answer_is_told(self) -> None:
        assert self.row.identify is not None
        with pytest.raises(Malformed) as caught:
            self.row.identify(replace(self.signed(), body=b'{"jingdong_ware_get_responce":{}}'), self.endpoint())
        assert [one.code for one in caught.value.problems] == ["E_DOCUMENT"]


class TestShipments(SendingSuite):
    connector = "jd"
    sending_options: ClassVar = {"app_key": "ABCDEF01", "carriers": {"SF": "467"}}
    sending_secrets = (b"app secret", b"token-1")
    document = "pop.order.shipment"
    payload = b'{"carrier":"SF","tracking_no":"SF1001","lines":[{"order":"281046817987","line":"1"}]}'
    good_answer = staticmethod(partner.answer(200, json.dumps(TAKEN).encode()))
    needs_whole_answer = True

    def key_of(self, request: partner.Request) -> str:
        return request.headers["idempotency-key"]

    @staticmethod
    def fields(params: Params) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(params["360buy_param_json"])
        return found

    def test_the_platform_finds_the_call_rightly_signed(self) -> None:
        with OpenPlatform("app secret", form, lambda params: self.fields(params)["orderId"], TAKEN, SHIPPED) as platform:
            self.send(platform.url)
            self.send(platform.url, attempt=2)
            with pytest.raises(Refused, match="订单已出库"):
                self.send(platform.url, attempt=1)
        [call] = platform.calls
        assert self.fields(call) == {"orderId": "281046817987", "logiCoprId": "467", "logiNo": "SF1001"}
        assert (call["method"], call["access_token"]) == ("jingdong.pop.order.shipment", "token-1")
