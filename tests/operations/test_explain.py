"""From a field back to the partner's bytes, from a channel back to the rule."""

import orjson
import pytest

from operations import messages
from operations.explain import explain
from operations.failing import NotFound
from store.queries import MessageFilter
from tests.handlers import golden
from tests.operations.small_hub import SmallHub, shopify_order


def test_every_field_names_the_place_in_the_partners_document(hub: SmallHub) -> None:
    accepted = hub.shop(shopify_order())
    explanation = explain(hub.operations, accepted.message_ids[0])
    assert explanation.translation is not None
    fields = {field.path: (field.source, field.value) for field in explanation.translation.fields}
    assert fields["order_no"] == ("name", "1001")
    assert fields["lines[0].unit_price"] == ("line_items[0].price", "10.00")
    assert fields["lines[0].qty.uom"] == ("constant", "EA")
    assert explanation.translation.raw.sha256 == messages.raw_head(hub.database, accepted.raw_id).sha256
    assert explanation.translation.failure is None
    assert explanation.causes == []


def test_the_rules_tell_why_a_message_went_where_it_went(hub: SmallHub) -> None:
    hub.shop(shopify_order())
    hub.run()
    (confirmed,) = messages.messages(hub.database, MessageFilter(type="order.confirmed")).items
    explanation = explain(hub.operations, confirmed.message_id)
    rules = {rule.rule: rule for rule in explanation.rules}
    assert rules["reserve-goods"].channels == ["stock"]
    follows = rules["shop-follows-its-orders"]
    assert (follows.matched, follows.channels) == (True, ["shop-eu-events"])
    assert 'body.origin is "shop-eu"' in follows.why
    assert explanation.routed_alike


def test_what_a_handler_made_is_explained_by_its_causes_back_to_the_raw_message(hub: SmallHub) -> None:
    accepted = hub.shop(shopify_order())
    hub.take(golden.level("WH-1", {"GLOVE-M": 5}))
    (requested,) = messages.messages(hub.database, MessageFilter(type="stock.reserved")).items
    explanation = explain(hub.operations, requested.message_id)
    assert [m.type for m in explanation.causes][-1] == "order.placed"
    assert explanation.causes[-1].message_id == accepted.message_ids[0]
    assert explanation.translation is not None
    assert explanation.translation.raw.raw_id == accepted.raw_id
    assert any(field.path == "order_no" for field in explanation.translation.fields)


def test_a_raw_message_of_an_endpoint_that_is_gone_says_so(hub: SmallHub) -> None:
    (message_id,) = hub.keep(golden.placed(), source="dealer-old")
    translation = explain(hub.operations, message_id).translation
    assert translation is not None
    assert translation.failure == "there is no endpoint 'dealer-old' any more"


def test_a_mapping_that_reads_something_else_today_says_so(hub: SmallHub) -> None:
    accepted = hub.shop(shopify_order())
    with hub.database.transaction() as tx:
        body = orjson.dumps(shopify_order("#2002"))
        tx.run("UPDATE raw_messages SET body = :body WHERE raw_id = :raw_id", body=body, raw_id=accepted.raw_id)
    translation = explain(hub.operations, accepted.message_ids[0]).translation
    assert translation is not None
    assert translation.fields == []
    assert translation.failure is not None and "'1001'" in translation.failure


def test_an_unknown_message_is_not_explained(hub: SmallHub) -> None:
    with pytest.raises(NotFound):
        explain(hub.operations, "nothing")
