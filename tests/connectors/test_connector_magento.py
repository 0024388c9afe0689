"""Magento's documents, and what the shop is told."""

from dataclasses import replace

import pytest

from canonical.failures import Malformed, OutcomeUnknown, Refused
from canonical.references import Reference
from connectors.base import Identified
from tests.connectors.shop_messages import progress, shipment, stock, told
from tests.connectors.shop_service import Answer, Asked, ShopService
from tests.connectors.suite import ReceivingSuite


class TestMagento(ReceivingSuite):
    connector = "magento"
    body = b'{"entity_id":9,"increment_id":"000000009","items":[]}'
    proof = ("?token",)
    identified = Identified("order")
    body_is_signed = False

    @pytest.mark.parametrize(
        ("body", "document"),
        [
            (b'{"items":[{"increment_id":"1"}],"search_criteria":{},"total_count":1}', "orders"),
            (b'{"items":[],"search_criteria":{},"total_count":0}', "orders"),
            (b'{"items":[{"increment_id":"1","order_id":5}],"total_count":1}', "creditmemos"),
            (b'{"increment_id":"1","order_id":5,"items":[]}', "creditmemo"),
        ],
    )
    def test_documents_are_told_by_their_shape(self, body: bytes, document: str) -> None:
        assert self.row.identify is not None
        assert self.row.identify(replace(self.signed(), body=body), self.endpoint()) == Identified(document)

    def test_an_error_of_the_api_is_told(self) -> None:
        assert self.row.identify is not None
        with pytest.raises(Malformed, match="E_DOCUMENT at message"):
            self.row.identify(replace(self.signed(), body=b'{"message":"The consumer isn\'t authorized"}'), self.endpoint())


def shop(*shipments: dict) -> ShopService:
    def answer(asked: Asked) -> Answer:
        if asked.method == "POST":
            return 200, b'"31"'
        return 200, {"items": [{"entity_id": 55}] if asked.path.endswith("/orders") else list(shipments), "total_count": 1}

    return ShopService(answer)


def test_a_shipment_is_made_with_its_tracks():
    with shop() as service:
        sent = told("magento", shipment(), service.url)
    assert (sent.status, sent.partner_id, sent.known_as) == ("shipped", "31", (Reference("shipment", "S-1", "31"),))
    assert service.calls() == [
        ("GET", "/rest/all/V1/orders"), ("GET", "/rest/all/V1/shipments"), ("POST", "/rest/all/V1/order/55/ship"),
    ]  # fmt: skip
    look, _, ship = service.asked
    assert look.query["searchCriteria[filter_groups][0][filters][0][value]"] == "1001"
    assert look.headers["authorization"] == "Bearer token"
    assert ship.json["items"] == [{"order_item_id": 11, "qty": 2.0}, {"order_item_id": 12, "qty": 1.0}]
    assert ship.json["tracks"] == [{"track_number": "00340434161094042557", "title": "DHL", "carrier_code": "custom"}]
    assert ship.json["comment"]["comment"] == "S-1 [delivery-1]"


def test_a_shipment_that_was_made_before_is_not_made_again():
    with shop({"entity_id": 30, "comments": [{"comment": "S-1 [delivery-1]"}]}) as service:
        sent = told("magento", shipment(), service.url, unknown_before=True)
    assert sent.partner_id == "30"
    assert [method for method, _ in service.calls()] == ["GET", "GET"]


def test_stock_is_set_in_one_call():
    with ShopService(lambda _: (200, b"[]")) as service:
        told("magento", stock(), service.url, source_code="main")
    [call] = service.asked
    assert call.headers["idempotency-key"] == "delivery-1"
    assert call.json == {
        "sourceItems": [
            {"sku": "GLOVE-M", "source_code": "main", "quantity": 7, "status": 1},
            {"sku": "MASK", "source_code": "main", "quantity": 0, "status": 0},
            {"sku": "ELSEWHERE", "source_code": "main", "quantity": 1, "status": 1},
        ]
    }


def test_a_no_is_final_and_an_answer_that_cannot_be_read_a_question():
    with ShopService(lambda _: (400, {"message": "no"})) as service, pytest.raises(Refused, match="HTTP 400"):
        told("magento", stock(), service.url)
    with ShopService(lambda _: (200, b"<html>")) as service, pytest.raises(OutcomeUnknown, match="cannot be read"):
        told("magento", stock(), service.url)


def commenting(*comments: str) -> ShopService:
    return ShopService(lambda asked: (200, {"items": [{"comment": one} for one in comments]} if asked.method == "GET" else True))


def test_progress_is_a_comment_in_the_orders_history() -> None:
    with commenting("Thank you") as service:
        sent = told("magento", progress(), service.url)
    look, write = service.asked
    assert (look.method, look.path) == ("GET", "/rest/all/V1/orders/4711/comments")
    assert (write.method, write.path) == ("POST", "/rest/all/V1/orders/4711/comments")
    assert write.json == {
        "statusHistory": {
            "comment": "Order shipped; tracking A1, A2 [delivery-1]", "is_customer_notified": 0, "is_visible_on_front": 0,
        }
    }  # fmt: skip
    assert (sent.status, sent.partner_id) == ("told", "4711")


def test_a_comment_that_was_written_before_is_not_written_again() -> None:
    with commenting("Order shipped; tracking A1, A2 [delivery-1]") as service:
        told("magento", progress(), service.url, unknown_before=True)
    assert [asked.method for asked in service.asked] == ["GET"]
