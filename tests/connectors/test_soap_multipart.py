"""SOAP requests in several parts (MTOM), and requests in SOAP encoding, at the doors of dealer_soap and ledger."""

import base64
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from lxml import etree

from canonical.failures import Malformed, Unauthenticated
from connectors.base import Accepted, Endpoint, RawMessage
from connectors.finance.ledger.receive import NAMESPACE
from connectors.soap import SOAP
from connectors.soap_multipart import MOST_PARTS, envelope_of
from connectors.table import CONNECTORS
from mappings.translation import OWN_SPECS, Settings, Translations

ROW = CONNECTORS["ledger"]
ENDPOINT = Endpoint("finance", "finance", "ledger", (b"secret",), options={"username": "sap"})
PAYMENT = (
    f"<ReportPayment xmlns='{NAMESPACE}'><Reference>P-1</Reference><ValueDate>2026-03-02</ValueDate><Amount>100.50</Amount>"
    "<Currency>EUR</Currency></ReportPayment>"
)
XOP = "xmlns:xop='http://www.w3.org/2004/08/xop/include'"
TYPE = 'multipart/related; type="application/xop+xml"; start="<root@x>"; start-info="text/xml"; boundary="uuid:1+a"'


def enveloped(content: str, attributes: str = "") -> bytes:
    return f'<s:Envelope xmlns:s="{SOAP}" {attributes}><s:Body>{content}</s:Body></s:Envelope>'.encode()


def parts(*contents: tuple[str, bytes], line: bytes = b"\r\n", closing: bytes = b"--") -> bytes:
    found = [b"--uuid:1+a" + line + head.encode().replace(b"\n", line) + line + line + content for head, content in contents]
    return b"preamble" + line + line.join(found) + line + b"--uuid:1+a" + closing + line


def root(envelope: bytes, kind: str = 'application/xop+xml; charset=UTF-8; type="text/xml"') -> tuple[str, bytes]:
    return f"Content-ID: <root@x>\nContent-Type: {kind}\nContent-Transfer-Encoding: 8bit", envelope


def sent(body: bytes, kind: str = TYPE) -> RawMessage:
    return RawMessage("finance", {"content-type": kind}, body, datetime.now(UTC))


def code_of(raw: RawMessage) -> str:
    assert ROW.identify is not None
    with pytest.raises(Malformed) as caught:
        ROW.identify(raw, ENDPOINT)
    return caught.value.problems[0].code


@pytest.mark.parametrize("line", [b"\r\n", b"\n"])
def test_a_request_in_parts_is_proven_kept_without_its_token_and_read_like_one_alone(line: bytes) -> None:
    assert ROW.sign and ROW.authenticate and ROW.kept and ROW.identify
    alone = ROW.sign(sent(enveloped(PAYMENT), "text/xml"), ENDPOINT)
    raw = sent(parts(root(alone.body), line=line))
    ROW.authenticate(raw, ENDPOINT)
    kept = ROW.kept(raw, ENDPOINT)
    assert kept.body == ROW.kept(alone, ENDPOINT).body and b"Password" not in kept.body
    assert ROW.identify(kept, ENDPOINT).document == "ReportPayment"
    (part,) = Translations.load(OWN_SPECS / "ledger").translate("ledger", "ReportPayment", kept.body, Settings("finance"))
    assert part.documents[0].subject() == "P-1"


def test_a_changed_token_in_parts_is_refused() -> None:
    assert ROW.sign and ROW.authenticate
    alone = ROW.sign(sent(enveloped(PAYMENT), "text/xml"), ENDPOINT)
    with pytest.raises(Unauthenticated):
        ROW.authenticate(replace(sent(parts(root(alone.body.replace(b"UsernameToken>", b"Other>"))))), ENDPOINT)


@pytest.mark.parametrize(
    ("encoding", "content"), [("binary", b"\x00\r\n--x\xff"), ("base64", base64.encodebytes(b"\x00\r\n--x\xff"))]
)
def test_what_an_include_refers_to_stands_in_its_place(encoding: str, content: bytes) -> None:
    envelope = enveloped(f"<a><b><xop:Include {XOP} href='cid:one%40x'/></b></a>")
    attachment = (f"Content-Type: application/pdf\nContent-ID: <one@x>\nContent-Transfer-Encoding: {encoding}", content)
    found = etree.fromstring(envelope_of(sent(parts(attachment, root(envelope)))))
    assert base64.b64decode(found.findtext(".//b") or "") == b"\x00\r\n--x\xff"


def test_without_headers_the_first_line_tells_the_boundary() -> None:
    body = parts(root(enveloped(PAYMENT))).removeprefix(b"preamble\r\n")
    assert envelope_of(RawMessage("finance", {}, body, datetime.now(UTC))) == enveloped(PAYMENT)


INCLUDED = enveloped(f"<a><b><xop:Include {XOP} href='cid:gone'/></b></a>")
TWICE = enveloped(f"<a><b><xop:Include {XOP} href='cid:one'/></b><b><xop:Include {XOP} href='cid:one'/></b></a>")


@pytest.mark.parametrize(
    "body",
    [
        parts(root(enveloped(PAYMENT)), closing=b""),
        parts(root(b"{}", "application/json")),
        parts(root(INCLUDED)),
        parts(root(TWICE), ("Content-ID: <one>", b"x")),
        parts(root(enveloped(PAYMENT)), ("Content-ID: <one>\nContent-Transfer-Encoding: base64", b"x")),
        parts(*[root(enveloped(PAYMENT))] * (MOST_PARTS + 1)),
        b"--uuid:1+a\r\nno blank line--uuid:1+a--",
        b"no parts at all",
    ],
    ids=["no end", "no XML", "no such part", "one part twice", "no base64", "too many", "no headers", "nothing"],
)
def test_parts_that_are_not_whole_are_malformed(body: bytes) -> None:
    assert code_of(sent(body)) == "E_SOAP_MULTIPART"


@pytest.mark.parametrize(
    "envelope",
    [
        enveloped(PAYMENT, f"s:encodingStyle='{'http://schemas.xmlsoap.org/soap/encoding/'}'"),
        enveloped(
            f"<m:ReportPayment xmlns:m='{NAMESPACE}' s:encodingStyle='http://schemas.xmlsoap.org/soap/encoding/'>"
            "<Reference href='#1'/></m:ReportPayment><multiRef id='1'>P-1</multiRef>"
        ),
    ],
)
def test_content_in_soap_encoding_is_a_fault_that_says_so(envelope: bytes) -> None:
    assert code_of(sent(envelope, "text/xml")) == "E_SOAP_ENCODING"
    assert ROW.identify and ROW.answer
    with pytest.raises(Malformed) as caught:
        ROW.identify(sent(envelope, "text/xml"), ENDPOINT)
    answered = ROW.answer(Accepted("raw-1", "malformed", problems=tuple(caught.value.problems)), ENDPOINT)
    assert answered.status == 500 and b"soap:Client" in answered.body and b"E_SOAP_ENCODING" in answered.body
