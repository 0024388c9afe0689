"""The rules checker tells everything at once, each finding with its line, and refuses to load what cannot be right."""

from pathlib import Path

import pytest

from canonical.documents.registry import DOCUMENTS
from canonical.failures import Misconfigured
from routing.rules.check import examine
from routing.rules.decide import Rules

CHANNELS = ["order", "stock", "invoice", "ledger-main", "shop-eu-events"]


def findings(tmp_path: Path, text: str) -> list[tuple[int, str, str, str]]:
    """Line, code, message and level of every finding, but for types the short test file does not route."""
    path = tmp_path / "rules.yaml"
    path.write_text(text, encoding="utf-8")
    found = examine(path, channels=CHANNELS).findings
    assert all(finding.file == str(path) for finding in found)
    return [(f.line, f.code, f.message, f.level) for f in found if f.code != "no-route"]


def one(tmp_path: Path, when: str, types: str = "order.placed") -> list[tuple[str, str, str]]:
    """Code, message and level of the findings of one condition."""
    text = f"- name: rule\n  type: {types}\n  to: [order]\n  when: |\n    {when}\n"
    return [(code, message, level) for line, code, message, level in findings(tmp_path, text) if line == 5]


def test_a_right_file_has_no_findings(tmp_path: Path) -> None:
    text = """\
- name: dear-orders
  type: order.placed
  when: has(body.totals) && body.totals.payable > 1000
  to: [order, ledger-main]
  stop: true
  description: Somebody looks at them.
"""
    assert findings(tmp_path, text) == []


def test_every_mistake_of_a_file_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    text = """\
- name: first
  type: order.plcaed
  to: [ordr]
- name: second
  type: order.placed
  when: body.chanel == "edi"
  to: [order]
  stp: true
- name: second
  type: stock.level
  to:
    - stock
    - warehouse
- name: third
  type: order.placed
  when: body.remarks >
  to: [order]
- type: order.placed
  stop: maybe
  to: order
"""
    assert findings(tmp_path, text) == [
        (2, "unknown-type", "no message type `order.plcaed`. Did you mean `order.placed`?", "error"),
        (3, "unknown-channel", "no channel `ordr`. Did you mean `order`?", "error"),
        (6, "unknown-field", "order.placed has no field body.chanel. Did you mean `channel`? (column 13)", "error"),
        (8, "unknown-key", "unknown key `stp`. Did you mean `stop`?", "error"),
        (9, "duplicate-name", "the name `second` is taken by the rule in line 4", "error"),
        (13, "unknown-channel", "no channel `warehouse`.", "error"),
        (
            16,
            "invalid-expression",
            "expected a value, found the end (column 23)",
            "error",
        ),
        (18, "missing-key", "a rule needs `name`", "error"),
        (19, "wrong-kind", "`stop` expects true or false", "error"),
        (20, "wrong-kind", "`to` expects a list of channels: `to: [order]`, or `to: []`", "error"),
    ]


@pytest.mark.parametrize(
    ("text", "line", "code"),
    [
        ("- name: [", 1, "yaml"),
        ("- name: a\n  name: b\n  type: stock.level\n  to: [stock]\n", 2, "repeated-key"),
        ("", 1, "not-a-list"),
        ("rules: []\n", 1, "not-a-list"),
        ("[]", 1, "not-a-list"),
        ("- name: a\n  type: stock.level\n  to: [stock]\n- just text\n", 4, "not-a-rule"),
        ("- name:\n  type: stock.level\n  to: [stock]\n", 1, "wrong-kind"),
        ("- name: a\n  type: []\n  to: [stock]\n", 2, "wrong-kind"),
        ("- name: a\n  type: stock.level\n  when: [x]\n  to: [stock]\n", 3, "wrong-kind"),
        ("- name: a\n  type: returns.*\n  to: [stock]\n", 2, "unknown-type"),
    ],
)
def test_a_file_of_the_wrong_form_is_told_with_its_line(tmp_path: Path, text: str, line: int, code: str) -> None:
    assert [(found[0], found[1]) for found in findings(tmp_path, text)] == [(line, code)]


def test_a_file_that_is_not_there_is_one_finding(tmp_path: Path) -> None:
    (found,) = examine(tmp_path / "none.yaml", channels=CHANNELS).findings
    assert (found.code, found.line, found.message) == ("unreadable", 1, "the file cannot be read: No such file or directory")


