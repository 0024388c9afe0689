"""Shopify's webhooks."""

import base64
import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime
from typing import ClassVar

import pytest

from canonical.failures import Malformed, Misconfigured
from connectors.base import Endpoint, Identified, RawMessage
from connectors.table import CONNECTORS
from mappings.translation import OWN_SPECS, Settings, Translations
from tests.connectors.suite import ReceivingSuite, _with

BODY = '{"id":820982911946154508,"name":"#9999","note":"zwölf Schrauben","total_price":"403.00"}'.encode()


class TestShopify(ReceivingSuite):
    connector = "shopify"
    options: ClassVar = {"shop_domain": "acme-medical.myshopify.com", "time_zone": "Europe/Berlin", "order_prefix": "WEB-"}
    body = BODY
    headers: ClassVar = {"x-shopify-topic": "orders/create", "x-shopify-webhook-id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043"}
    proof = ("x-shopify-hmac-sha256", "x-shopify-shop-domain")
    identified = Identified("orders/create", "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043")

    def test_the_signature_is_the_base64_of_the_hmac_over_the_raw_body(self) -> None:
        expected = base64.b64encode(hmac.new(self.secrets[0], BODY, hashlib.sha256).digest()).decode()
        assert self.signed().headers["x-shopify-hmac-sha256"] == expected

    def test_a_body_written_anew_is_refused(self) -> None:
        assert not self.passes(replace(self.signed(), body=BODY.replace(b'":', b'": ')))

    def test_another_shop_of_the_same_app_is_refused(self) -> None:
        assert not self.passes(_with(self.signed(), "x-shopify-shop-domain", "other.myshopify.com"))

    def test_a_cancelled_order_is_a_document_of_its_own(self) -> None:
        raw = _with(self.signed(), "x-shopify-topic", "orders/cancelled")
        assert self.row.identify(raw, self.endpoint()).document == "orders/cancelled"

    def test_a_topic_nobody_maps_is_told(self) -> None:
        with pytest.raises(Malformed) as caught:
            self.row.identify(_with(self.signed(), "x-shopify-topic", "themes/update"), self.endpoint())
        [problem] = caught.value.problems
        assert (problem.code, problem.path, problem.value) == ("E_DOCUMENT", "X-Shopify-Topic", "themes/update")

    @pytest.mark.parametrize(
        ("body", "document"),
        [
            (b'{"orders":[]}', "orders"), (b'{"id":1,"line_items":[]}', "orders"), (b'{"refund":{}}', "refunds/create"),
            (b'{"order_id":1,"line_items":[],"tracking_numbers":[]}', "fulfillments/create"),
            (b'{"transactions":[]}', "order_transactions/create"), (b'{"tender_transaction":{}}', "tender_transactions/create"),
        ],
    )  # fmt: skip
    def test_answers_of_the_rest_api_are_told_by_their_shape(self, body: bytes, document: str) -> None:
        assert self.row.identify(replace(self.signed(), headers={}, body=body), self.endpoint()) == Identified(document)

    @pytest.mark.parametrize("body", [b'{"errors":"Not Found"}', b'{"id":1}'])
    def test_an_answer_that_is_no_document_is_told(self, body: bytes) -> None:
        with pytest.raises(Malformed, match=r"E_DOCUMENT at errors|E_REQUIRED at X-Shopify-Topic"):
            self.row.identify(replace(self.signed(), headers={}, body=body), self.endpoint())

    def test_without_a_webhook_id_the_body_tells_repeats(self) -> None:
        headers = {name: value for name, value in self.signed().headers.items() if name != "x-shopify-webhook-id"}
        assert self.row.identify(replace(self.signed(), headers=headers), self.endpoint()).delivery_id is None

    def test_two_topics_with_one_body_are_two_deliveries(self) -> None:
        def sent(topic: str) -> str | None:
            raw = self.row.sign(replace(self.signed(), headers={"x-shopify-topic": topic}), self.endpoint())
            return self.row.identify(raw, self.endpoint()).delivery_id

        assert sent("orders/create") != sent("orders/cancelled")

    def test_a_foreign_shop_domain_is_no_option(self) -> None:
        with pytest.raises(Misconfigured, match="shop_domain"):
            self.row.authenticate(self.signed(), replace(self.endpoint(), options={"shop_domain": "acme.example.com"}))


def test_an_edit_of_an_order_is_kept_and_makes_no_message() -> None:
    lines = b'"line_items":{"additions":[{"id":1,"delta":2}],"removals":[]}'
    edit = b'{"order_edit":{"id":78912328793,"order_id":5678590869509,"committed_at":"2026-11-01T01:00:00-04:00",' + lines + b"}}"
    raw = RawMessage("shop", {"x-shopify-topic": "orders/edited"}, edit, datetime.now(UTC))
    identify = CONNECTORS["shopify"].identify
    assert identify is not None
    assert identify(raw, Endpoint("shop", "shop", "shopify")) == Identified("orders/edited")
    translations = Translations.load(OWN_SPECS / "shopify")
    (part,) = translations.translate("shopify", "orders/edited", edit, Settings())
    assert (part.documents, part.problems) == ((), ())
    assert part.skipped == "which lines an edit changed; the order after it comes as orders/updated"
