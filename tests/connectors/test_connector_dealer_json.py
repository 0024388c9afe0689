"""The JSON API for dealers."""

import json
from pathlib import Path
from typing import ClassVar

from connectors.base import Endpoint, Identified
from connectors.dealers.dealer_json.schema import SCHEMAS, request_schema
from connectors.table import CONNECTORS
from mappings.closing import known_names
from mappings.translation import OWN_SPECS, Settings, Translations
from tests.connectors import partner
from tests.connectors.suite import ReceivingSuite, SendingSuite, whsec

BODY = b'{"type":"order.cancelled","data":{"order_no":"PO-1"}}'
PUBLISHED = Path(__file__).parents[2] / "docs" / "dealer_json.schema.json"
TRANSLATIONS = Translations.load(OWN_SPECS / "dealer_json", OWN_SPECS / "canonical")


class TestDealerJsonSigned(ReceivingSuite):
    connector = "dealer_json"
    secrets = (whsec("n"), whsec("b"))
    other_secret = whsec("x")
    headers: ClassVar = {"webhook-id": "msg_7"}
    body = BODY
    proof = ("webhook-id", "webhook-timestamp", "webhook-signature")
    identified = Identified("order.cancelled", "msg_7")
    has_window = True


class TestDealerJsonWithKey(ReceivingSuite):
    connector = "dealer_json"
    options: ClassVar = {"auth": "bearer"}
    body = BODY
    proof = ("authorization",)
    identified = Identified("order.cancelled", None)
    body_is_signed = False

    def means_the_same(self, header: str, changed: str) -> bool:
        return changed.lower().startswith("bearer ") and changed[7:] == self.signed().headers[header][7:]


class TestDealerJsonSending(SendingSuite):
    connector = "dealer_json"
    sending_secrets = (whsec("n"),)
    document = "event"
    payload = b'{"type":"order.progressed","data":{"order_no":"PO-1"}}'

    def key_of(self, request: partner.Request) -> str:
        return request.headers["webhook-id"]


def test_the_schema_is_published_and_told_at_the_endpoints_address():
    describe = CONNECTORS["dealer_json"].describe
    assert describe is not None
    told = describe(Endpoint("dealer", "north", "dealer_json"))
    assert (told.status, told.media_type) == (200, "application/schema+json")
    assert json.loads(told.body) == json.loads(PUBLISHED.read_bytes()) == request_schema()


def test_the_schema_has_exactly_the_names_that_are_read():
    for document in SCHEMAS:
        read = known_names(TRANSLATIONS.documents["dealer_json", document, "in"])["data"]
        assert sorted(read) == sorted(request_schema()["$defs"][document]["properties"])


def test_a_name_the_hub_does_not_know_is_told_wherever_it_stands():
    body = json.loads(BODY)
    body["data"]["lines"] = [{"line_no": "1", "qty": "1", "qyt": 2}]
    [part] = TRANSLATIONS.translate("dealer_json", "order.cancelled", json.dumps({**body, "sent_by": "me"}).encode(), Settings())
    assert part.documents == ()
    assert [(p.code, p.path) for p in part.problems] == [("E_UNKNOWN_NAME", "data.lines[0].qyt"), ("E_UNKNOWN_NAME", "sent_by")]
    assert part.problems[0].message == "expected only names that are read here: line_no, qty"


def test_the_hubs_own_json_is_as_strict_and_takes_the_rest_under_extensions():
    level = {
        "location": "W",
        "as_of": "2026-03-02T00:00:00Z",
        "mode": "snapshot",
        "reference": "1",
        "items": [{"item": "A", "on_hand": "1"}],
    }
    for data, told in (({**level, "loction": "V"}, ["data.loction"]), ({**level, "extensions": {"loction": "V"}}, [])):
        body = json.dumps({"type": "stock.level", "data": data}).encode()
        [part] = TRANSLATIONS.translate("canonical", "stock.level", body, Settings())
        assert [problem.path for problem in part.problems] == told
        assert len(part.documents) == (0 if told else 1)


def test_an_order_is_numbered_with_the_endpoints_prefix_and_bought_by_the_dealer_itself():
    data = {
        "order_no": "7",
        "ordered_at": "2026-03-02T23:30:00-05:00",
        "ship_to": {"party_id": "H"},
        "lines": [{"line_no": "1", "sku": "A", "qty": {"value": 2}}],
    }
    body = json.dumps({"type": "order.placed", "data": data}).encode()
    stated = Settings(partner="north", currency="EUR", order_prefix="N-")
    [part] = TRANSLATIONS.translate("dealer_json", "order.placed", body, stated)
    [order] = part.documents
    told = json.loads(order.body())
    assert (told["order_no"], told["source_order_id"], told["channel"]) == ("N-7", "7", "api")
    assert (told["sold_to"], told["currency"], told["price_date"]) == ({"party_id": "north"}, "EUR", "2026-03-02")