@pytest.mark.parametrize(
    ("when", "code", "message"),
    [
        ("body.sold_to.adress.city == 'x'", "unknown-field",
         "order.placed has no field body.sold_to.adress. Did you mean `address`? (column 17)"),
        ("body.lines.exists(l, l.skuu == 'A')", "unknown-field",
         "order.placed has no field l.skuu. Did you mean `sku`? (column 27)"),
        ("body.lines[0].quantity.value > 1.0", "unknown-field",
         "order.placed has no field body.lines[].quantity. (column 18)"),
        ("body.order_no.year == 'x'", "unknown-field", "body.order_no is a text, it has no field `year` (column 18)"),
        ("message.partner == 'x'", "unknown-field",
         "order.placed has no field message.partner. Did you mean `partition_key`? (column 12)"),
        ("body['chanel'] == 'edi'", "unknown-field",
         "order.placed has no field body.chanel. Did you mean `channel`? (column 9)"),
        ("body.channel == 'edl'", "unknown-value",
         'body.channel is never "edl". Did you mean `edi`? It is one of: direct, dealer_portal, ecommerce, edi, api, tender '
         "(column 21)"),
        ("body.channel in ['edi', 'phone']", "unknown-value",
         'body.channel is never "phone". It is one of: direct, dealer_portal, ecommerce, edi, api, tender (column 29)'),
        ("body.order_no == 3", "type-mismatch", "a text never equals a whole number (column 19)"),
        ("body.priority.startsWith('1')", "type-mismatch", "`startsWith` does not take a whole number (column 29)"),
        ("body.allow_partial > 1", "type-mismatch", "true or false beside a whole number (column 24)"),
        ("body.order_no", "type-mismatch", "expected true or false, this is a text (column 9)"),
        ("body.allow_partial && body.order_no", "type-mismatch", "expected true or false, this is a text (column 24)"),
        ("body.lines.all(l, l.qty.value * 2 > 3)", "type-mismatch",
         "`*` takes two numbers of one kind: write 2.0 instead of 2 beside an amount, double(...) around a field (column 35)"),
        ("body.order_no.exists(c, c == 'x')", "type-mismatch", "expected a list, this is a text (column 25)"),
        ("message.time > timestamp('2026-01-01T00:00:00Z')", "type-mismatch",
         "an instant is text: put it into timestamp(...) to compare it (column 18)"),
        ("body.order_no != null", "type-mismatch", "an absent field is not null: use has(...) (column 19)"),
        ("has(body.colour)", "unknown-field", "order.placed has no field body.colour. (column 8)"),
        ("body.order_no in body.lines", "type-mismatch", "a text is never in a list of record (column 19)"),
        ("1 + body.order_no == 2", "type-mismatch", "`+` does not take a whole number and a text (column 7)"),
        ("foo == 1", "invalid-expression", "there is nothing called `foo`. An expression reads `message` and `body`. (column 5)"),
        ("body.order_no == 'x' && 'a' + 1 == 2", "invalid-expression",
         "`+` does not take string and int (column 33)"),
        ("size(body.lines)", "invalid-expression",
         "expected an expression that is true or false, this one gives int (column 5)"),
        ("1 == 2", "never-true", "the condition is false for every message: this rule never matches"),
        ("false && body.priority > 3", "never-true", "the condition is false for every message: this rule never matches"),
    ],
)  # fmt: skip
def test_a_condition_that_cannot_be_right_is_an_error(tmp_path: Path, when: str, code: str, message: str) -> None:
    assert one(tmp_path, when) == [(code, message, "error")]


@pytest.mark.parametrize(
    "when",
    [
        "has(body.totals) && body.totals.payable >= 99.95",
        "has(body.totals) && body.totals.payable == 1000",
        "has(body.contract_no) && body.contract_no.matches('^C-[0-9]+$')",
        "body.lines.exists(l, has(l.sku) && l.sku in ['A', 'B'])",
        "body.lines.filter(l, l.cold_chain).size() > 1",
        "body.lines.map(l, l.line_no).exists(n, n == '1')",
        "body.lines.exists_one(l, l.free_of_charge)",
        "'po' in body.references && body.references.po.startsWith('4')",
        "has(body.extensions.note) && body.extensions.note == 'x'",
        "timestamp(message.time) > timestamp('2026-01-01T00:00:00Z')",
        "timestamp(message.time).getHours('Europe/Berlin') < 6",
        "body.price_date < '2026-01-01'",
        "body.kind == 'sample' ? body.priority > 3 : body.allow_partial",
        "size(body.sold_to.party_id) == 3 && !(body.kind in ['return'])",
        "message.type == 'order.placed' && message.source != 'shop-eu'",
        "{'edi': true}[body.channel]",
        "body.priority in [1, 2] || body.lines[0].qty.value / 2.0 > 1.0",
    ],
)
def test_a_condition_that_can_be_right_has_no_findings(tmp_path: Path, when: str) -> None:
    assert one(tmp_path, when) == []


def test_a_field_that_may_be_absent_and_is_not_asked_for_first_is_a_warning(tmp_path: Path) -> None:
    assert one(tmp_path, "body.totals.payable > 1000") == [
        ("may-be-absent", "body.totals may be absent, then the rule fails: ask has(body.totals) first (column 9)", "warning")
    ]


def test_a_condition_that_always_holds_is_a_warning(tmp_path: Path) -> None:
    assert one(tmp_path, "true || body.priority > 3") == [
        ("always-true", "the condition is true for every message: leave `when` out", "warning")
    ]


