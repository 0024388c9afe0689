"""The XML codec: what is hostile is refused before it costs anything, the rest becomes dicts by local name."""

import contextlib
import socket
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canonical.failures import Malformed
from mappings.codecs.xml import Xml
from tests.support.examples import examples

LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY l0 "ha">'
    + b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
    + b"]><l>&l9;</l>"
)
QUADRATIC = b'<!DOCTYPE q [<!ENTITY a "' + b"a" * 100_000 + b'">]><q>' + b"&a;" * 20_000 + b"</q>"


def read(body: bytes) -> Any:
    (source,) = Xml().read(body)
    return source.tree


def refused(body: bytes) -> tuple[str, str]:
    with pytest.raises(Malformed) as caught:
        list(Xml().read(body))
    (problem,) = caught.value.problems
    return problem.code, problem.path


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(LAUGHS, id="billion laughs"),
        pytest.param(QUADRATIC, id="quadratic blowup"),
        pytest.param(b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>', id="entity from a file"),
        pytest.param(b'<!DOCTYPE r [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]><r/>', id="parameter entity"),
        pytest.param(b'<!DOCTYPE r SYSTEM "file:///etc/passwd"><r/>', id="external subset"),
        pytest.param(b"<!DOCTYPE r><r/>", id="bare document type"),
        pytest.param("<!DOCTYPE r><r/>".encode("utf-16"), id="document type in UTF-16"),
    ],
)
def test_a_document_type_is_refused_before_anything_is_made_of_it(body: bytes) -> None:
    code, _ = refused(body)
    assert code == "E_XML_DOCTYPE"


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE r [<!ENTITY x SYSTEM "http://127.0.0.1:%d/x">]><r>&x;</r>',
        b'<!DOCTYPE r SYSTEM "http://127.0.0.1:%d/x.dtd"><r/>',
        b'<r xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="http://127.0.0.1:%d/x"/></r>',
        b'<r xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:x http://127.0.0.1:%d/x.xsd"/>',
        b'<?xml-stylesheet href="http://127.0.0.1:%d/x.xsl"?><r/>',
    ],
)
def test_nothing_is_ever_fetched(body: bytes) -> None:
    calls: list[Any] = []
    with socket.create_server(("127.0.0.1", 0)) as canary:
        canary.settimeout(0.2)

        def listen() -> None:
            try:
                calls.append(canary.accept())
            except TimeoutError:
                return

        listener = threading.Thread(target=listen)
        listener.start()
        with contextlib.suppress(Malformed):
            list(Xml().read(body % canary.getsockname()[1]))
        listener.join()
    assert calls == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param(b"<a>" * 65 + b"</a>" * 65, "E_XML_LIMIT", id="65 deep"),
        pytest.param(b"<a>" * 300 + b"</a>" * 300, "E_XML_SYNTAX", id="300 deep"),
        pytest.param(b"<a>" * 5000 + b"</a>" * 5000, "E_XML_SYNTAX", id="5000 deep"),
        pytest.param(b"<a>" + b"x" * 11_000_000 + b"</a>", "E_XML_SYNTAX", id="text of 11 MB"),
        pytest.param(b"<a " + b" ".join(b'a%d="1"' % n for n in range(100_000)) + b"/>", "E_XML_LIMIT", id="100,000 attributes"),
        pytest.param(b"<a " + b" ".join(b'a%d="1"' % n for n in range(65)) + b"/>", "E_XML_LIMIT", id="65 attributes"),
        pytest.param(b"<r>" + b"<a/>" * 500_001 + b"</r>", "E_XML_LIMIT", id="too many elements"),
        pytest.param(b" " * (16 * 1024 * 1024 + 1), "E_XML_LIMIT", id="too many bytes"),
    ],
)
def test_what_is_too_big_is_refused(body: bytes, code: str) -> None:
    assert refused(body)[0] == code


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (b"", "line 1, column 1"),
        (b'{"a": 1}', "line 1, column 1"),
        (b"<a>\n <b></c>\n</a>", "line 2, column 9"),
        (b"<a><b>", "line 1, column 7"),
        (b"<a>\xe9</a>", "line 1, column 4"),
        (b"<a>\x00</a>", "line 1, column 4"),
        (b"<a>&#0;</a>", "line 1, column 8"),
        (b"<a>&unknown;</a>", "line 1, column 13"),
        (b"<a/><b/>", "line 1, column 5"),
    ],
)
def test_what_is_not_well_formed_is_refused_with_line_and_column(body: bytes, place: str) -> None:
    assert refused(body) == ("E_XML_SYNTAX", place)


def test_elements_become_dicts_lists_and_text_by_local_name() -> None:
    body = """<?xml version="1.0" encoding="ISO-8859-1"?><!-- note --><p:Order xmlns:p="urn:o" xmlns:q="urn:q" version="2">
        <p:No> 7 </p:No><Line>a</Line><q:Line unit="EA">b</q:Line><Empty/><Mixed>one <b>two</b> three</Mixed><C><![CDATA[<&>]]></C>
    </p:Order>""".encode("latin-1")
    assert read(body) == {
        "Order": {
            "@xmlns": "urn:o",
            "@version": "2",
            "No": "7",
            "Line": ["a", {"@unit": "EA", "#text": "b"}],
            "Empty": "",
            "Mixed": {"b": "two", "#text": "one  three"},
            "C": "<&>",
        }
    }


def test_schema_instance_attributes_do_not_change_the_shape() -> None:
    body = b'<A xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><B xsi:nil="false" xsi:type="x">1</B></A>'
    assert read(body) == {"A": {"B": "1"}}


def test_a_path_is_told_as_xpath() -> None:
    (source,) = Xml().read(b"<A><B>1</B></A>")
    assert source.locate(("A", "B", 1, "C", "@d")) == "/A/B[2]/C/@d"
    assert source.locate(("A", "B", "#text")) == "/A/B"
    assert source.locate(()) == "/"


NAMES = st.sampled_from(["A", "B", "Long.Name", "c-1"])
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=10)
CONTENT = st.recursive(
    TEXTS,
    lambda inner: st.dictionaries(NAMES, inner | st.lists(inner, min_size=2, max_size=3), min_size=1, max_size=3),
    max_leaves=10,
)


@examples(100)
@given(CONTENT)
def test_any_tree_reads_back_as_it_was_written(content: Any) -> None:
    assert read(Xml().write({"Root": content})) == {"Root": content}


@examples(200)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        list(Xml().read(body))
    except Malformed as refusal:
        assert all(problem.code.startswith("E_XML_") for problem in refusal.problems)
