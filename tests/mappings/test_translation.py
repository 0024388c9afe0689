"""Translating, explaining and writing documents: the door of the mappings room."""

import copy
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canonical.documents.base import Document
from canonical.documents.finance import InvoiceIssued, InvoiceLine, InvoiceTotals, PaymentAllocated
from canonical.documents.order_changes import OrderCancelled
from canonical.envelope import Message, first_message
from canonical.failures import Malformed, Misconfigured
from canonical.problems import Problem
from canonical.values import Money, Party
from mappings.codecs.base import Source
from mappings.codecs.json import locate, parsed
from mappings.compiling import compiled
from mappings.tracing import FAULTS, trace
from mappings.translation import OWN_SPECS, Settings, Translations
from tests.support.examples import examples

SAMPLES = Path(__file__).parents[1] / "samples"
TRANSLATIONS = Translations.load(*(OWN_SPECS / name for name in ("shopify", "easypost", "stripe", "ledger", "webhook")))
SETTINGS = Settings(endpoint="shop-eu", partner="acme")
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
ORDER = (SAMPLES / "shopify" / "orders_create--discounts_company.in.json").read_bytes()
TRACKER = (SAMPLES / "easypost" / "tracker--words.in.json").read_bytes()


def order(**changes: Any) -> bytes:
    return json.dumps({**json.loads(ORDER), **changes}).encode()


def problems(body: bytes, settings: Settings = SETTINGS) -> list[Problem]:
    (part,) = TRANSLATIONS.translate("shopify", "orders/create", body, settings)
    assert part.documents == () or part.problems == ()
    return list(part.problems)


def message(document: Document) -> Message:
    return first_message(document, source="stock", raw_id="raw-1", now=NOW)


def test_bytes_that_are_no_json_are_refused_as_a_whole_with_their_place():
    with pytest.raises(Malformed) as refusal:
        list(TRANSLATIONS.translate("shopify", "orders/create", b'{"id":1,"id":2}', SETTINGS))
    assert [(one.code, one.path) for one in refusal.value.problems] == [("E_JSON_DUPLICATE_KEY", "id")]


@pytest.mark.parametrize("body", [b"3", b"3.5", b"true"])
def test_a_document_of_the_wrong_kind_is_one_problem_at_its_root(body):
    found = problems(body)
    assert {(one.code, one.path, one.message) for one in found} == {("E_SCHEMA", "$", "expected an object")}


def test_an_empty_order_tells_every_required_place():
    assert {(one.path, one.message) for one in problems(b"{}")} == {
        ("name", "expected a value"), ("processed_at", "expected a value"),
        ("currency", "expected a value, or `currency` set for the endpoint"),
        ("line_items", "expected a value"), ("total_line_items_price", "expected a value"), ("total_price", "expected a value"),
    }  # fmt: skip


def test_a_document_that_no_mapping_reads_is_a_mistake_of_configuration():
    with pytest.raises(Misconfigured, match=r"there is no document 'themes/update' that shopify sends"):
        list(TRANSLATIONS.translate("shopify", "themes/update", b"{}", SETTINGS))
    with pytest.raises(Misconfigured, match=r"there is no document 'event' that webhook sends. There are none."):
        list(TRANSLATIONS.translate("webhook", "event", b"{}", SETTINGS))


def test_the_order_prefix_of_the_endpoint_goes_before_the_order_number():
    (part,) = TRANSLATIONS.translate("shopify", "orders/create", ORDER, Settings(order_prefix="EU-"))
    assert part.documents[0].subject() == "EU-HM-2077"
    (cancelled,) = TRANSLATIONS.translate(
        "shopify", "orders/cancelled", order(cancelled_at="2026-04-02T00:00:00Z"), Settings(order_prefix="EU-")
    )
    assert cancelled.documents[0].subject() == "EU-HM-2077"