def test_a_field_only_some_of_the_types_have_is_an_error_unless_it_is_asked_for(tmp_path: Path) -> None:
    types = "[order.placed, order.reduced]"
    assert one(tmp_path, "body.priority > 3", types) == [
        ("unknown-field", "order.reduced has no field body.priority. (column 9)", "error")
    ]
    assert one(tmp_path, "has(body.priority) && body.priority > 3", types) == []


def test_places_in_a_block_of_several_lines_are_lines_of_the_file(tmp_path: Path) -> None:
    text = """\
- name: long
  type: order.placed
  when: |
    body.channel == "edi" &&
      body.prioriti > 3 &&
      body.kind == "stok"
  to: [order]
- name: broken
  type: order.placed
  when: |
    body.channel == "edi"
      && nothing
  to: [order]
"""
    assert [(line, code, message.rsplit(" (", 1)[1]) for line, code, message, _ in findings(tmp_path, text)] == [
        (5, "unknown-field", "column 11)"),
        (6, "unknown-value", "column 20)"),
        (12, "invalid-expression", "column 10)"),
    ]


def test_a_place_in_a_folded_text_is_told_within_the_expression(tmp_path: Path) -> None:
    text = """\
- name: folded
  type: order.placed
  when: >
    body.channel == "edi"
    && body.prioriti > 3
  to: [order]
"""
    message = "order.placed has no field body.prioriti. Did you mean `priority`? (line 1, column 30 of the expression)"
    assert findings(tmp_path, text) == [(4, "unknown-field", message, "error")]


def test_sending_nowhere_without_saying_why_is_a_warning(tmp_path: Path) -> None:
    message = "`to: []` sends nowhere: say why in `description`"
    text = "- {name: a, type: stock.level, to: []}\n- {name: b, type: stock.reserved, to: [], description: nobody asks}\n"
    assert findings(tmp_path, text) == [(1, "kept-without-reason", message, "warning")]


def test_rules_behind_an_unconditional_stop_are_unreachable(tmp_path: Path) -> None:
    text = """\
- {name: all, type: "order.*", to: [order], stop: true}
- {name: late, type: [order.placed, order.reduced], to: [stock]}
- {name: still, type: [order.placed, stock.level], to: [stock]}
- {name: maybe, type: stock.reserved, when: body.seq > 1, to: [order], stop: true}
- {name: reached, type: stock.reserved, to: [stock]}
"""
    assert findings(tmp_path, text) == [
        (2, "unreachable-rule", "never tried: `all` in line 1 always stops before", "error"),
    ]


def test_a_rule_that_adds_nothing_is_told_whatever_its_white_space(tmp_path: Path) -> None:
    text = """\
- {name: a, type: [order.placed, order.confirmed], when: body.channel == "edi", to: [order, stock]}
- {name: b, type: order.placed, when: "body.channel   ==   'edi'", to: [stock]}
- {name: c, type: order.placed, when: body.channel == "api", to: [stock]}
- {name: d, type: stock.level, to: [stock]}
- {name: e, type: stock.level, to: [stock]}
- {name: f, type: stock.level, to: [stock, order]}
"""
    assert findings(tmp_path, text) == [
        (2, "duplicate-rule", "adds nothing to `a` in line 1, which already sends the same to the same channels", "error"),
        (5, "duplicate-rule", "adds nothing to `d` in line 4, which already sends the same to the same channels", "error"),
    ]


def test_types_without_a_rule_are_warned_of_but_not_those_kept_on_purpose(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(
        '- {name: a, type: "order.*", to: [order]}\n- {name: b, type: "s*", to: [], description: kept}\n', encoding="utf-8"
    )
    found = examine(path, channels=CHANNELS).findings
    hint = "say `to: []` with a description to only keep it"
    types = sorted(name for name in DOCUMENTS if not name.startswith(("order.", "s")))
    assert [(f.line, f.code, f.message, f.level) for f in found] == [
        (1, "no-route", f"message type with no route: {name}; {hint}", "warning") for name in types
    ]


def test_loading_refuses_errors_with_file_and_line_and_lets_warnings_pass(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text("- {name: a, type: stock.level, to: [stok]}\n- {name: b, type: stok.level, to: [stock]}\n", encoding="utf-8")
    with pytest.raises(Misconfigured) as refused:
        Rules.load(path, channels=CHANNELS)
    assert str(refused.value).splitlines() == [
        f"{path}:1: error unknown-channel: no channel `stok`. Did you mean `stock`?",
        f"{path}:2: error unknown-type: no message type `stok.level`. Did you mean `stock.level`?",
    ]
    path.write_text("- {name: a, type: stock.level, to: [stock]}\n", encoding="utf-8")
    Rules.load(path, channels=CHANNELS)


def test_the_shipped_rules_have_no_findings_at_all() -> None:
    channels = ["order", "stock", "invoice", "master", "ledger-main", "warehouse-main-out", "dealer-acme-out", "shop-eu-events"]
    assert examine(Path(__file__).parents[2] / "config/rules.yaml", channels=channels).findings == []
