"""WooCommerce's webhooks, and what the shop is told."""

import base64
import hashlib
import hmac
from dataclasses import replace
from typing import ClassVar

import pytest

from canonical.failures import Malformed, Refused
from connectors.base import Accepted, Identified
from tests.connectors.shop_messages import progress, stock, told
from tests.connectors.shop_service import Answer, Asked, ShopService
from tests.connectors.suite import ReceivingSuite, _with

BODY = '{"id":727,"number":"727","status":"processing","customer_note":"grün"}'.encode()


class TestWooCommerce(ReceivingSuite):
    connector = "woocommerce"
    options: ClassVar = {"source": "https://shop.example/"}
    body = BODY
    headers: ClassVar = {"x-wc-webhook-topic": "order.created", "x-wc-webhook-delivery-id": "c0ffee"}
    proof = ("x-wc-webhook-signature", "x-wc-webhook-source")
    identified = Identified("order.created")

    def test_the_signature_is_the_base64_of_the_hmac_over_the_raw_body(self) -> None:
        expected = base64.b64encode(hmac.new(self.secrets[0], BODY, hashlib.sha256).digest()).decode()
        assert self.signed().headers["x-wc-webhook-signature"] == expected

    def test_a_ping_is_taken_without_a_proof_and_kept_as_the_same_one(self) -> None:
        ping = replace(self.signed(), headers={"content-type": "application/x-www-form-urlencoded"}, body=b"webhook_id=17")
        assert self.passes(ping)
        assert self.row.kept is not None and self.row.identify is not None
        kept = self.row.kept(ping, self.endpoint())
        assert kept == self.row.kept(replace(ping, body=b"webhook_id=99"), self.endpoint())
        assert self.row.identify(kept, self.endpoint()) == Identified("ping", "ping")

    @pytest.mark.parametrize("body", [b"webhook_id=17&status=paid", b"webhook_id=", b"webhook_id=1\n", b'{"webhook_id": 17}'])
    def test_what_is_not_quite_a_ping_has_to_be_signed(self, body: bytes) -> None:
        assert not self.passes(replace(self.signed(), headers={}, body=body))

    def test_what_is_kept_is_answered_200_for_woocommerce_disables_a_webhook_otherwise(self) -> None:
        assert self.row.answer is not None
        codes = [
            self.row.answer(Accepted("r", status), self.endpoint()).status for status in ("accepted", "quarantined", "rejected")
        ]
        assert codes == [200, 200, 422]

    @pytest.mark.parametrize(
        ("body", "document"),
        [
            (b'[{"id":1,"status":"processing"}]', "orders"), (b"[]", "orders"), (b'{"id":1,"status":"completed"}', "orders"),
            (b'[{"id":2,"amount":"10.00"}]', "refunds"), (b'{"refunds":[{"id":2}]}', "refunds"),
        ],
    )  # fmt: skip
    def test_answers_of_the_rest_api_are_told_by_their_shape(self, body: bytes, document: str) -> None:
        assert self.row.identify is not None
        assert self.row.identify(replace(self.signed(), headers={}, body=body), self.endpoint()).document == document

    def test_a_topic_nobody_maps_and_an_error_of_the_api_are_told(self) -> None:
        assert self.row.identify is not None
        with pytest.raises(Malformed, match="X-WC-Webhook-Topic"):
            self.row.identify(_with(self.signed(), "x-wc-webhook-topic", "coupon.created"), self.endpoint())
        error = b'{"code":"woocommerce_rest_cannot_view","message":"no","data":{"status":401}}'
        with pytest.raises(Malformed, match="E_DOCUMENT at code"):
            self.row.identify(replace(self.signed(), headers={}, body=error), self.endpoint())


def test_progress_becomes_a_note_and_a_status():
    with ShopService(lambda asked: (201 if asked.method == "POST" else 200, {"id": 4711})) as service:
        sent = told("woocommerce", progress(), service.url, username="ck_1", customer_note=True)
    assert (sent.status, sent.partner_id) == ("told", "4711")
    assert service.calls() == [("POST", "/wp-json/wc/v3/orders/4711/notes"), ("PUT", "/wp-json/wc/v3/orders/4711")]
    note, status = service.asked
    assert note.json == {"note": "Order shipped; tracking A1, A2 [delivery-1]", "customer_note": True}
    assert status.json == {"status": "completed"}
    assert note.headers["authorization"] == "Basic " + base64.b64encode(b"ck_1:token").decode()


def test_a_note_that_stands_already_is_not_written_again():
    def answer(asked: Asked) -> Answer:
        return 200, [{"id": 1, "note": "Order shipped [delivery-1]"}] if asked.method == "GET" else {"id": 4711}

    with ShopService(answer) as service:
        told("woocommerce", progress(), service.url, username="ck_1", unknown_before=True)
    assert service.calls() == [("GET", "/wp-json/wc/v3/orders/4711/notes"), ("PUT", "/wp-json/wc/v3/orders/4711")]


def test_an_order_the_shop_never_named_is_refused():
    with ShopService(lambda _: (200, {})) as service, pytest.raises(Refused, match="order 1001"):
        told("woocommerce", progress(source_order_id=None), service.url, username="ck_1")
    assert service.asked == []


def test_stock_is_set_for_products_and_variations_the_shop_has():
    products = {"GLOVE-M": [{"id": 94, "parent_id": 93}], "MASK": [{"id": 7, "parent_id": 0}], "ELSEWHERE": []}

    def answer(asked: Asked) -> Answer:
        return 200, products[asked.query["sku"]] if asked.method == "GET" else {}

    with ShopService(answer) as service:
        sent = told("woocommerce", stock(), service.url, username="ck_1")
    assert sent.partner_id == "GLOVE-M, MASK"
    changes = [(one.path, one.json) for one in service.asked if one.method == "PUT"]
    assert changes == [
        ("/wp-json/wc/v3/products/93/variations/94", {"manage_stock": True, "stock_quantity": 7}),
        ("/wp-json/wc/v3/products/7", {"manage_stock": True, "stock_quantity": 0}),
    ]
