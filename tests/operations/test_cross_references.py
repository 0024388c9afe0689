"""What partners call our things: kept once, found either way, used by what is sent later."""

from typing import Any

import orjson
from fastapi.testclient import TestClient

from canonical.documents.order_answers import OrderResponse
from canonical.envelope import first_message
from canonical.references import Reference
from canonical.values import Party
from connectors.base import Connector, Delivery, Endpoint, Sent
from operations import find, messages
from routing.delivery import Deliverer
from store import archive
from store.archive import Routed
from store.database import Transaction
from store.queries import MessageFilter
from store.references import ReferenceFilter
from tests.connectors.shop_messages import NOW, progress, shipment
from tests.handlers import golden
from tests.hub_api.test_queries import LOCAL, app_of
from tests.operations.small_hub import TRANSLATIONS, Settings, SmallHub, shopify_order


def names(hub: SmallHub, **wanted: str) -> list[tuple[str, str, str, str]]:
    items = find.cross_references(hub.database, ReferenceFilter(**wanted)).items
    return [(one.endpoint, one.kind, one.our_id, one.their_id) for one in items]


def delivered(hub: SmallHub, document: Any, known_as: tuple[Reference, ...] = (), connector: str = "woocommerce") -> dict[str, Any]:
    """What a shop's endpoint is sent for a document; it answers with these names."""
    sent: list[Delivery] = []

    def send(delivery: Delivery, endpoint: Endpoint) -> Sent:
        sent.append(delivery)
        return Sent("200", known_as=known_as)

    endpoints = {name: Endpoint(name, "shop", connector) for name in ("shop-in", "shop-out")}
    connectors = {connector: Connector(connector, "ecommerce", send=send)}
    settings = {name: Settings(endpoint=name, partner="shop", order_prefix="WEB-") for name in endpoints}
    message = first_message(document, source="test", raw_id="raw", now=NOW)
    with hub.database.transaction() as tx:
        archive.record_messages(tx, [Routed(message, (), ("shop-out",))])
    with hub.database.reading() as tx:
        (row,) = tx.rows("SELECT delivery_id FROM deliveries WHERE message_id = :id", id=message.message_id)
    Deliverer(hub.database, connectors, endpoints, TRANSLATIONS, settings).deliver(row.delivery_id)
    payload: dict[str, Any] = orjson.loads(sent[0].payload)
    return payload


def test_an_order_is_known_by_the_shops_number_too(hub: SmallHub) -> None:
    hub.shop(shopify_order())
    hub.run()
    assert names(hub) == [("shop-eu", "order", "1001", "450789469")]
    assert names(hub, id="450789469", kind="order", endpoint="shop-eu") == names(hub, id="1001") == names(hub)
    assert names(hub, endpoint="shop-us") == []
    assert find.order_no_of(hub.database, "450789469") == "1001"
    assert find.order_no_of(hub.database, "4711") == "4711"
    (known,) = find.order(hub.database, "1001").known_as
    (placed,) = messages.messages(hub.database, MessageFilter(type="order.placed")).items
    assert (known.their_id, known.seen_in) == ("450789469", placed.message_id)
    about = messages.messages(hub.database, MessageFilter(their_id="450789469")).items
    assert {"order.placed", "order.confirmed"} <= {message.type for message in about}
    assert messages.messages(hub.database, MessageFilter(their_id="1001")).items == []


def test_the_names_are_answered_over_http_page_by_page(hub: SmallHub) -> None:
    for number in (1, 2, 3):
        hub.shop(shopify_order(f"#{number}", id=100 + number))
    client = TestClient(app_of(hub), **LOCAL)
    first = client.get("/cross-references", params={"endpoint": "shop-eu", "kind": "order", "limit": 2}).json()
    assert [(one["our_id"], one["their_id"]) for one in first["items"]] == [("1", "101"), ("2", "102")]
    second = client.get("/cross-references", params={"limit": 2, "cursor": first["next"]}).json()
    assert [one["our_id"] for one in second["items"]] == ["3"]
    assert "next" not in second or second["next"] is None
    assert len(client.get("/messages", params={"their_id": "103"}).json()["items"]) == 1


def test_the_first_to_name_a_thing_is_right_both_ways(hub: SmallHub) -> None:
    hub.keep(golden.placed("SO-1", source_order_id="A"), golden.placed("SO-2", source_order_id="A"), source="shop-eu")
    hub.keep(golden.placed("SO-1", source_order_id="B", revision=1), source="shop-eu")
    hub.keep(golden.placed("SO-9", source_order_id="A"), source="shop-us")
    assert names(hub) == [("shop-eu", "order", "SO-1", "A"), ("shop-us", "order", "SO-9", "A")]
    assert find.order_no_of(hub.database, "A") == "A", "two orders have that name"


def test_items_and_suppliers_orders_are_named_as_well(hub: SmallHub) -> None:
    ours = golden.line("1", "GLOVE", 1).model_copy(update={"buyer_item_id": "4711-X"})
    answer = OrderResponse(order_no="PO-1", supplier=Party(party_id="S"), supplier_order_no="88", code="AP")
    hub.keep(golden.placed("SO-1", lines=(ours,)), answer, source="supplier")
    assert names(hub) == [("supplier", "item", "GLOVE", "4711-X"), ("supplier", "order", "PO-1", "88")]


class Listening(Transaction):
    """A transaction that writes down what it is asked."""

    def __init__(self, tx: Transaction) -> None:
        super().__init__(tx._driver, tx.dialect)
        self.heard: list[str] = []

    def _fetched(self, statement: str, parameters: Any) -> Any:
        self.heard.append(statement)
        return super()._fetched(statement, parameters)

    def _told(self, statement: str, parameters: Any) -> None:
        self.heard.append(statement)
        super()._told(statement, parameters)

    def _touched(self, statement: str, parameters: Any) -> int:
        self.heard.append(statement)
        return super()._touched(statement, parameters)


def test_a_message_with_nothing_to_name_costs_no_statement(hub: SmallHub) -> None:
    def statements(**order: Any) -> list[str]:
        message = first_message(golden.placed(**order), source="shop-eu", raw_id="raw", now=NOW)
        with hub.database.transaction() as tx:
            listening = Listening(tx)
            archive.record_messages(listening, [Routed(message, (("order", 0),), ("shop-eu-events",))])
        return listening.heard

    plain = statements(order_no="SO-1", source_order_id="SO-1")
    assert [sql for sql in plain if "cross_references" in sql] == []
    assert len(statements(order_no="SO-2", source_order_id="4711")) == len(plain) + 1


def test_what_a_shop_answered_is_used_by_what_is_sent_later(hub: SmallHub) -> None:
    before = delivered(hub, progress(source_order_id=None))
    assert "order_id" not in before
    delivered(hub, shipment(), (Reference("order", "WEB-1001", "4711"), Reference("shipment", "S-1", "F-7")), connector="shopify")
    after = delivered(hub, progress(source_order_id=None).model_copy(update={"milestone": "delivered"}))
    assert (after["order"], after["order_id"]) == ("1001", "4711")
    assert names(hub, kind="shipment") == [("shop-out", "shipment", "S-1", "F-7")]


def test_a_name_told_through_another_endpoint_of_the_partner_counts_too(hub: SmallHub) -> None:
    hub.keep(golden.placed("WEB-1001", source_order_id="99"), source="shop-in")
    hub.keep(golden.placed("WEB-1001", source_order_id="98"), source="somebody-else")
    assert delivered(hub, shipment(), connector="magento")["lines"][0]["order_id"] == "99"
