"""The static check of spec files: every mistake at once, with file and line."""

import json
from pathlib import Path

import pytest

from canonical.failures import Misconfigured
from mappings.codecs.table import CODECS
from mappings.spec_folders import check_specs
from mappings.translation import OWN_SPECS, Settings, Translations

BAD = """\
connector: acme
document: order
direction: sideways
codec: jsn
message_type: order.plced
colour: blue
fields:
  order_no: name |
"""

WRONG_FIELDS = """\
connector: acme
document: order
direction: in
codec: json
message_type: order.placed
tables:
  kinds: {a: stock}
let:
  currency: waehrung
fields:
  order_no: name | shout
  kind: type | lookup("sorts")
  channel: =ecommerse
  sold_to.party_id: $buyer.id
  sold_to.nickname: nick
  ship_to.name: name
  currency: currency | round(2)
  price_date: created_at | epoch_seconds
  price_date.year: created_at
  remarks: choose(note)
  priority: high | positive
  references: notes | trim
  incoterm.code: term
  lines:
    fields:
      line_no: id
  doc_charges:
    each: charges
    value: amount
  order_no: again
extensions:
  - note
  - first(a, b)
"""

GOOD = """\
connector: acme
document: payment
direction: in
codec: json
message_type: payment.received
fields:
  payment_ref: id
  value_date: day
  amount.amount: sum
  amount.currency: currency
"""


def check(folder: Path, **files: str) -> list[tuple[str, int, str, str]]:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return [(Path(one.file).name, one.line, one.code, one.message) for one in check_specs(folder)]


def test_the_specs_of_the_product_are_sound():
    assert check_specs(OWN_SPECS) == []


def test_every_mistake_of_the_header_is_told_with_its_line(tmp_path):
    found = check(tmp_path, bad=BAD)
    assert [one[:3] for one in found] == [
        ("bad.yaml", 3, "E_SPEC_DIRECTION"),
        ("bad.yaml", 4, "E_SPEC_CODEC"),
        ("bad.yaml", 5, "E_SPEC_MESSAGE_TYPE"),
        ("bad.yaml", 6, "E_SPEC_KEY"),
        ("bad.yaml", 8, "E_SPEC_SYNTAX"),
    ]
    assert found[1][3] == f"unknown codec 'jsn', expected one of {', '.join(sorted(CODECS))}"
    assert found[4][3] == "expected word, found the end at column 7 of 'name |'"


def test_every_mistake_of_the_fields_is_told_with_its_line(tmp_path):
    found = check(tmp_path, wrong=WRONG_FIELDS)
    assert [one[1:] for one in found] == [
        (9, "E_SPEC_DUPLICATE", "$currency already has a meaning"),
        (11, "E_SPEC_FUNCTION", "unknown function 'shout'"),
        (12, "E_SPEC_TABLE", "lookup needs the name of a table of this file in quotes, found 'sorts'"),
        (13, "E_SPEC_TYPE",
         "'ecommerse' is not allowed, expected one of api, dealer_portal, direct, ecommerce, edi, tender"),
        (14, "E_SPEC_NAME", "$buyer is neither a named value above nor a setting "
         "(currency, endpoint, message, options, order_prefix, partner, received_on, time_zone)"),
        (15, "E_SPEC_TARGET", "the canonical document has no field 'nickname' here"),
        (16, "E_SPEC_REQUIRED", "the required field 'party_id' is not filled"),
        (17, "E_SPEC_TYPE", "the target is text, decimal does not fit"),
        (18, "E_SPEC_DUPLICATE", "'price_date' is filled whole and in parts"),
        (19, "E_SPEC_TARGET", "'price_date' is date, it has no fields"),
        (20, "E_SPEC_ARGUMENTS", "choose takes 2 to 3 arguments with its value, not 1"),
        (21, "E_SPEC_TYPE", "the target is a whole number, bool does not fit"),
        (22, "E_SPEC_TYPE", "the target is an object, text does not fit"),
        (23, "E_SPEC_TARGET", "'incoterm' is text, it has no fields"),
        (25, "E_SPEC_TYPE", "the target is a list, object does not fit"),
        (28, "E_SPEC_TYPE", "the target is an object, fill its fields"),
        (30, "E_SPEC_DUPLICATE", "'order_no' already stands on line 11"),
        (33, "E_SPEC_SYNTAX", "expected a path, found 'first(a, b)'"),
    ]  # fmt: skip


def test_a_missing_required_field_is_told_at_the_top(tmp_path):
    found = check(tmp_path, short=GOOD.replace("  value_date: day\n", ""))
    assert found == [("short.yaml", 1, "E_SPEC_REQUIRED", "the required field 'value_date' is not filled")]


