"""Amazon's documents, and what it is told."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from canonical.failures import Malformed, Misconfigured, Refused
from connectors.base import Endpoint, Identified, RawMessage
from connectors.table import CONNECTORS
from mappings.translation import OWN_SPECS, Settings, Translations
from tests.connectors.shop_messages import shipment, stock, told
from tests.connectors.shop_service import Answer, Asked, ShopService
from tests.connectors.suite import ReceivingSuite

TRANSLATIONS = Translations.load(OWN_SPECS / "amazon")
OPTIONS = {"client_id": "amzn1.client", "marketplace_id": "A1F83G8C2ARO7P", "seller_id": "A1SELLER"}


class TestAmazon(ReceivingSuite):
    connector = "amazon"
    body = b'{"payload":{"AmazonOrderId":"902-1845936-5435065"}}'
    proof = ("authorization",)
    identified = Identified("orders_v0")
    body_is_signed = False

    def means_the_same(self, header: str, changed: str) -> bool:
        """The scheme's name may be written in any case (RFC 9110 11.1)."""
        scheme, _, token = changed.partition(" ")
        return scheme.lower() == "bearer" and token == self.secrets[0].decode()

    @pytest.mark.parametrize(
        ("body", "document"),
        [
            (b'{"payload":{"Orders":[]}}', "orders_v0"), (b'{"order":{"orderId":"1"}}', "orders_2026"),
            (b'{"orders":[{"orderId":"1"}]}', "orders_2026"),
            (b'{"payload":{"orders":[{"purchaseOrderNumber":"P"}]}}', "vendor_orders"),
            (b'{"payload":{"purchaseOrderNumber":"P"}}', "vendor_orders"), (b'{"payload":{"ordersStatus":[]}}', "vendor_orders"),
        ],
    )  # fmt: skip
    def test_documents_are_told_by_their_names(self, body: bytes, document: str) -> None:
        assert self.row.identify is not None
        assert self.row.identify(replace(self.signed(), body=body), self.endpoint()) == Identified(document)

    def test_an_error_of_the_api_is_told(self) -> None:
        assert self.row.identify is not None
        with pytest.raises(Malformed) as caught:
            self.row.identify(replace(self.signed(), body=b'{"errors":[{"code":"InvalidInput"}]}'), self.endpoint())
        assert [(one.code, one.path, one.value) for one in caught.value.problems] == [("E_DOCUMENT", "errors", "InvalidInput")]


def amazon(*, confirmed: int = 204) -> ShopService:
    def answer(asked: Asked) -> Answer:
        if asked.path == "/auth/o2/token":
            return 200, {"access_token": "Atza|1", "expires_in": 3600, "token_type": "bearer"}
        if asked.path == "/feeds/2021-06-30/documents":
            return 201, {"feedDocumentId": "D-1", "url": f"http://{asked.headers['host']}/upload?signature=x"}
        if asked.path == "/feeds/2021-06-30/feeds":
            return 202, {"feedId": "F-1"}
        return (200 if asked.path == "/upload" else confirmed), b""

    return ShopService(answer)


def tell(service: ShopService, document, secret: bytes = b"client-secret Atzr|refresh"):
    return told("amazon", document, service.url, secret, token_url=f"{service.url}/auth/o2/token", **OPTIONS)


def test_a_shipment_is_confirmed_under_a_number_that_is_always_the_same():
    with amazon() as service:
        tell(service, shipment())
        sent = tell(service, shipment())
    token, first, second = service.asked
    assert token.body == b"grant_type=refresh_token&refresh_token=Atzr%7Crefresh&client_id=amzn1.client&client_secret=client-secret"
    assert first.path == "/orders/v0/orders/1001/shipmentConfirmation"
    assert first.headers["x-amz-access-token"] == "Atza|1"
    assert first.json == second.json
    package = first.json["packageDetail"]
    assert package["packageReferenceId"] == sent.partner_id and package["packageReferenceId"].isdigit()
    assert {name: package[name] for name in ("carrierCode", "carrierName", "trackingNumber", "shipDate")} == {
        "carrierCode": "DHL", "carrierName": "DHL", "trackingNumber": "00340434161094042557", "shipDate": "2026-03-03T15:00:00Z",
    }  # fmt: skip
    assert package["orderItems"] == [{"orderItemId": "11", "quantity": 2}, {"orderItemId": "12", "quantity": 1}]


def test_stock_goes_in_a_feed():
    with amazon() as service:
        sent = tell(service, stock())
    assert sent.partner_id == "F-1"
    assert service.calls()[1:] == [("POST", "/feeds/2021-06-30/documents"), ("PUT", "/upload"), ("POST", "/feeds/2021-06-30/feeds")]
    upload, feed = service.asked[2:]
    assert "x-amz-access-token" not in upload.headers
    assert [(m["sku"], m["patches"][0]["value"][0]["quantity"]) for m in upload.json["messages"]] == [
        ("GLOVE-M", 7), ("MASK", 0), ("ELSEWHERE", 1),
    ]  # fmt: skip
    assert feed.json == {"feedType": "JSON_LISTINGS_FEED", "marketplaceIds": ["A1F83G8C2ARO7P"], "inputFeedDocumentId": "D-1"}


