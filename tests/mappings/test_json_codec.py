"""The JSON codec: exact for every legal document, one answer to every odd one."""

import json
from decimal import Decimal

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from canonical.failures import Malformed
from mappings.codecs.json import UNSURE, Json, _carefully, _quickly, locate, parsed, written
from mappings.codecs.json_faults import first_fault
from tests.support.examples import examples

UNICODE = st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",)), max_size=12)
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**20), max_value=10**20).filter(bool)
VALUES = st.none() | st.booleans() | st.integers(-(10**40), 10**40) | DECIMALS | UNICODE
TREES = st.recursive(VALUES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(UNICODE, inner, max_size=4), max_leaves=25)


def problem(body: bytes) -> tuple[str, str, str]:
    with pytest.raises(Malformed) as refusal:
        parsed(body)
    (found,) = refusal.value.problems
    return found.code, found.path, found.message


@given(TREES)
def test_every_value_is_read_back_exactly_as_it_was_written(tree):
    again = parsed(written(tree))
    assert again == tree
    assert repr(again) == repr(tree)


@given(TREES, st.booleans(), st.sampled_from([None, 1, "\t"]))
def test_reading_agrees_with_the_standard_library_however_the_document_is_laid_out(tree, escaped, indent):
    text = json.dumps(tree, ensure_ascii=escaped, indent=indent, default=str)
    assert parsed(text.encode()) == json.loads(text, parse_float=Decimal)


@given(TREES, st.booleans())
def test_both_ways_of_reading_agree_and_no_fault_is_found_in_a_legal_document(tree, escaped):
    body = json.dumps(tree, ensure_ascii=escaped, default=str).encode()
    assert _carefully(body) == json.loads(body)
    assert _quickly(body) in (UNSURE, _carefully(body))
    assert first_fault(body) is None


def test_an_ordinary_document_is_read_the_quick_way():
    assert _quickly(b'{"a":"say \\"x\\"","b" : [1, 2.5, {"c": null}],"url":"https:\\/\\/x.example","u":"\\u00e9"}') is not UNSURE


@given(st.dictionaries(UNICODE, VALUES, min_size=1, max_size=5), st.data())
def test_a_name_that_stands_twice_is_always_refused(tree, data):
    again = data.draw(st.sampled_from(sorted(tree)))
    members = [f"{json.dumps(name)}:{orjson.dumps(None).decode()}" for name in [*tree, again]]
    body = ("[{" + data.draw(st.sampled_from([",", " ,\n", ", "])).join(members) + "}]").encode()
    with pytest.raises(Malformed) as refusal:
        parsed(body)
    assert [(one.code, one.path) for one in refusal.value.problems] == [("E_JSON_DUPLICATE_KEY", locate((0, again)))]


@examples(300)
@given(st.data())
def test_a_document_damaged_anywhere_is_read_like_the_careful_way_says(data):
    body = bytearray(data.draw(st.sampled_from([b'{"a":[1,{"b":"c\\"d"},-0.50e2,true,null],"e":"\\u00e9"}', b'[[],{},"",0]'])))
    for _ in range(data.draw(st.integers(1, 3))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.sampled_from(b'{}[]:,"\\aeu019.- \x00\xff'))
    fault = first_fault(bytes(body))
    try:
        parsed(bytes(body))
    except Malformed as refusal:
        assert refusal.problems == (fault,)
    else:
        assert fault is None


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"\xef\xbb\xbf{}", ("E_JSON_ENCODING", "$", "expected no byte order mark at offset 0")),
        ('{"a":"é"}'.encode("latin-1"), ("E_JSON_ENCODING", "$", "expected UTF-8 at offset 6")),
        ("{}".encode("utf-16"), ("E_JSON_ENCODING", "$", "expected UTF-8 at offset 0")),
        (b'{"a":NaN}', ("E_JSON_NUMBER", "a", "expected a finite number at line 1, column 6 (offset 5)")),
        (b"[1,\n -Infinity]", ("E_JSON_NUMBER", "[1]", "expected a finite number at line 2, column 2 (offset 5)")),
        (b"1e400", ("E_JSON_NUMBER", "$", "expected a number of at most 100 digits written out at line 1, column 1 (offset 0)")),
        (b"[" + b"7" * 101 + b"]",
         ("E_JSON_NUMBER", "[0]", "expected a number of at most 100 characters at line 1, column 2 (offset 1)")),
        (b"7" * 5000, ("E_JSON_NUMBER", "$", "expected a number of at most 100 characters at line 1, column 1 (offset 0)")),
        (b'{"a":"\\ud800"}',
         ("E_JSON_TEXT", "a", "expected surrogate escapes in pairs only at line 1, column 6 (offset 5)")),
        (b'{"a":"x\\u0000"}', ("E_JSON_TEXT", "a", "expected no NUL character (\\u0000) at line 1, column 6 (offset 5)")),
        (b"{} {}", ("E_JSON", "$", "expected the end of the document at line 1, column 4 (offset 3)")),
        (b"[1,]", ("E_JSON", "[1]", "expected a value at line 1, column 4 (offset 3)")),
        (b'{"a":1,}', ("E_JSON", "a", "expected a name in double quotes at line 1, column 8 (offset 7)")),
        (b"", ("E_JSON", "$", "expected a value at line 1, column 1 (offset 0)")),
        (b"{'a':1}", ("E_JSON", "$", "expected a name at line 1, column 2 (offset 1)")),
        (b'{"a":1,"b":[{"c":1,"c":2}]}',
         ("E_JSON_DUPLICATE_KEY", "b[0].c", "expected every name once in an object at line 1, column 20 (offset 19)")),
        (b'{"a" : 1, "\\u0061" : 2}',
         ("E_JSON_DUPLICATE_KEY", "a", "expected every name once in an object at line 1, column 11 (offset 10)")),
    ],
)  # fmt: skip
def test_an_odd_document_is_refused_with_code_place_and_reason(body, expected):
    assert problem(body) == expected


