"""Rules name the channels of a message: what matches, in which order, what it costs, and why."""

import time
from collections.abc import Sequence
from copy import deepcopy
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from canonical.documents.base import Document
from canonical.documents.finance import PaymentAllocated
from canonical.documents.order_answers import OrderConfirmed, OrderResponse
from canonical.documents.order_changes import OrderReduced
from canonical.documents.orders import OrderLine, OrderPlaced, Totals
from canonical.documents.shipments import ShipmentTracking
from canonical.documents.stock import StockItem, StockLevel, StockReleased
from canonical.envelope import Message, first_message
from canonical.values import Address, Money, Party, Quantity
from routing.rules import decide
from routing.rules.decide import Rules
from tests.routing.toy import as_kept

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
CHANNELS = [
    "order", "stock", "invoice", "master", "ledger-main", "warehouse-main-out", "dealer-acme-out", "shop-eu-events", "archive",
]  # fmt: skip
BUYER = Party(party_id="D-1", name="Acme", address=Address(city="Bonn", country="DE"))


def an_order(**changes: object) -> OrderPlaced:
    amount = Decimal("259.00")
    line = OrderLine(line_no="1", sku="SKU-1", qty=Quantity(value=Decimal(2)), unit_price=Decimal("129.50"), line_amount=amount)
    totals = Totals(
        lines=amount, tax_exclusive=amount, tax=Decimal("49.21"), tax_inclusive=Decimal("308.21"), payable=Decimal("308.21")
    )
    order = OrderPlaced(
        order_no="SO-1", channel="edi", sold_to=BUYER, ship_to=BUYER, currency="EUR", price_date=date(2026, 3, 2), lines=(line,),
        totals=totals,
    )  # fmt: skip
    return order.model_copy(update=changes)


def sent(document: Document, source: str = "dealer-acme") -> Message:
    return first_message(document, source=source, raw_id="raw-1", now=NOW)


def rules_of(tmp_path: Path, text: str) -> Rules:
    path = tmp_path / "rules.yaml"
    path.write_text(text, encoding="utf-8")
    return Rules.load(path, channels=CHANNELS)


def matches(tmp_path: Path, when: str, message: Message) -> bool:
    """Whether one condition matches; it must not fail."""
    rules = rules_of(tmp_path, f"- name: one\n  type: {message.type}\n  to: [order]\n  when: |\n    {when}\n")
    matched = rules.channels(message) == ("order",)
    assert rules.failures == {}
    return matched


def test_all_matching_rules_add_their_channels_once_and_in_order(tmp_path: Path) -> None:
    rules = rules_of(
        tmp_path,
        """\
- {name: a, type: "order.*", to: [stock, order]}
- {name: b, type: order.placed, when: body.channel == "edi", to: [archive, order]}
- {name: c, type: order.placed, when: body.channel == "api", to: [invoice]}
- {name: d, type: [stock.level, order.placed], to: [ledger-main, archive]}
""",
    )
    assert rules.channels(sent(an_order())) == ("stock", "order", "archive", "ledger-main")
    assert rules.channels(sent(an_order(channel="api"))) == ("stock", "order", "invoice", "ledger-main", "archive")
    reduced = OrderReduced(order_no="SO-1", origin="shop-eu", reason_code="X", lines=())
    assert rules.channels_of([sent(reduced), sent(an_order())]) == [
        ("stock", "order"),
        ("stock", "order", "archive", "ledger-main"),
    ]


def test_a_stop_keeps_its_own_channels_and_ends_the_search_only_where_it_matches(tmp_path: Path) -> None:
    rules = rules_of(
        tmp_path,
        """\
- {name: first, type: order.placed, to: [order]}
- {name: samples, type: order.placed, when: body.kind == "sample", to: [archive], stop: true}
- {name: rest, type: order.placed, to: [stock]}
""",
    )
    assert rules.channels(sent(an_order(kind="sample"))) == ("order", "archive")
    assert rules.channels(sent(an_order())) == ("order", "stock")


def test_a_stop_without_condition_works_where_nothing_is_evaluated(tmp_path: Path) -> None:
    rules = rules_of(
        tmp_path,
        """\
- {name: samples, type: order.placed, to: [order], stop: true}
- {name: rest, type: [order.placed, stock.level], to: [stock]}
""",
    )
    assert rules.channels(sent(an_order())) == ("order",)


def test_a_type_without_a_rule_goes_nowhere(tmp_path: Path) -> None:
    rules = rules_of(tmp_path, "- {name: a, type: stock.level, to: [stock]}\n")
    assert rules.channels(sent(an_order())) == ()
    assert rules.explain(sent(an_order())) == []


