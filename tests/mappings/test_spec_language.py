"""The spec language: what its paths, functions and blocks make of a document, compiled and traced alike."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from mappings.codecs.base import Source
from mappings.codecs.json import locate
from mappings.compiling import compiled
from mappings.expressions import BadExpression, parse
from mappings.failing import Unfit
from mappings.spec_files import read_spec
from mappings.spec_folders import check_specs
from mappings.tracing import trace
from mappings.translation import Settings

HEADER = {"connector": "acme", "document": "thing", "direction": "out", "codec": "json", "message_type": "any"}
SETTINGS = Settings(endpoint="acme-1", currency="EUR", order_prefix="A-", time_zone="Asia/Shanghai", options={"site": "HH"})
TREE: dict[str, Any] = {
    "name": "#1001",
    "id": 9007199254740993,
    "empty": "",
    "none": None,
    "zero": 0,
    "price": "12.30",
    "places": Decimal("1.2300"),
    "flag": False,
    "when": "2026-11-23T10:00:00+02:00",
    "naive": "2026-11-23 10:00:00",
    "epoch": 1767225599,
    "millis": 1767225599250,
    "cents": 2000,
    "numbers": ["1e5", "1_000", "NaN", "١٢", " 1", "12.34", -1],
    "day": "20261123",
    "address": {"city": "Köln", "codes": ["a", "b"]},
    "rows": [{"n": "1", "price": "2.50", "tags": ["x"]}, {"n": "2", "price": "", "tags": ["y", "z"]}, {"n": "3", "price": 4}],
    "single": {"n": "9"},
    "REF": [{"01": "ZZ", "02": "no"}, {"01": "DP", "02": "038"}],
    "N1": [{"N1": {"01": "BY", "02": "Buyer"}}, {"N1": {"01": "ST", "02": "Store"}, "N3": [{"01": "Street 1"}]}],
    "PO1": {"06": "VN", "07": "ABC", "08": "UP", "09": "4012345678901"},
    "attributes": [{"name": "a", "value": "1"}, {"name": "b", "value": ""}],
    "Amt": {"@Ccy": "CHF", "#text": "5.00"},
    "Note": "plain",
}


def made(tmp_path: Path, tree: Any = TREE, settings: Settings = SETTINGS, **parts: Any) -> Any:
    """What a spec with these parts makes of the tree; the compiled function and the tracer must agree on it."""
    file = tmp_path / "spec.yaml"
    file.write_text(yaml.safe_dump({**HEADER, **parts}, sort_keys=False, allow_unicode=True), encoding="utf-8")
    assert [str(one) for one in check_specs(tmp_path)] == []
    spec, _ = read_spec(file)
    assert spec is not None
    traced = list(trace(spec, Source(tree, locate), settings, {"id": "m-1"}))
    try:
        targets = list(compiled(spec)(tree, settings, {"id": "m-1"}))
    except Unfit as error:
        assert error.code in [problem.code for one in traced for problem in one.problems]
        raise
    assert [one.problems for one in traced] == [[] for _ in targets]
    assert [one.target for one in traced] == targets
    return targets if "each" in parts else targets[0]


def value(tmp_path: Path, expression: str, tree: Any = TREE, settings: Settings = SETTINGS) -> Any:
    return made(tmp_path, tree, settings, fields={"v": expression}).get("v")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("name", "#1001"),
        ('naive | zoned("Europe/Berlin") | format_instant', "2026-11-23T09:00:00Z"),
        ('when | zoned("Europe/Berlin") | format_instant', "2026-11-23T08:00:00Z"),
        ('day | zoned("Asia/Shanghai", "YYYYMMDD") | format_instant', "2026-11-22T16:00:00Z"),
        ("naive | is_naive", True),
        ("when | is_naive", False),
        ("id", 9007199254740993),
        ("empty", None),
        ("none", None),
        ("nowhere.at.all", None),
        ("zero", 0),
        ("flag", False),
        ("address.city", "Köln"),
        ("/address.city", "Köln"),
        ("address.codes[1]", "b"),
        ("address.codes[-1]", "b"),
        ("address.codes[7]", None),
        ("rows[].n", ["1", "2", "3"]),
        ("rows[].tags[]", ["x", "y", "z"]),
        ("single[].n", ["9"]),
        ("nowhere[].n", None),
        ("rows[1].tags[0]", "y"),
        ("REF[01=DP].02", "038"),
        ("REF[01=AA|DP].02", "038"),
        ("REF[01=AA].02", None),
        ("N1[N1.01=ST].N3[0].01", "Street 1"),
        ("Amt.@Ccy", "CHF"),
        ("Amt | decimal", Decimal("5.00")),
        ("Note.#text", "plain"),
        ("name.city", None),
        ("Note.@lang", None),
        ("$order_prefix", "A-"),
        ("$options.site", "HH"),
        ("$message.id", "m-1"),
        (".", TREE),
        ("`name`", "#1001"),
        ("=constant", "constant"),
        ('="  kept "', "  kept "),
        (3, 3),
        (True, True),
    ],
)
def test_a_path_or_constant_gives(tmp_path, expression, expected):
    assert value(tmp_path, expression) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('name | strip_prefix("#") | prefix($order_prefix)', "A-1001"),
        ("first(empty, none, name)", "#1001"),
        ('none | default("x")', "x"),
        ("choose(flag, name, id)", 9007199254740993),
        ("choose(exists(name), name)", "#1001"),
        ("choose(exists(none), name)", None),
        ("exists(empty)", False),
        ("not(none)", True),
        ("not(zero)", False),
        ('equals(name, "a", "#1001")', True),
        ("equals(zero, 0)", True),
        ("all_of(name, zero)", True),
        ("any_of(none, flag)", False),
        ("positive(price)", True),
        ("zero | positive", False),
        ("none | positive", None),
        ("negative(price)", False),
        ("id | text", "9007199254740993"),
        ("flag | text", "false"),
        ("places | text", "1.2300"),
        ('"  a b " | trim | upper', "A B"),
        ('"A-1 b2" | digits', "12"),
        ('concat(name, none, "/", id)', "#1001/9007199254740993"),
        ('list(name, none, "b") | join(", ")', "#1001, b"),
        ("name | cut(1, 2)", "10"),
        ("name | cut(1)", "1001"),
        ('name | replace("#", "no ")', "no 1001"),
        ('"7" | pad_left(3)', "007"),
        ('"ab" | pad_right(4)', "ab  "),
        ('"4012345678901" | gtin', "04012345678901"),
        ("price | decimal", Decimal("12.30")),
        ("price | places", 2),
        ("price | times(3)", Decimal("36.90")),
        ("price | minus(none, 2)", Decimal("10.30")),
        ("plus(price, none, 1)", Decimal("13.30")),
        ("plus(none, empty)", None),
        ("price | times(none)", None),
        ("price | divided_by(2)", Decimal("6.15")),
        ("price | negate | absolute", Decimal("12.30")),
        ("rows[].price | sum", Decimal("6.50")),
        ("sum(nowhere[].price)", None),
        ("price | round(1)", Decimal("12.3")),
        ('"2.675" | decimal | round(2)', Decimal("2.68")),
        ("count(rows)", 3),
        ('"12345" | implied_decimals(2)', Decimal("123.45")),
        ("price | to_implied_decimals(2)", "1230"),
        ('cents | minor_units("JPY")', Decimal("2000")),
        ('cents | minor_units("kwd")', Decimal("2.000")),
        ('cents | minor_units("ISK", "odd")', Decimal("20.00")),
        ('price | to_minor_units("EUR")', 1230),
        ('day | date("YYYYMMDD")', date(2026, 11, 23)),
        ('"991231" | date("YYMMDD")', date(1999, 12, 31)),
        ('"12/31/26" | date("MM/DD/YY") | format_date("YYYYMMDD")', "20261231"),
        ('"2026-02-28" | date | add_days(1)', date(2026, 3, 1)),
        ("epoch | epoch_seconds", datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("epoch | epoch_seconds | utc_date", date(2025, 12, 31)),
        ("millis | epoch_millis", datetime(2025, 12, 31, 23, 59, 59, 250000, tzinfo=UTC)),
        ("when | instant", datetime(2026, 11, 23, 10, tzinfo=timezone(timedelta(hours=2)))),
        ("when | utc_date", date(2026, 11, 23)),
        ("naive | format_instant", "2026-11-23T02:00:00Z"),
        ('naive | format_instant("YYYYMMDDHHmmSS")', "20261123020000"),
        ('day | date("YYYYMMDD") | at_time("0815") | format_instant', "2026-11-23T00:15:00Z"),
        ('day | date("YYYYMMDD") | start_of_day | format_instant', "2026-11-22T16:00:00Z"),
        ('"202611230815" | instant("YYYYMMDDHHmm") | format_instant', "2026-11-23T00:15:00Z"),
        ('"2026-11-23T00:30:00+08:00" | local_date', date(2026, 11, 23)),
        ('"2026-11-23T00:30:00+08:00" | utc_date', date(2026, 11, 22)),
        ("list(name, none) | unique", ["#1001"]),
        ('list("b", "a", "b") | unique', ["b", "a"]),
        ("row(name, none)", ["#1001", ""]),
        ("rows | item(1)", TREE["rows"][1]),
        ("rows | item(9)", None),
        ("rows[].n | last", "3"),
        ('"a, ,b" | split(",")', ["a", "b"]),
        ('attributes | by_name("name", "value")', {"a": "1"}),
        ('PO1 | qualified("UP")', None),
        ('PO1 | qualified("UP", "06")', "4012345678901"),
        ('name | lookup("kinds")', "other"),
        ('"a" | lookup("kinds")', "stock"),
        ('"z" | lookup_optional("odd")', None),
        ("places | plain", "1.2300"),
        ('"yes" | text | upper | lower', "yes"),
    ],
)
def test_a_function_gives(tmp_path, expression, expected):
    tables = {"kinds": {"a": "stock", "*": "other"}, "odd": {"ISK": 2}}
    found = made(tmp_path, tables=tables, fields={"v": expression}).get("v")
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("expression", "code", "expected"),
    [
        ("none | required", "E_SCHEMA", "expected a value"),
        ("name | decimal", "E_SCHEMA", "expected a plain decimal number"),
        ("numbers[0] | decimal", "E_SCHEMA", "expected a plain decimal number"),
        ("numbers[1] | decimal", "E_SCHEMA", "expected a plain decimal number"),
        ("numbers[2] | decimal", "E_SCHEMA", "expected a plain decimal number"),
        ("numbers[3] | decimal", "E_SCHEMA", "expected a plain decimal number"),
        ("numbers[4] | decimal", "E_SCHEMA", "expected a plain decimal number"),
        ("price | int", "E_SCHEMA", "expected a whole number"),
        ("rows | text | upper", "E_SCHEMA", "expected text"),
        ("rows | upper", "E_SCHEMA", "expected text"),
        ("rows.n", "E_SCHEMA", "expected an object"),
        ("price | divided_by(zero)", "E_SCHEMA", "expected a divisor other than zero"),
        ("numbers[5] | to_implied_decimals(1)", "E_SCHEMA", "expected at most 1 decimal places"),
        ('cents | minor_units("EURO")', "E_CURRENCY", "expected an ISO 4217 currency code"),
        ('"123" | gtin', "E_GTIN_CHECK", "expected a GTIN of 8, 12, 13 or 14 digits"),
        ('"b" | lookup("kinds", "E_UOM")', "E_UOM", "expected one of a"),
        ('"20261323" | date("YYYYMMDD")', "E_DATE", "expected a date as YYYYMMDD"),
        ('"2026112" | date("YYYYMMDD")', "E_DATE", "expected a date as YYYYMMDD"),
        ('"2026-1-2" | date', "E_DATE", "expected a date as YYYY-MM-DD"),
        ('day | date("YYYYMMDD") | at_time("2560")', "E_DATE", "expected a time as HHMM or HHMMSS"),
        ('"2026-11-23" | instant', "E_DATE", "expected a date and time with its offset from UTC (RFC 3339)"),
        ("numbers[6] | epoch_seconds", "E_DATE", "expected seconds since 1970"),
    ],
)
def test_a_function_refuses(tmp_path, expression, code, expected):
    with pytest.raises(Unfit) as refusal:
        made(tmp_path, tables={"kinds": {"a": "stock"}}, fields={"v": expression})
    assert (refusal.value.code, refusal.value.expected) == (code, expected)


def test_a_time_without_offset_is_refused_where_no_zone_is_configured(tmp_path):
    with pytest.raises(Unfit) as refusal:
        value(tmp_path, "naive | instant", settings=Settings())
    assert refusal.value.code == "E_TIME_NAIVE"


def test_rows_are_filtered_nested_and_named(tmp_path):
    fields = {
        "all": {
            "each": "rows",
            "where": "positive(price)",
            "let": {"double": "price | times(2)"},
            "fields": {"n": "n", "double": "$double", "of": "/name", "by": "^id"},
        },
        "flat": {"each": ["rows", "tags"], "value": "concat(^n, .)"},
        "or_one": {"each": ["rows", "tags?"], "fields": {"n": "^n", "here": "exists(.)"}},
    }
    assert made(tmp_path, fields=fields) == {
        "all": [
            {"n": "1", "double": Decimal("5.00"), "of": "#1001", "by": 9007199254740993},
            {"n": "3", "double": Decimal("8"), "of": "#1001", "by": 9007199254740993},
        ],
        "flat": ["1x", "2y", "2z"],
        "or_one": [{"n": "1", "here": True}, {"n": "2", "here": True}, {"n": "2", "here": True}, {"n": "3", "here": True}],
    }


def test_constants_alone_make_no_object_and_conditions_leave_things_out(tmp_path):
    fields = {
        "qty.value": "nowhere",
        "qty.uom": "=EA",
        "price.value": "price",
        "price.currency": "$currency",
        "fixed.kind": "=x",
        "left_out": {"when": "flag", "fields": {"a": "name"}},
        "there": {"when": "name", "fields": {"a": "name", "b": "none"}},
        "one": {"when": "positive(price)", "value": "name"},
        "list": [{"each": "rows", "where": 'equals(n, "2")', "fields": {"n": "n"}}, {"when": "name", "fields": {"n": "=last"}}],
        "none": [{"each": "nowhere", "fields": {"n": "n"}}, {"when": "none", "fields": {"n": "=last"}}],
    }
    assert made(tmp_path, fields=fields) == {
        "price": {"value": "12.30", "currency": "EUR"},
        "there": {"a": "#1001"},
        "one": "#1001",
        "list": [{"n": "2"}, {"n": "last"}],
        "fixed": {"kind": "x"},
    }


def test_every_row_at_the_top_is_a_document_and_extensions_keep_their_paths(tmp_path):
    parts: dict[str, Any] = {"each": "rows", "fields": {"n": "n"}, "extensions": ["tags", "/places", "/none"]}
    assert made(tmp_path, **parts) == [
        {"n": "1", "extensions": {"tags": ["x"], "places": "1.2300"}},
        {"n": "2", "extensions": {"tags": ["y", "z"], "places": "1.2300"}},
        {"n": "3", "extensions": {"places": "1.2300"}},
    ]


def test_the_root_is_the_first_path_at_which_something_stands(tmp_path):
    parts: dict[str, Any] = {"root": ["order", "."], "fields": {"n": "/n"}}
    assert made(tmp_path, {"order": {"n": 1}}, **parts) == {"n": 1}
    assert made(tmp_path, {"n": 2}, **parts) == {"n": 2}


def test_a_document_that_is_not_the_expected_one_is_refused(tmp_path):
    assert made(tmp_path, expect={"REF[0].01": "ZZ"}, fields={"n": "name"}) == {"n": "#1001"}
    with pytest.raises(Unfit) as refusal:
        made(tmp_path, expect={"address.city": "Bonn"}, fields={"n": "name"})
    assert (refusal.value.code, refusal.value.value) == ("E_DOCUMENT", "Köln")


@pytest.mark.parametrize(
    "text", ["", "|", "a |", "a b", "f(", "f(a", "f(a b)", "a[x]", "a[", '"x', "a..b", "$", "a.b(", "[0", "f(,)"]
)
def test_what_is_no_expression_is_refused(text):
    with pytest.raises(BadExpression):
        parse(text)


@pytest.mark.parametrize(
    "name", ["John Tester", "M.MUELLER", "..KOSUTOKO", "Dr. Lee, Ward 3", "张三", "NORA LEFTWICH", "Minnie Driver", "No Van"]
)
def test_who_signed_is_a_receiver(tmp_path, name):
    assert value(tmp_path, "by | receiver_name", {"by": f" {name} "}) == name


@pytest.mark.parametrize(
    "words",
    [
        "Signature not required", "Signature release on file", "DRIVER RELEASE", "LEFT AT FRONT DOOR", "Front Door", "n/a", "---",
        "163000", "PACKSTATION 145", "Parcel Locker 12", "丰巢柜", "菜鸟驿站", "Not available", "RELEASED", "Unknown", "00:00:00",
    ],
)  # fmt: skip
def test_words_that_name_nobody_are_no_receiver(tmp_path, words):
    assert value(tmp_path, "by | receiver_name", {"by": words}) is None