def test_a_no_is_final_and_half_a_secret_a_mistake_of_configuration():
    with amazon(confirmed=400) as service:
        with pytest.raises(Refused, match="HTTP 400"):
            tell(service, shipment())
        with pytest.raises(Misconfigured, match="a blank, a refresh token"):
            tell(service, shipment(), b"client-secret")


def change(**changed: Any) -> dict[str, Any]:
    """An ORDER_CHANGE as Amazon's schema shows it: the buyer wants a line cancelled of which two pieces are shipped."""
    items = [
        {"OrderItemId": "OI-1", "SellerSKU": "A", "Quantity": 10, "QuantityShipped": 2, "IsBuyerRequestedCancel": True},
        {"OrderItemId": "OI-2", "SellerSKU": "B", "Quantity": 1, "QuantityShipped": 0, "IsBuyerRequestedCancel": False},
    ]
    notice = {
        "NotificationLevel": "OrderLevel", "SellerId": "S", "AmazonOrderId": "903-8868176-2219830",
        "OrderChangeType": "BuyerRequestedChange",
        "OrderChangeTrigger": {"TimeOfOrderChange": "2026-11-29T19:42:04.284Z", "ChangeReason": "Buyer Requested Cancel"},
        "Summary": {"MarketplaceId": "A1", "OrderStatus": "Unshipped", "OrderItems": items, **changed},
    }  # fmt: skip
    return {
        "NotificationVersion": "1.0", "NotificationType": "ORDER_CHANGE", "PayloadVersion": "1.0",
        "EventTime": "2026-11-29T20:00:00Z",
        "Payload": {"OrderChangeNotification": notice}, "NotificationMetadata": {"NotificationId": "n-1"},
    }  # fmt: skip


def changes(tree: object) -> list[Any]:
    """What becomes of a posted envelope."""
    row, body = CONNECTORS["amazon"], json.dumps(tree).encode()
    assert row.identify is not None and row.opened is not None
    endpoint = Endpoint("amazon", "amazon", "amazon")
    document = row.identify(RawMessage("amazon", {}, body, datetime.now(UTC)), endpoint).document
    parts = list(TRANSLATIONS.translate("amazon", document, row.opened(body, endpoint), Settings(order_prefix="AMZ-")))
    assert [problem for part in parts for problem in part.problems] == []
    return [document for part in parts for document in part.documents]


@pytest.mark.parametrize(
    "envelope",
    [
        change(),
        {"version": "0", "detail-type": "ORDER_CHANGE", "source": "aws.partner/sellingpartnerapi.amazon.com/x", "detail": change()},
        {"Messages": [{"MessageId": "m", "ReceiptHandle": "r", "Body": json.dumps(change())}]},
        {"Records": [{"messageId": "m", "body": json.dumps({"Type": "Notification", "Message": json.dumps(change())})}]},
    ],
)
def test_a_buyer_who_wants_lines_cancelled_is_heard_in_every_envelope(envelope: object) -> None:
    (cancelled,) = changes(envelope)
    assert (cancelled.order_no, cancelled.reason_code, cancelled.requested_by) == (
        "AMZ-903-8868176-2219830", "Buyer Requested Cancel", "buyer",
    )  # fmt: skip
    assert [(line.line_no, line.qty) for line in cancelled.lines] == [("OI-1", 8)]
    assert cancelled.cancelled_at == datetime(2026, 11, 29, 19, 42, 4, 284000, tzinfo=UTC)


def test_a_cancelled_order_is_cancelled_whole_and_other_changes_are_no_news() -> None:
    (cancelled,) = changes(change(OrderStatus="Canceled"))
    assert cancelled.lines == ()
    assert changes(change(OrderStatus="Shipped", OrderItems=[])) == []
    assert len(changes({"Messages": [{"Body": json.dumps(change())}, {"Body": json.dumps(change(OrderStatus="Canceled"))}]})) == 2


def test_other_notifications_and_messages_that_are_no_json_are_told() -> None:
    identify = CONNECTORS["amazon"].identify
    assert identify is not None
    for tree, problem in (
        ({**change(), "NotificationType": "FEED_PROCESSING_FINISHED"}, ("E_DOCUMENT", "NotificationType")),
        ({"Messages": [{"Body": "hello"}]}, ("E_JSON", "Messages[0].Body")),
    ):
        with pytest.raises(Malformed) as caught:
            identify(RawMessage("amazon", {}, json.dumps(tree).encode(), datetime.now(UTC)), Endpoint("a", "a", "amazon"))
        assert [(one.code, one.path) for one in caught.value.problems] == [problem]