def test_a_type_whose_rules_have_no_condition_reads_nothing_of_the_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rules = rules_of(tmp_path, "- {name: a, type: order.placed, to: [order]}\n")
    unreadable = replace(sent(an_order()), body=b"not a document")
    monkeypatch.setattr(decide, "activation", None)
    assert rules.channels(unreadable) == ("order",)


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("body.totals.payable > 308.2", True),
        ("body.totals.payable > 308.21", False),
        ("body.totals.payable == 308.21", True),
        ("body.totals.payable > 308 && body.totals.payable < 309", True),
        ("body.priority == 3", True),
        ("body.kind == 'stock'", True),
        ("has(body.priority)", True),
        ("has(body.remarks)", False),
        ("has(body.bill_to) && has(body.bill_to.name)", False),
        ("size(body.doc_charges) == 0", True),
        ("body.sold_to.address.country in ['DE', 'FR']", True),
        ("body.lines.exists(l, l.sku == 'SKU-1' && l.qty.value >= 2)", True),
        ("body.lines.all(l, l.cold_chain)", False),
        ("body.lines[0].qty.uom == 'EA'", True),
        ("'po' in body.references", True),
        ("body.references.po == '4711' && size(body.references) == 1", True),
        ("body.extensions.note.tags[1] == 'b' && body.extensions.note.n == 7", True),
        ("body.price_date >= '2026-03-01' && body.price_date < '2026-04-01'", True),
        ("timestamp(message.time) == timestamp('2026-03-02T09:30:00Z')", True),
        ("timestamp(message.time).getHours() == 9", True),
        ("message.source == 'dealer-acme' && message.subject == 'SO-1' && message.partition_key == 'SO-1'", True),
        ("message.id == message.correlation_id && message.type == 'order.placed'", True),
        ("body.order_no.matches('^SO-[0-9]+$')", True),
        ("body == body && size(body.lines) == 1", True),
    ],
)
def test_conditions_read_the_document_as_its_schema_says(tmp_path: Path, when: str, expected: bool) -> None:
    order = an_order(references={"po": "4711"}, extensions={"note": {"tags": ["a", "b"], "n": 7}})
    assert matches(tmp_path, when, sent(order)) is expected


def test_a_message_decides_the_same_as_it_is_kept(tmp_path: Path) -> None:
    rules = rules_of(
        tmp_path, "- {name: a, type: order.placed, when: 'body.priority == 3 && body.lines[0].qty.value == 2', to: [order]}"
    )
    message = sent(an_order())
    arrived = as_kept(message)
    assert b"priority" not in message.body
    assert rules.channels(arrived) == rules.channels(message) == ("order",)


def test_a_condition_that_fails_does_not_match_is_counted_and_harms_no_other_rule(tmp_path: Path) -> None:
    rules = rules_of(
        tmp_path,
        """\
- {name: unguarded, type: order.placed, when: body.totals.payable > 1000, to: [archive], stop: true}
- {name: sound, type: order.placed, when: body.channel == "edi", to: [order]}
- {name: plain, type: order.placed, to: [stock]}
""",
    )
    unpriced = sent(an_order(totals=None))
    assert rules.channels_of([unpriced, unpriced, sent(an_order())]) == [("order", "stock")] * 3
    assert rules.failures == {"unguarded": 2}
    first = rules.explain(unpriced)[0]
    assert (first.matched, first.channels) == (False, ())
    assert first.why == (
        '`body.totals.payable > 1000` failed, so the rule does not match: Key not found in map : "totals" '
        "(body.totals is absent, body.totals.payable is absent)"
    )
    assert rules.failures == {"unguarded": 2}


def test_a_condition_whose_value_is_neither_true_nor_false_does_not_match(tmp_path: Path) -> None:
    rules = rules_of(tmp_path, "- {name: a, type: order.placed, when: body.extensions.flag, to: [order]}")
    assert rules.channels(sent(an_order(extensions={"flag": True}))) == ("order",)
    assert rules.channels(sent(an_order(extensions={"flag": "yes"}))) == ()
    assert rules.failures == {"a": 1}
    assert "expected true or false, got string" in rules.explain(sent(an_order(extensions={"flag": "yes"})))[0].why


def test_numbers_larger_than_the_engine_knows_are_compared_all_the_same(tmp_path: Path) -> None:
    tracking = ShipmentTracking(
        carrier="dhl", tracking_no="T1", event_code="in_transit", raw_code="X", event_at=NOW, seq=10**30,
        extensions={"huge": -(10**400), "list": [10**20]},
    )  # fmt: skip
    assert matches(tmp_path, "has(body.seq) && body.seq > 5", sent(tracking))
    assert matches(tmp_path, "body.extensions.huge < 0 && body.extensions.list[0] > 1", sent(tracking))


