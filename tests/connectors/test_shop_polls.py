"""Shops are asked for changed orders over real HTTP; what a webhook brought already makes nothing new."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.base import Endpoint, Polled, Polling, RawMessage
from connectors.table import CONNECTORS
from mappings.translation import OWN_SPECS, Settings, Translations
from routing.intake import Intake
from routing.polling import Poller
from routing.routes import Router
from store.database import Database, open_database
from tests.connectors.shop_service import Answer, Asked, ShopService
from tests.routing.conftest import ToToy
from tests.support.tables import file_with_tables

SAMPLES = Path(__file__).parents[1] / "samples"
SHOPS = ("shopify", "woocommerce", "magento", "amazon")
TRANSLATIONS = Translations.load(*(OWN_SPECS / name for name in SHOPS))
START = "2026-01-01T00:00:00Z"
MORE: dict[str, dict[str, Any]] = {
    "woocommerce": {"username": "ck_1"},
    "amazon": {"client_id": "amzn1.client", "marketplace_ids": ["A1F83G8C2ARO7P"]},
}


def sample(name: str) -> Any:
    return json.loads((SAMPLES / name).read_bytes())


def endpoint(connector: str, url: str, **options: Any) -> Endpoint:
    given = {"url": url, "allow_private": True, "start": START, **MORE.get(connector, {}), **options}
    secret = b"client-secret Atzr|refresh" if connector == "amazon" else b"token"
    return Endpoint("shop", "acme", connector, (b"webhook secret",), polling=Polling(60.0, secrets=(secret,), options=given))


def polled(connector: str, url: str, watermark: str | None = None, **options: Any) -> list[Polled]:
    poll = CONNECTORS[connector].poll
    assert poll is not None
    return list(poll(endpoint(connector, url, **options), watermark))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(file_with_tables(tmp_path / "hub.db"))
    yield database
    database.close()


def intake(database: Database, shop: Endpoint) -> Intake:
    settings = {"shop": Settings(endpoint="shop", partner="acme")}
    router = Router(ToToy(), handlers=["toy"], partitions=2)
    return Intake(database, CONNECTORS, {"shop": shop}, TRANSLATIONS, router, settings=settings)


def kept(database: Database) -> list[tuple[str, str]]:
    with database.reading() as tx:
        return [(row.type, row.identity) for row in tx.rows("SELECT type, identity FROM messages ORDER BY type, identity")]


SHOPIFY_ORDER = sample("shopify/orders_create--part_cancelled.in.json")


def shopify_page(*orders: Any) -> Answer:
    return 200, {"orders": list(orders)}


def test_shopify_is_asked_page_after_page_and_refunds_are_documents_of_their_own():
    def answer(asked: Asked) -> Answer:
        if "page_info" in asked.query:
            return shopify_page({**SHOPIFY_ORDER, "id": 2, "refunds": [], "updated_at": "2026-03-03T00:00:00Z"})
        link = f'<http://{asked.headers["host"]}{asked.path}?page_info=abc&limit=2>; rel="next"'
        return (*shopify_page(SHOPIFY_ORDER), {"Link": link})  # type: ignore[return-value]

    with ShopService(answer) as service:
        pages = polled("shopify", service.url, page_size=2)
    assert [[raw.headers["x-shopify-topic"] for raw in page.raws] for page in pages] == [["orders", "refunds/create"], ["orders"]]
    assert [page.watermark for page in pages] == ["2026-03-02T10:00:00+00:00", "2026-03-03T00:00:00+00:00"]
    first = service.asked[0]
    assert (first.path, first.query["status"], first.query["updated_at_min"]) == (
        "/admin/api/2026-07/orders.json", "any", "2026-01-01T00:00:00+00:00",
    )  # fmt: skip
    assert first.headers["x-shopify-access-token"] == "token"


def test_a_webhook_and_polls_of_one_order_make_one_order_and_a_changed_copy_a_revision(database: Database):
    copies = [SHOPIFY_ORDER]
    with ShopService(lambda _: shopify_page(*copies)) as service:
        shop = endpoint("shopify", service.url)
        hub = intake(database, shop)
        body = json.dumps(SHOPIFY_ORDER).encode()
        headers = {"x-shopify-topic": "orders/create", "x-shopify-webhook-id": "w-1"}
        sign = CONNECTORS["shopify"].sign
        assert sign is not None
        raw = sign(RawMessage("shop", headers, body, datetime.now(UTC)), shop)
        assert hub.accept(raw).status == "accepted"
        before = kept(database)
        poller = Poller(hub, {})
        assert poller.poll("shop").set_aside == 0
        assert kept(database) == before == [("order.cancelled", "1001 11:1 refund 5"), ("order.placed", "1001 r3600")]
        again = poller.poll("shop")
        assert (again.new, again.repeated) == (0, 2)
        copies[0] = {**SHOPIFY_ORDER, "note": "urgent", "updated_at": "2026-03-02T12:00:00+01:00"}
        assert poller.poll("shop").set_aside == 0
    assert [identity for kind, identity in kept(database) if kind == "order.placed"] == ["1001 r3600", "1001 r7200"]


def test_woocommerce_is_asked_by_time_and_for_the_refunds_of_its_orders(database: Database):
    order = sample("woocommerce/order--bundle_discount_fee.in.json")
    refunded = {**order, "refunds": [{"id": 900, "total": "-30.00"}]}
    [refund] = sample("woocommerce/refunds--goods_and_money.in.json")["refunds"]
    bare = {name: value for name, value in refund.items() if name not in ("order_number", "currency")}

    def answer(asked: Asked) -> Answer:
        if asked.path.endswith("/refunds"):
            return 200, [bare]
        return 200, [refunded] if asked.query["modified_after"] < "2026-03-02T09:20" else []

    with ShopService(answer) as service:
        shop = endpoint("woocommerce", service.url, page_size=1)
        hub = intake(database, shop)
        body = json.dumps(refunded).encode()
        proof = base64.b64encode(hmac.new(b"webhook secret", body, hashlib.sha256).digest()).decode()
        raw = RawMessage("shop", {"x-wc-webhook-topic": "order.updated", "x-wc-webhook-signature": proof}, body, datetime.now(UTC))
        hub.accept(raw)
        result = Poller(hub, {}).poll("shop")
    assert (result.pages, result.new, result.set_aside) == (2, 2, 0)
    assert kept(database) == [
        ("order.placed", "WS-2026-17 r305"), ("payment.refunded", "acme:refund:900"), ("return.requested", "acme:refund:900 4:1"),
    ]  # fmt: skip
    assert [(one.path, one.query.get("modified_after")) for one in service.asked] == [
        ("/wp-json/wc/v3/orders", "2025-12-31T23:59:59"), ("/wp-json/wc/v3/orders/4711/refunds", None),
        ("/wp-json/wc/v3/orders", "2026-03-02T09:20:03"),
    ]  # fmt: skip
    assert service.asked[0].headers["authorization"] == "Basic " + base64.b64encode(b"ck_1:token").decode()


def test_magento_is_asked_for_two_lists_each_with_its_own_watermark(database: Database):
    pages = {"orders": sample("magento/order--canceled_page.in.json"), "creditmemos": sample("magento/creditmemos--page.in.json")}

    with ShopService(lambda asked: (200, pages[asked.path.rpartition("/")[2]])) as service:
        shop = endpoint("magento", service.url)
        Poller(intake(database, shop), {}).poll("shop")
        [_, last] = polled("magento", service.url)
        assert last.watermark is not None
        assert json.loads(last.watermark) == {"orders": "2026-03-02T10:00:00+00:00", "creditmemos": "2026-04-01T12:00:00+00:00"}
        service.asked.clear()
        polled("magento", service.url, last.watermark)
    asked = [one.query["searchCriteria[filter_groups][0][filters][0][value]"] for one in service.asked]
    assert asked == ["2026-03-02 09:58:00", "2026-04-01 11:58:00"]
    assert [kind for kind, _ in kept(database)] == ["order.cancelled", "order.placed", "payment.refunded", "return.requested"]


def test_a_full_page_that_changed_at_once_is_turned_by_number():
    order = sample("magento/order--canceled_page.in.json")["items"][0]

    def answer(asked: Asked) -> Answer:
        last = asked.query["searchCriteria[currentPage]"] == "2" or asked.path.endswith("creditmemos")
        return 200, {"items": [] if last else [order], "search_criteria": {}, "total_count": 1}

    with ShopService(answer) as service:
        polled("magento", service.url, page_size=1, start="2026-03-02T10:00:00Z")
    assert [one.query["searchCriteria[currentPage]"] for one in service.asked] == ["1", "2", "1"]


def test_amazon_is_asked_with_a_token_until_no_token_leads_on(database: Database):
    [order] = sample("amazon/orders_2026--page.in.json")["orders"]

    def answer(asked: Asked) -> Answer:
        if asked.path == "/auth/o2/token":
            return 200, {"access_token": "Atza|2", "expires_in": 3600}
        if "paginationToken" in asked.query:
            return 200, {"orders": [{**order, "orderId": "250-2", "lastUpdatedTime": "2026-02-01T00:00:00Z"}]}
        return 200, {"orders": [order], "pagination": {"nextToken": "2YgY"}}

    with ShopService(answer) as service:
        shop = endpoint("amazon", service.url, token_url=f"{service.url}/auth/o2/token")
        result = Poller(intake(database, shop), {}).poll("shop")
        pages = polled("amazon", service.url, token_url=f"{service.url}/auth/o2/token")
    assert (result.pages, result.messages, result.set_aside) == (2, 2, 0)
    assert [page.watermark for page in pages] == [None, "2026-02-01T00:00:00+00:00"]
    assert [one.path for one in service.asked].count("/auth/o2/token") == 1
    first, second = service.asked[1:3]
    assert first.headers["x-amz-access-token"] == "Atza|2"
    assert (first.query["lastUpdatedAfter"], first.query["fulfilledBy"]) == ("2026-01-01T00:00:00Z", "MERCHANT")
    assert second.query == {**first.query, "paginationToken": "2YgY"}


def test_amazon_vendors_are_asked_for_purchase_orders():
    page = sample("amazon/vendor_orders--cases_and_weight.in.json")
    page["payload"].pop("pagination")

    def answer(asked: Asked) -> Answer:
        return 200, {"access_token": "Atza|3", "expires_in": 3600} if asked.path == "/auth/o2/token" else page

    with ShopService(answer) as service:
        [only] = polled("amazon", service.url, api="vendor", token_url=f"{service.url}/auth/o2/token", start="2019-01-01T00:00:00Z")
    assert service.asked[1].path == "/vendor/orders/v1/purchaseOrders"
    assert only.watermark == "2019-08-22T16:05:00+00:00"
    identify = CONNECTORS["amazon"].identify
    assert identify is not None
    assert identify(only.raws[0], replace(endpoint("amazon", service.url), polling=None)).document == "vendor_orders"


def test_a_cancellation_is_one_fact_whether_its_own_webhook_or_a_copy_of_the_order_tells_it():
    body = (SAMPLES / "shopify" / "orders_create--old_style.in.json").read_bytes()

    def told(document: str) -> list[bytes]:
        parts = TRANSLATIONS.translate("shopify", document, body, Settings())
        return [one.content() for part in parts for one in part.documents if one.message_type == "order.cancelled"]

    assert told("orders/updated") == told("orders/cancelled") != []


def test_a_ping_is_kept_once_whoever_sends_it_and_makes_nothing(database: Database):
    hub = intake(database, Endpoint("shop", "acme", "woocommerce", (b"webhook secret",)))
    answers = [hub.accept(RawMessage("shop", {}, b"webhook_id=%d" % number, datetime.now(UTC))) for number in (17, 99)]
    assert [(one.status, one.repeated) for one in answers] == [("accepted", False), ("accepted", True)]
    assert answers[0].raw_id == answers[1].raw_id
    assert kept(database) == []
