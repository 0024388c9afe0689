"""What Shopify is told, through its Admin API."""

import pytest

from canonical.failures import Misconfigured, Refused, Throttled
from canonical.references import Reference
from tests.connectors.shop_messages import shipment, stock, told
from tests.connectors.shop_service import Answer, Asked, ShopService

ORDER = {
    "id": "gid://shopify/Order/1", "name": "#1001", "fulfillments": [],
    "fulfillmentOrders": {"nodes": [
        {"id": "FO-0", "status": "CLOSED", "lineItems": {"nodes": [
            {"id": "FL-0", "remainingQuantity": 9, "lineItem": {"id": "gid://shopify/LineItem/11"}}]}},
        {"id": "FO-1", "status": "OPEN", "lineItems": {"nodes": [
            {"id": "FL-1", "remainingQuantity": 1, "lineItem": {"id": "gid://shopify/LineItem/11"}},
            {"id": "FL-2", "remainingQuantity": 3, "lineItem": {"id": "gid://shopify/LineItem/12"}}]}},
        {"id": "FO-2", "status": "IN_PROGRESS", "lineItems": {"nodes": [
            {"id": "FL-3", "remainingQuantity": 5, "lineItem": {"id": "gid://shopify/LineItem/11"}}]}},
    ]},
}  # fmt: skip
CREATED = {"fulfillmentCreate": {"fulfillment": {"id": "gid://shopify/Fulfillment/7"}, "userErrors": []}}


def shop(order: dict, created: dict = CREATED) -> ShopService:
    def answer(asked: Asked) -> Answer:
        if "mutation" in asked.json["query"]:
            return 200, {"data": created}
        return 200, {"data": {"orders": {"nodes": [{**ORDER, "name": "#10010"}, order]}}}

    return ShopService(answer)


def test_a_shipment_becomes_a_fulfilment_of_what_is_open():
    with shop(ORDER) as service:
        sent = told("shopify", shipment(), service.url, notify_customer=True, api_version="2026-07")
    assert (sent.status, sent.partner_id) == ("fulfilled", "gid://shopify/Fulfillment/7")
    assert sent.known_as == (Reference("shipment", "S-1", "gid://shopify/Fulfillment/7"),)
    assert service.calls() == [("POST", "/admin/api/2026-07/graphql.json")] * 2
    look, create = service.asked
    assert look.headers["x-shopify-access-token"] == "token"
    assert look.json["variables"] == {"query": 'name:"1001"'}
    assert create.headers["idempotency-key"] == "delivery-1"
    assert create.json["variables"]["fulfillment"] == {
        "lineItemsByFulfillmentOrder": [
            {
                "fulfillmentOrderId": "FO-1",
                "fulfillmentOrderLineItems": [{"id": "FL-1", "quantity": 1}, {"id": "FL-2", "quantity": 1}],
            },
            {"fulfillmentOrderId": "FO-2", "fulfillmentOrderLineItems": [{"id": "FL-3", "quantity": 1}]},
        ],
        "notifyCustomer": True,
        "trackingInfo": {"numbers": ["00340434161094042557"], "company": "DHL"},
    }


def test_a_shipment_that_was_told_before_is_not_told_again():
    known = {"id": "gid://shopify/Fulfillment/6", "status": "SUCCESS", "trackingInfo": [{"number": "00340434161094042557"}]}
    with shop({**ORDER, "fulfillments": [known]}) as service:
        sent = told("shopify", shipment(), service.url, unknown_before=True)
    assert sent.partner_id == "gid://shopify/Fulfillment/6"
    assert len(service.asked) == 1


def test_more_than_is_open_is_refused_and_nothing_is_created():
    with shop({**ORDER, "fulfillmentOrders": {"nodes": []}}) as service, pytest.raises(Refused, match="of the lines 11, 12"):
        told("shopify", shipment(tracking_nos=()), service.url)
    assert len(service.asked) == 1


def test_an_order_the_shop_does_not_have_is_refused():
    with shop({**ORDER, "name": "#7"}) as service, pytest.raises(Refused, match="order 1001: expected one at the partner, found 0"):
        told("shopify", shipment(), service.url)


def test_what_shopify_says_with_200_is_told_apart():
    refused = {"fulfillmentCreate": {"fulfillment": None, "userErrors": [{"field": [], "message": "Invalid quantity"}]}}
    with shop(ORDER, refused) as service, pytest.raises(Refused, match="fulfillmentCreate: Invalid quantity"):
        told("shopify", shipment(), service.url)
    throttled = {"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]}
    with ShopService(lambda _: (200, throttled)) as service, pytest.raises(Throttled):
        told("shopify", shipment(), service.url)
    with (
        ShopService(lambda _: (200, {"errors": [{"message": "no such field"}]})) as service,
        pytest.raises(Refused, match="no such"),
    ):
        told("shopify", shipment(), service.url)


def test_stock_is_set_absolute_under_our_key_for_the_items_the_shop_has():
    def answer(asked: Asked) -> Answer:
        if "mutation" in asked.json["query"]:
            return 200, {"data": {"inventorySetQuantities": {"inventoryAdjustmentGroup": {"id": "G-1"}, "userErrors": []}}}
        return 200, {"data": {"inventoryItems": {"nodes": [{"id": "I-1", "sku": "GLOVE-M"}, {"id": "I-2", "sku": "MASK"}]}}}

    with ShopService(answer) as service:
        sent = told("shopify", stock(), service.url, location_id="905684977")
    assert sent.partner_id == "G-1"
    variables = service.asked[1].json["variables"]
    assert variables["key"] == "delivery-1"
    assert variables["input"]["quantities"] == [
        {"inventoryItemId": "I-1", "locationId": "gid://shopify/Location/905684977", "quantity": 7, "changeFromQuantity": None},
        {"inventoryItemId": "I-2", "locationId": "gid://shopify/Location/905684977", "quantity": 0, "changeFromQuantity": None},
    ]


def test_stock_without_a_location_is_a_mistake_of_configuration():
    with ShopService(lambda _: (200, {})) as service, pytest.raises(Misconfigured, match="location_id"):
        told("shopify", stock(), service.url)
    assert service.asked == []