def test_a_time_without_offset_is_read_in_the_zone_of_the_endpoint_and_else_refused():
    body = order(processed_at="2026-04-01T00:30:05")
    assert [(one.code, one.path, one.value) for one in problems(body)] == [("E_TIME_NAIVE", "processed_at", "2026-04-01T00:30:05")]
    (part,) = TRANSLATIONS.translate("shopify", "orders/create", body, Settings(time_zone="Asia/Shanghai"))
    assert part.documents[0].occurred_at() == datetime(2026, 3, 31, 16, 30, 5, tzinfo=UTC)


def test_a_zone_that_does_not_exist_is_a_mistake_of_configuration():
    with pytest.raises(Misconfigured, match="'Mars/Base' is no time zone"):
        problems(order(processed_at="2026-04-01T00:30:05"), Settings(time_zone="Mars/Base"))


def test_a_broken_sum_is_told_at_the_field_of_the_sender_that_states_it():
    found = problems(order(total_line_items_price="1051.00"))
    assert [(one.code, one.path, one.message, one.value) for one in found] == [
        ("E_SUM_LINES", "total_line_items_price", "expected 945.00", "1051.00"),
        ("E_TAX_TOTAL", "total_price", "expected 966.00", "1148.35"),
    ]


def test_amounts_as_numbers_are_as_good_as_amounts_as_text():
    text, numbers = order(), order(total_price=1148.35, total_tax=183.35, total_line_items_price=1050.00)
    documents = [
        part.documents[0] for body in (text, numbers) for part in TRANSLATIONS.translate("shopify", "orders/create", body, SETTINGS)
    ]
    assert documents[0] == documents[1]


def test_a_tracker_is_one_part_with_a_document_for_each_detail():
    (part,) = TRANSLATIONS.translate("easypost", "tracker.updated", TRACKER, SETTINGS)
    assert [document.event_code for document in part.documents] == [  # type: ignore[attr-defined]
        "picked_up", "transferred", "refused", "returning", "lost", "unknown", "unknown",
    ]  # fmt: skip


def test_explain_names_the_place_behind_every_field():
    rows = list(TRANSLATIONS.explain("shopify", "orders/create", ORDER, Settings(order_prefix="EU-")))
    found = {target: (place, value) for _, target, place, value in rows}
    assert found["order_no"] == ("name", "EU-HM-2077")
    assert found["channel"] == ("constant", "ecommerce")
    assert found["sold_to.party_id"] == ("company.id", "114001")
    assert found["ship_to.address.city"] == ("shipping_address.city", "Hamburg")
    assert found["ship_to.address.lines"] == ("shipping_address.address1, shipping_address.address2", '["Am Kai 4","Gate 3"]')
    assert found["lines[0].allowances[0].reason"] == ("discount_applications[0].code", "SPRING10")
    assert found["lines[1].line_amount"] == (
        "line_items[1].price, line_items[1].quantity, line_items[1].discount_allocations[0].amount", "158.40",
    )  # fmt: skip
    assert found["lines[1].tax.rate_pct"] == ("line_items[1].tax_lines[0].rate", "19.0000")
    assert found["totals.payable"] == ("total_price", "1148.35")
    assert found["extensions.tags"] == ("tags", "b2b, net30")
    assert {reference for reference, *_ in rows} == {""}


def test_explain_numbers_the_documents_of_a_part():
    rows = list(TRANSLATIONS.explain("easypost", "tracker.updated", TRACKER, SETTINGS))
    assert (
        "",
        "[1].event_code",
        "result.tracking_details[1].status, result.tracking_details[1].status_detail",
        "transferred",
    ) in rows
    assert ("", "[6].carrier", "result.carrier", "RoyalMail") in rows


def test_explain_tells_as_much_as_it_can_of_a_bad_document():
    rows = list(TRANSLATIONS.explain("shopify", "orders/create", b'{"name": "#7", "line_items": "none"}', SETTINGS))
    assert ("", "order_no", "name", "7") in rows


