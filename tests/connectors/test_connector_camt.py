"""Bank statements and notifications."""

from typing import ClassVar

import pytest

from canonical.failures import Malformed
from connectors.base import Identified, RawMessage
from tests.connectors.suite import NOW, ReceivingSuite

STATEMENT = b"""<?xml version="1.0" encoding="UTF-8"?>
<!-- from the bank -->
<b:Document xmlns:b="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><b:BkToCstmrStmt/></b:Document>
"""


class TestCamt(ReceivingSuite):
    connector = "camt"
    options: ClassVar = {"auth": "basic", "username": "bank"}
    body = STATEMENT
    proof = ("authorization",)
    identified = Identified("camt.053", None)
    body_is_signed = False

    def means_the_same(self, header: str, changed: str) -> bool:
        return changed.lower().startswith("basic ") and changed[6:] == self.signed().headers[header][6:]

    def identify(self, body: bytes) -> Identified:
        return self.row.identify(RawMessage("test", {}, body, NOW), self.endpoint())

    @pytest.mark.parametrize("name", ["camt.052.001.02", "camt.053.001.02", "camt.054.001.04", "camt.054.001.13"])
    def test_the_namespace_says_which_document_in_any_version(self, name: str) -> None:
        body = f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:{name}"><x/></Document>'
        for encoding in ("utf-8", "utf-8-sig", "utf-16"):
            assert self.identify(body.encode(encoding)) == Identified(name[:8])

    def test_nothing_after_the_start_of_the_root_is_read(self) -> None:
        start = b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.04">'
        assert self.identify(start + b"<broken" + b" " * 4096) == Identified("camt.054")

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            (b'<!DOCTYPE Document SYSTEM "http://127.0.0.1:1/x.dtd">' + STATEMENT.partition(b"\n")[2], "E_XML_DOCTYPE"),
            (b'<!DOCTYPE d [<!ENTITY a "x"><!ENTITY b "&a;&a;">]><d>&b;</d>', "E_XML_DOCTYPE"),
            (b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.03"/>', "E_DOCUMENT"),
            (b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.0x"/>', "E_DOCUMENT"),
            (b'<Envelope xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"/>', "E_DOCUMENT"),
            (b"<Document/>", "E_DOCUMENT"),
            (b"<Document", "E_XML_SYNTAX"),
            (b"{}", "E_XML_SYNTAX"),
            (b"", "E_XML_SYNTAX"),
            (b" " * 70_000 + b"<Document/>", "E_XML_SYNTAX"),
        ],
    )
    def test_anything_else_is_malformed(self, body: bytes, code: str) -> None:
        with pytest.raises(Malformed) as caught:
            self.identify(body)
        assert [problem.code for problem in caught.value.problems] == [code]
