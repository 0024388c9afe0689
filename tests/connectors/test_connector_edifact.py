"""EDIFACT interchanges from and to partners."""

import base64
from typing import ClassVar

import pytest

from canonical.failures import Malformed
from connectors.base import Identified, RawMessage
from tests.connectors import partner
from tests.connectors.suite import NOW, ReceivingSuite, SendingSuite

INTERCHANGE = b"UNB+UNOC:3+A:14+B:14+261120:0915+7'UNH+1+ORDERS:D:96A:UN'BGM+220+PO-1+9'LIN+1++1:SA'QTY+21:1'UNT+5+1'UNZ+1+7'"


class TestEdifactReceiving(ReceivingSuite):
    connector = "edifact"
    body = INTERCHANGE
    proof = ("authorization",)
    identified = Identified("ORDERS", None)
    body_is_signed = False

    def means_the_same(self, header: str, changed: str) -> bool:
        """The scheme's name may be written in small or capital letters (RFC 9110 11.1)."""
        return changed.lower().partition(" ")[0] == "bearer" and changed[7:] == self.signed().headers[header][7:]

    @pytest.mark.parametrize("start", [b"\xef\xbb\xbf", b"\r\n\r\n", b"UNA:+.? '", b"\xef\xbb\xbfUNA:+,! '\r\n"])
    def test_what_stands_before_an_interchange_is_passed_over(self, start: bytes) -> None:
        assert self.row.identify(RawMessage("test", {}, start + INTERCHANGE, NOW), self.endpoint()) == Identified("ORDERS")

    @pytest.mark.parametrize("kind", ["ORDCHG", "ORDRSP", "DESADV", "INVOIC", "CONTRL"])
    def test_the_first_message_tells_the_document(self, kind: str) -> None:
        raw = RawMessage("test", {}, INTERCHANGE.replace(b"ORDERS", kind.encode()), NOW)
        assert self.row.identify(raw, self.endpoint()) == Identified(kind)

    @pytest.mark.parametrize("body", [b"", b"ISA*00*", b"<UNB/>", b"UNBOUND", b"ORDERS"])
    def test_what_is_no_interchange_is_malformed(self, body: bytes) -> None:
        with pytest.raises(Malformed) as caught:
            self.row.identify(RawMessage("test", {}, body, NOW), self.endpoint())
        assert [(p.code, p.path) for p in caught.value.problems] == [("E_EDIFACT_NO_UNB", "character 1")]


class TestEdifactSending(SendingSuite):
    connector = "edifact"
    sending_options: ClassVar = {
        "edifact": {"sender_id": "4012345500004", "receiver_id": "5412345000013", "charset": "UNOC", "separators": {"segment": "~"}}
    }
    document = "ORDRSP"
    payload = INTERCHANGE

    def key_of(self, request: partner.Request) -> str:
        return request.headers["idempotency-key"]

    def test_the_interchange_is_posted_as_it_is_with_our_credentials(self) -> None:
        with partner.Partner(self.good_answer) as dealer:
            self.send(dealer.url, auth="basic", username="hub")
        [request] = dealer.requests
        assert request.body == INTERCHANGE
        assert request.headers["content-type"] == "application/edifact"
        assert request.headers["authorization"] == "Basic " + base64.b64encode(b"hub:the newest secret").decode()