INVOICE = InvoiceIssued(
    invoice_no="INV-7", order_no="SO-1", origin="shop-eu", channel="ecommerce", shipment_no="SH-3", issued_on=date(2026, 11, 23),
    due_on=date(2026, 12, 23), buyer=Party(party_id="C-9", name="Klinik Nord"), currency="EUR", extensions={},
    lines=(
        InvoiceLine(order_no="SO-1", line_no="1", item="INF-SET-20", qty=Decimal(10), unit_price=Decimal("87.40"),
                    net=Decimal("786.60"), tax_rate_pct=Decimal(19)),
    ),
    totals=InvoiceTotals(net=Decimal("786.60"), tax=Decimal("149.45"), gross=Decimal("936.05")),
)  # fmt: skip


def test_an_invoice_is_posted_to_the_ledger_with_amounts_as_text():
    assert TRANSLATIONS.outgoing("ledger", "invoice.issued") == "post_invoice"
    assert json.loads(TRANSLATIONS.write("ledger", "post_invoice", message(INVOICE), SETTINGS)) == {
        "InvoiceNumber": "INV-7", "InvoiceKind": "normal", "OrderNumber": "SO-1", "ShipmentNumber": "SH-3",
        "IssueDate": "2026-11-23", "DueDate": "2026-12-23", "Buyer": {"Id": "C-9", "Name": "Klinik Nord"},
        "Currency": "EUR", "NetAmount": "786.60", "TaxAmount": "149.45", "GrossAmount": "936.05",
        "Lines": [{"OrderNumber": "SO-1", "LineNumber": "1", "Item": "INF-SET-20", "Quantity": "10", "Unit": "EA",
                   "UnitPrice": "87.40", "NetAmount": "786.60", "TaxRate": "19"}],
    }  # fmt: skip


def test_an_allocated_payment_is_posted_to_the_ledger():
    allocated = PaymentAllocated(
        payment_ref="pi_1", invoice_no="INV-7", order_no="SO-1", amount=Money(amount=Decimal("900.00"), currency="EUR"),
        invoice_open=Decimal("36.05"), extensions={},
    )  # fmt: skip
    assert TRANSLATIONS.outgoing("ledger", "payment.allocated") == "post_payment"
    assert TRANSLATIONS.write("ledger", "post_payment", message(allocated), SETTINGS) == (
        b'{"PaymentReference":"pi_1","InvoiceNumber":"INV-7","OrderNumber":"SO-1","Amount":"900.00","Currency":"EUR",'
        b'"OpenAmount":"36.05"}'
    )


def test_any_message_becomes_a_webhook_event():
    assert TRANSLATIONS.outgoing("webhook", "order.cancelled") == "event"
    cancelled = OrderCancelled(
        order_no="SO-1", reason_code="fraud", requested_by="seller", cancelled_at=NOW, extensions={"note": "x"}
    )
    assert json.loads(TRANSLATIONS.write("webhook", "event", message(cancelled), SETTINGS)) == {
        "type": "order.cancelled",
        "timestamp": "2026-11-23T10:00:00Z",
        "data": {"order_no": "SO-1", "lines": [], "reason_code": "fraud", "requested_by": "seller",
                 "cancelled_at": "2026-11-23T10:00:00Z", "extensions": {"note": "x"}},
    }  # fmt: skip


def test_a_message_type_nobody_sends_has_no_document():
    assert TRANSLATIONS.outgoing("ledger", "order.placed") is None
    assert TRANSLATIONS.outgoing("shopify", "order.placed") is None
    with pytest.raises(Misconfigured, match="no mapping writes 'orders/create' for 'shopify'"):
        TRANSLATIONS.write("shopify", "orders/create", message(INVOICE), SETTINGS)