@pytest.mark.parametrize("body", [b"[" * 200_000, b'{"a":' * 200_000, b"[" * 200_000 + b"]" * 200_000])
def test_deep_nesting_is_refused_and_crashes_nothing(body):
    code, _, message = problem(body)
    assert code == "E_JSON_DEPTH"
    assert message.startswith("expected at most 64 levels at line 1, column ")


def test_sixty_four_levels_are_read_and_sixty_five_are_not():
    assert locate(("a",) * 3) == "a.a.a"
    assert json.dumps(parsed(b"[" * 64 + b"]" * 64)) == "[" * 64 + "]" * 64
    assert problem(b"[" * 65 + b"]" * 65)[0] == "E_JSON_DEPTH"
    assert _quickly(b'{"a":' * 64 + b'"b"' + b"}" * 64) is not UNSURE
    assert problem(b'{"a":' * 65 + b'"b"' + b"}" * 65)[0] == "E_JSON_DEPTH"


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":1,"a":"\\u0022\\u0022"}',
        b'{"a":"\\"\\"","a":"x"}',
        b'{"a\\\\":1,"a\\\\":2}',
        b'[{"":{"":[],"":[]}}]',
        b'{"a" :"x","a":"\\u0022"}',
        b'{"a":1e8,"b":1,"b":2}',
        b'{"a":1E-6,"b":1,"b":2}',
    ],
)
def test_a_name_cannot_be_repeated_behind_escapes_and_exponents(body):
    assert problem(body)[0] == "E_JSON_DUPLICATE_KEY"


def test_numbers_keep_every_digit():
    body = b"[99999999999999999999,18446744073709551616,0.1000000000000000055511151231257827,614.4,1.50,-0.0,1.5e3,1E-7]"
    read = parsed(body)
    assert [repr(value) for value in read] == [
        "99999999999999999999", "18446744073709551616", "Decimal('0.1000000000000000055511151231257827')", "Decimal('614.4')",
        "Decimal('1.50')", "Decimal('0.0')", "Decimal('1500')", "Decimal('1E-7')",
    ]  # fmt: skip


def test_escapes_that_only_look_dangerous_are_read():
    assert parsed(b'"\\ud83d\\ude00"') == "\U0001f600"
    assert parsed(b'"\\\\u0000 \\\\ud800"') == "\\u0000 \\ud800"


def test_written_json_is_compact_and_exact():
    tree = {"ü": [Decimal("12.30"), Decimal("1E+3"), 2**70, "a\nb", None, True]}
    assert Json().write(tree) == '{"ü":[12.30,1000,1180591620717411303424,"a\\nb",null,true]}'.encode()


def test_a_document_is_one_source_whose_places_are_told_as_in_javascript():
    (source,) = Json().read(b'{"line_items":[{"price":"1"}]}')
    assert source.reference == ""
    assert source.locate(("line_items", 0, "price")) == "line_items[0].price"
    assert source.locate(()) == "$"