def test_a_constant_that_is_no_value_of_its_target_is_told(tmp_path):
    odd = GOOD.replace("day", "=tomorrow").replace("amount.amount: sum", 'amount.amount: first(sum, "x")')
    found = check(tmp_path, constants=odd)
    assert found == [
        ("constants.yaml", 8, "E_SPEC_TYPE", "'tomorrow' does not fit: expected a date as YYYY-MM-DD"),
        ("constants.yaml", 9, "E_SPEC_TYPE", "'x' does not fit: expected a plain decimal number"),
    ]


def test_two_specs_of_one_document_are_told(tmp_path):
    found = check(tmp_path, one=GOOD, two=GOOD)
    assert [one[:3] for one in found] == [("two.yaml", 2, "E_SPEC_DUPLICATE")]


@pytest.mark.parametrize(
    ("text", "line", "code"),
    [
        ("a: [1", 1, "E_SPEC_YAML"),
        ("- a list", 1, "E_SPEC_YAML"),
        ("connector: acme\n\tdocument: x", 2, "E_SPEC_YAML"),
    ],
)
def test_what_is_no_spec_file_at_all_is_told(tmp_path, text, line, code):
    assert [one[1:3] for one in check(tmp_path, odd=text)] == [(line, code)]


def test_loading_refuses_with_all_findings_at_once(tmp_path):
    check(tmp_path, bad=BAD, good=GOOD)
    with pytest.raises(Misconfigured) as refusal:
        Translations.load(tmp_path)
    lines = str(refusal.value).splitlines()
    assert len(lines) == 5
    assert lines[0].startswith(f"{tmp_path / 'bad.yaml'}:3: E_SPEC_DIRECTION ")


def test_a_spec_that_was_mended_is_read_again_and_so_is_one_whose_shared_tables_changed(tmp_path):
    shared = GOOD + "tables_from: shared\n"
    assert [one[2] for one in check(tmp_path, good=shared)] == ["E_SPEC_TABLE"]
    (tmp_path / "shared.tables.yaml").write_text("states: {A: b}\n")
    assert check_specs(tmp_path) == []
    assert [one[2] for one in check(tmp_path, good=shared + "odd: 1\n")] == ["E_SPEC_KEY"]


RECEIPTS = """\
connector: acme
documents: [news, news.again]
direction: in
codec: json
message_type: shipment.tracking
tables:
  states: {D: delivered, "*": unknown}
each: events
fields:
  carrier: =acme
  tracking_no: /number
  event_code: code | lookup("states")
  raw_code: code
  event_at: at
also:
  - message_type: delivery.confirmed
    each: events
    where: equals(code | lookup("states"), "delivered")
    fields:
      tracking_no: /number
      delivered_at: at
      receiver: by | required
"""


def test_one_spec_is_for_several_documents_and_makes_several_kinds_of_messages(tmp_path):
    assert check(tmp_path, news=RECEIPTS) == []
    translations = Translations.load(tmp_path)
    events = '{"code":"X","at":"2026-03-01T08:00:00Z"},{"code":"D","at":"2026-03-01T09:00:00Z","by":"Ward 3"}'
    for document in ("news", "news.again"):
        (part,) = translations.translate("acme", document, b'{"number":"1","events":[%s]}' % events.encode(), Settings())
        assert [(one.message_type, one.occurred_at().hour) for one in part.documents] == [
            ("shipment.tracking", 8), ("shipment.tracking", 9), ("delivery.confirmed", 9),
        ]  # fmt: skip


def test_a_problem_of_a_further_message_refuses_the_whole_document(tmp_path):
    check(tmp_path, news=RECEIPTS)
    body = b'{"number":"1","events":[{"code":"D","at":"2026-03-01T09:00:00Z"}]}'
    (part,) = Translations.load(tmp_path).translate("acme", "news", body, Settings())
    assert (part.documents, [(one.code, one.path) for one in part.problems]) == ((), [("E_SCHEMA", "events[0].by")])


def test_further_messages_are_checked_like_the_first(tmp_path):
    wrong = RECEIPTS.replace("receiver: by", "reciever: by").replace("delivery.confirmed", "delivery.conformed")
    found = check(tmp_path, news=RECEIPTS.replace("receiver: by", "reciever: by"), type=wrong.replace("[news, ", "[news, news, "))
    assert [one[:3] for one in found] == [
        ("news.yaml", 16, "E_SPEC_REQUIRED"), ("news.yaml", 22, "E_SPEC_TARGET"),
        ("type.yaml", 2, "E_SPEC_DUPLICATE"), ("type.yaml", 16, "E_SPEC_MESSAGE_TYPE"),
    ]  # fmt: skip