def test_a_message_that_cannot_be_written_is_refused_with_the_place(tmp_path):
    (tmp_path / "out.yaml").write_text(
        "connector: acme\ndocument: out\ndirection: out\ncodec: json\nmessage_type: invoice.issued\n"
        "fields:\n  a: buyer.gln | required\n  b: totals.net | to_implied_decimals(1)\n",
        encoding="utf-8",
    )
    with pytest.raises(Malformed) as refusal:
        Translations.load(tmp_path).write("acme", "out", message(INVOICE), SETTINGS)
    assert [(one.path, one.message) for one in refusal.value.problems] == [("buyer.gln", "expected a value")]


def test_a_compiled_mapping_shows_its_source_in_tracebacks():
    convert = compiled(TRANSLATIONS.documents["shopify", "orders/create", "in"])
    with pytest.raises(AttributeError) as failure:
        next(convert({}, None, {}))
    assert "zone = settings.time_zone" in str(failure.getrepr())


ODD = st.sampled_from(
    [None, "", "x", "12.30", "-1", "2026-01-01T00:00:00Z", 0, 7, Decimal("1.5"), True, [], {}, [1], {"a": 1}, "EUR"]
)
CASES = [
    ("shopify", "orders/create", parsed(ORDER)),
    ("shopify", "orders/create", parsed((SAMPLES / "shopify/orders_create--taxes_included_guest.in.json").read_bytes())),
    ("easypost", "tracker.updated", parsed(TRACKER)),
    ("stripe", "payment_intent.succeeded", parsed((SAMPLES / "stripe/payment_intent.succeeded--usd.in.json").read_bytes())),
]


def places(tree: Any) -> list[tuple[Any, Any]]:
    members = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [(tree, key) for key, _ in members] + [place for _, inner in members for place in places(inner)]


@examples(400)
@given(st.sampled_from(CASES), st.data())
def test_the_tracer_finds_problems_exactly_where_the_compiled_mapping_gives_up(case, data):
    connector, document, sound = case
    tree = copy.deepcopy(sound)
    for _ in range(data.draw(st.integers(1, 4))):
        holder, key = data.draw(st.sampled_from(places(tree)))
        holder[key] = copy.deepcopy(data.draw(ODD))
    spec = TRANSLATIONS.documents[connector, document, "in"]
    source = Source(tree, locate)
    traced = list(trace(spec, source, SETTINGS, {}))
    try:
        targets = list(compiled(spec)(tree, SETTINGS, {}))
    except FAULTS:
        assert [problem for one in traced for problem in one.problems] != []
    else:
        assert [problem for one in traced for problem in one.problems] == []
        assert [one.target for one in traced] == targets


@examples(300)
@given(st.sampled_from(CASES), st.data())
def test_whatever_stands_in_a_document_it_is_translated_or_its_problems_are_told_with_a_place(case, data):
    connector, document, sound = case
    tree = copy.deepcopy(sound)
    for _ in range(data.draw(st.integers(1, 6))):
        holder, key = data.draw(st.sampled_from(places(tree)))
        holder[key] = copy.deepcopy(data.draw(ODD))
    body = json.dumps(tree, default=float).encode()
    parts = list(TRANSLATIONS.translate(connector, document, body, SETTINGS))
    assert parts
    assert not any(part.documents and part.problems for part in parts)
    for problem in (problem for part in parts for problem in part.problems):
        assert problem.code.startswith("E_")
        assert problem.path
        assert problem.message.startswith("expected"), problem


def test_problems_are_told_once():
    (part,) = TRANSLATIONS.translate("shopify", "orders/create", order(currency="EURO"), SETTINGS)
    assert part.problems
    assert len(part.problems) == len(set(part.problems))


def test_what_a_buyer_noted_for_a_line_stays_with_it():
    items = json.loads(order())["line_items"]
    items[0]["properties"] = [
        {"name": "engraving", "value": "OR 3"},
        {"name": "_app", "value": 7},
        {"name": "file", "value": {"url": "x"}},
    ]
    (part,) = TRANSLATIONS.translate("shopify", "orders/create", order(line_items=items), Settings())
    assert part.documents[0].lines[0].references == {"engraving": "OR 3", "_app": "7"}
