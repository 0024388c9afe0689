"""UBL documents from and to dealers and suppliers."""

from typing import ClassVar

import pytest

from canonical.failures import Malformed
from connectors.base import Identified, RawMessage
from mappings.codecs.ubl import DOCUMENTS
from tests.connectors import partner
from tests.connectors.suite import NOW, ReceivingSuite, SendingSuite

FAMILY = "urn:oasis:names:specification:ubl:schema:xsd"
ORDER = f'<o:Order xmlns:o="{FAMILY}:Order-2"><o:ID>1</o:ID></o:Order>'.encode()


class TestUblReceiving(ReceivingSuite):
    connector = "ubl"
    body = ORDER
    proof = ("authorization",)
    identified = Identified("Order", None)
    body_is_signed = False

    def means_the_same(self, header: str, changed: str) -> bool:
        """The scheme's name may be written in small or capital letters (RFC 9110 11.1)."""
        return changed.lower().startswith("bearer ") and changed[7:] == self.signed().headers[header][7:]

    @pytest.mark.parametrize("name", DOCUMENTS)
    def test_every_document_is_known_by_its_root_whatever_the_prefix(self, name: str) -> None:
        for body in (f'<{name} xmlns="{FAMILY}:{name}-2"/>', f'<x:{name} xmlns:x="{FAMILY}:{name}-2"/>'):
            raw = RawMessage("test", {}, body.encode(), NOW)
            assert self.row.identify is not None
            assert self.row.identify(raw, self.endpoint()) == Identified(name)
        assert name in self.row.documents_in

    @pytest.mark.parametrize("body", [b"<Order/>", f'<Order xmlns="{FAMILY}:Invoice-2"/>'.encode(), b'<Order xmlns="urn:x"/>'])
    def test_the_namespace_has_to_fit(self, body: bytes) -> None:
        assert self.row.identify is not None
        with pytest.raises(Malformed) as caught:
            self.row.identify(RawMessage("test", {}, body, NOW), self.endpoint())
        assert [(p.code, p.path) for p in caught.value.problems] == [("E_DOCUMENT", "/Order")]


class TestUblSending(SendingSuite):
    connector = "ubl"
    sending_options: ClassVar = {"ubl": {"us": {"id": "7300010000001", "scheme": "0088", "name": "Orderlane"}}}
    document = "OrderResponse"
    payload = b"<OrderResponse/>"

    def key_of(self, request: partner.Request) -> str:
        return request.headers["idempotency-key"]

    def test_the_document_is_posted_as_it_is_with_our_credentials(self) -> None:
        with partner.Partner(self.good_answer) as dealer:
            self.send(dealer.url)
        [request] = dealer.requests
        assert (request.body, request.headers["content-type"]) == (self.payload, "application/xml")
        assert request.headers["authorization"] == "Bearer the newest secret"