def test_explain_tells_of_every_rule_of_the_type_why_it_matched_or_not(tmp_path: Path) -> None:
    rules = rules_of(
        tmp_path,
        """\
- name: acme
  type: order.placed
  when: body.channel == "edi" && message.source == "dealer-acme"
  to: [dealer-acme-out]
- {name: other, type: stock.level, to: [stock]}
- name: dear
  type: order.placed
  when: |
    has(body.totals) &&
      body.totals.payable > 300
  to: [archive]
- {name: all, type: order.placed, to: [order], stop: true}
- {name: late, type: "*", to: [invoice]}
""",
    )
    told = [(t.rule, t.line, t.matched, t.why, t.channels) for t in rules.explain(sent(an_order(channel="ecommerce")))]
    assert told == [
        (
            "acme", 1, False,
            '`body.channel == "edi" && message.source == "dealer-acme"` is false '
            '(body.channel is "ecommerce", message.source is "dealer-acme")',
            (),
        ),
        ("dear", 6, True, "`has(body.totals) && body.totals.payable > 300` is true (body.totals.payable is 308.21)", ("archive",)),
        ("all", 12, True, "no condition", ("order",)),
        ("late", 13, False, "not tried: `all` stopped before", ()),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "when",
    [
        "size([1,2,3,4,5,6,7,8,9,10].filter(a, [1,2,3,4,5,6,7,8,9,10].all(b, [1,2,3,4,5,6,7,8,9,10].all(c, "
        "[1,2,3,4,5,6,7,8,9,10].all(d, [1,2,3,4,5,6,7,8,9,10].all(e, body.priority + a + b + c + d + e > 0)))))) > 0",
        "body.lines.all(a, body.lines.all(b, body.lines.all(c, a.line_no + b.line_no + c.line_no != '')))",
    ],
)
def test_a_condition_that_would_run_for_ever_is_cut_off_and_does_not_match(tmp_path: Path, when: str) -> None:
    lines = tuple(an_order().lines[0].model_copy(update={"line_no": str(n)}) for n in range(200))
    message = sent(an_order(lines=lines))
    rules = rules_of(tmp_path, f'- {{name: a, type: order.placed, when: "{when}", to: [order]}}')
    start = time.process_time()
    assert rules.channels(message) == ()
    assert time.process_time() - start < 6
    assert rules.failures == {"a": 1}
    assert "Iteration budget exceeded" in rules.explain(message)[0].why


def test_a_hostile_pattern_costs_no_more_than_its_length(tmp_path: Path) -> None:
    rules = rules_of(
        tmp_path, "- {name: a, type: order.placed, when: \"has(body.remarks) && body.remarks.matches('(a+)+$')\", to: [order]}"
    )
    message = sent(an_order(remarks="a" * 3999 + "b"))
    start = time.process_time()
    assert rules.channels(message) == ()
    assert time.process_time() - start < 6
    assert rules.failures == {}


def test_deciding_leaves_the_message_as_it_was(tmp_path: Path) -> None:
    message = sent(an_order(extensions={"note": {"n": [1]}}, references={"po": "1"}))
    body, document = message.body, deepcopy(message.document)
    assert matches(tmp_path, "size(body) > 0 && size(body.references) == 1 && body.extensions.note.n + [2] == [1, 2]", message)
    assert (message.body, message.document) == (body, document)


def shipped() -> Rules:
    return Rules.load(Path(__file__).parents[2] / "config/rules.yaml", channels=CHANNELS)


def a_confirmation(origin: str) -> OrderConfirmed:
    return OrderConfirmed(order_no="SO-1", origin=origin, channel="ecommerce", ship_to=BUYER, lines=())


def a_response(origin: str) -> OrderResponse:
    return OrderResponse(
        order_no="SO-1", origin=origin, channel="edi", code="AP", price_date=date(2026, 3, 2), sold_to=BUYER,
        currency="EUR", lines=(),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("document", "channels"),
    [
        (an_order(), ["order"]),
        (a_confirmation("shop-eu"), ["stock", "shop-eu-events"]),
        (a_confirmation("dealer-acme"), ["stock"]),
        (a_response("dealer-acme"), ["dealer-acme-out"]),
        (a_response("shop-eu"), []),
        (
            PaymentAllocated(
                payment_ref="P", invoice_no="I", order_no="SO-1", amount=Money(amount=Decimal(1), currency="EUR"),
                invoice_open=Decimal(0),
            ),
            ["order", "ledger-main"],
        ),
        (
            StockLevel(location="W", as_of=NOW, mode="delta", reference="1", items=(StockItem(item="S", on_hand=Decimal(1)),)),
            [],
        ),
        (StockReleased.model_construct(order_no="SO-1", origin="shop-eu", location="W", lines=(), extensions={}), ["order"]),
    ],
)  # fmt: skip
def test_the_shipped_rules_route_as_the_example_needs(document: Document, channels: Sequence[str]) -> None:
    assert shipped().channels(sent(document)) == tuple(channels)


def test_the_shipped_rules_count_goods_of_our_own_warehouses_only() -> None:
    level = StockLevel(location="W", as_of=NOW, mode="delta", reference="1", items=(StockItem(item="S", on_hand=Decimal(1)),))
    assert shipped().channels(sent(level, "warehouse-main")) == ("stock",)
    assert shipped().channels(sent(level, "dealer-acme")) == ()