SPLIT = RECEIPTS.replace(
    "tables:", "root: answer\nsplit:\n  - results[].parcels\n  - more\nrefuse: [error.message]\nskip: number\ntables:", 1
)


def test_a_document_about_several_things_is_split_and_one_bad_piece_leaves_the_others_alone(tmp_path):
    assert check(tmp_path, news=SPLIT) == []
    body = b"""{"answer": {"results": [
        {"parcels": [{"number": "1", "events": [{"code": "X", "at": "2026-03-01T08:00:00Z"}]},
                     {"number": "2", "events": [{"code": "X", "at": "yesterday"}]}]},
        {"parcels": {"number": "3", "error": {"message": "unknown number"}}}],
        "more": [{"number": "4", "events": []}]}}"""
    parts = list(Translations.load(tmp_path).translate("acme", "news", body, Settings()))
    assert [(one.reference, len(one.documents), [(p.code, p.path, p.value) for p in one.problems]) for one in parts] == [
        ("answer.results[0].parcels[0]", 1, []),
        ("answer.results[0].parcels[1]", 0, [("E_DATE", "answer.results[0].parcels[1].events[0].at", "yesterday")]),
        ("", 0, [("E_DOCUMENT", "answer.results[1].parcels.error.message", "unknown number")]),
        ("answer.more[0]", 0, []),
    ]
    assert [one.skipped for one in parts if one.skipped] == ["no news about answer.more[0].number 4"]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b'{"answer": {"results": []}}', None),
        (b'{"answer": {}, "error": {"message": "no key"}}', ("E_DOCUMENT", "error.message", "no key")),
        (b'{"answer": {"results": null}}', ("E_DOCUMENT", "answer.results", None)),
        (b'{"answer": {"results": "none"}}', ("E_DOCUMENT", "answer.results.parcels", None)),
        (b"[]", ("E_DOCUMENT", "$", None)),
        (b"7", ("E_DOCUMENT", "$", None)),
    ],
)
def test_a_document_without_any_of_its_pieces_is_refused_with_its_own_words(tmp_path, body, problem):
    check(tmp_path, news=SPLIT)
    parts = list(Translations.load(tmp_path).translate("acme", "news", body, Settings()))
    assert [one.documents for one in parts if one.documents] == []
    assert [(p.code, p.path, p.value) for one in parts for p in one.problems] == ([] if problem is None else [problem])


def test_tables_are_shared_by_the_specs_of_a_folder(tmp_path):
    (tmp_path / "codes.tables.yaml").write_text("states: {D: delivered, '*': unknown}\n")
    shared = RECEIPTS.replace('tables:\n  states: {D: delivered, "*": unknown}', "tables_from: codes")
    assert check(tmp_path, news=shared) == []
    body = b'{"number":"1","events":[{"code":"D","at":"2026-03-01T09:00:00Z","by":"Ward 3"}]}'
    (part,) = Translations.load(tmp_path).translate("acme", "news", body, Settings())
    assert part.documents[0].event_code == "delivered"
    found = check(tmp_path, lost=shared.replace("[news, news.again]", "[lost]").replace("from: codes", "from: sorts"))
    assert next(one[:3] for one in found) == ("lost.yaml", 6, "E_SPEC_TABLE")


PARTS = """\
sums:
  value_date: written
  <<: amounts
amounts:
  amount.amount: sum
  amount.currency: =EUR
"""
AMOUNTS = "  amount.amount: sum\n  amount.currency: currency\n"


def test_a_part_is_included_and_what_stands_beside_it_wins(tmp_path):
    (tmp_path / "_parts.yaml").write_text(PARTS)
    assert check(tmp_path, good=GOOD.replace(AMOUNTS, "  <<: sums\n")) == []
    body = b'{"id": "1", "day": "2026-01-05", "written": "2020-01-01", "sum": "5"}'
    (part,) = Translations.load(tmp_path).translate("acme", "payment", body, Settings())
    assert json.loads(part.documents[0].body()) == {
        "payment_ref": "1", "value_date": "2026-01-05", "amount": {"amount": "5", "currency": "EUR"},
    }  # fmt: skip


def test_a_mistake_in_a_part_is_told_where_it_is_included(tmp_path):
    (tmp_path / "_parts.yaml").write_text(PARTS.replace("value_date: written", "valued: written"))
    spec = GOOD.replace(AMOUNTS, "  <<: [sums, weeks]\n")
    found = check(tmp_path, wrong=spec)
    line = spec.splitlines().index("  <<: [sums, weeks]") + 1
    assert [one[:3] for one in found] == [("wrong.yaml", line, "E_SPEC_NAME"), ("wrong.yaml", line, "E_SPEC_TARGET")]
