"""X12 interchanges from and to dealers."""

import base64
from typing import Any, ClassVar

import pytest

from canonical.failures import Malformed, Misconfigured
from connectors.base import Endpoint, Identified, RawMessage
from connectors.settings import options_of
from connectors.table import CONNECTORS
from tests.connectors import partner
from tests.connectors.suite import NOW, ReceivingSuite, SendingSuite, _with

INTERCHANGE = (
    b"ISA*00*          *00*          *ZZ*ACME           *ZZ*ORDERLANE      *260302*0930*U*00401*000000017*0*P*>~"
    b"GS*PO*ACME*ORDERLANE*20260302*0930*17*X*004010~ST*850*0001~BEG*00*SA*4711**20260302~SE*3*0001~GE*1*17~IEA*1*000000017~"
)


class ByToken(ReceivingSuite):
    connector = "x12"
    body = INTERCHANGE
    proof = ("authorization",)
    identified = Identified("850", None)
    body_is_signed = False

    def means_the_same(self, header: str, changed: str) -> bool:
        """The scheme's name may be written in small or capital letters (RFC 9110 11.1)."""
        return changed.lower().partition(" ")[0] in ("bearer", "basic") and changed[7:] == self.signed().headers[header][7:]


class TestX12WithToken(ByToken):
    def test_the_token_is_the_secret(self) -> None:
        assert self.signed().headers["authorization"] == "Bearer the newest secret"

    def test_a_password_does_not_pass_for_a_token(self) -> None:
        basic = "Basic " + base64.b64encode(b"acme:the newest secret").decode()
        assert not self.passes(_with(self.signed(), "authorization", basic))

    @pytest.mark.parametrize("start", [b"\xef\xbb\xbf", b"\r\n\r\n", b"  ", b"\x00\x1a"])
    def test_what_mailboxes_put_before_an_interchange_is_passed_over(self, start: bytes) -> None:
        raw = RawMessage("test", {}, start + INTERCHANGE, NOW)
        assert self.row.identify(raw, self.endpoint()) == Identified("850")

    @pytest.mark.parametrize("body", [b"", b"ST*850*0001~", b"UNA:+.? '", b"<ISA/>", "ＩＳＡ*".encode()])
    def test_what_is_no_interchange_is_malformed(self, body: bytes) -> None:
        with pytest.raises(Malformed) as caught:
            self.row.identify(RawMessage("test", {}, body, NOW), self.endpoint())
        assert [(p.code, p.path) for p in caught.value.problems] == [("E_X12_NO_ISA", "character 1")]


class TestX12WithPassword(ByToken):
    options: ClassVar = {"auth": "basic", "username": "acme"}

    def means_the_same(self, header: str, changed: str) -> bool:
        return changed.lower().startswith("basic ") and changed[6:] == self.signed().headers[header][6:]

    def test_user_and_password_are_one_header(self) -> None:
        assert self.signed().headers["authorization"] == "Basic " + base64.b64encode(b"acme:the newest secret").decode()

    @pytest.mark.parametrize(
        "pair", [b"acmf:the newest secret", b"acme:", b":the newest secret", b"acme", b"acme:the newest secret:"]
    )
    def test_another_user_or_password_is_refused(self, pair: bytes) -> None:
        assert not self.passes(_with(self.signed(), "authorization", "Basic " + base64.b64encode(pair).decode()))


@pytest.mark.parametrize(
    "options", [{"auth": "basic"}, {"auth": "bearer", "username": "acme"}, {"auth": "digest"}, {"auth": "basic", "username": "a:b"}]
)
def test_a_username_belongs_to_a_password(options: dict[str, Any]) -> None:
    with pytest.raises(Misconfigured, match=r"username|auth"):
        options_of(Endpoint("dealer", "acme", "x12", options=options), CONNECTORS["x12"].settings)


class TestX12Sending(SendingSuite):
    connector = "x12"
    sending_options: ClassVar = {
        "x12": {"sender_id": "ORDERLANE", "receiver_id": "ACME", "version": "004010", "separators": {"segment": "'"}}
    }
    document = "855"
    payload = INTERCHANGE

    def key_of(self, request: partner.Request) -> str:
        return request.headers["idempotency-key"]

    def test_the_interchange_is_posted_as_it_is_with_our_credentials(self) -> None:
        with partner.Partner(self.good_answer) as dealer:
            self.send(dealer.url + "?mailbox=7", auth="basic", username="hub")
        [request] = dealer.requests
        assert request.line == "POST /hook?mailbox=7 HTTP/1.1"
        assert request.body == INTERCHANGE
        assert request.headers["content-type"] == "application/edi-x12"
        assert request.headers["authorization"] == "Basic " + base64.b64encode(b"hub:the newest secret").decode()

    def test_a_token_of_two_lines_never_becomes_two_headers(self) -> None:
        with partner.Partner(self.good_answer) as dealer, pytest.raises(Misconfigured):
            endpoint = Endpoint(
                "out", "acme", "x12", (b"token\r\nx-admin: yes",), options={"url": dealer.url, "allow_private": True}
            )
            CONNECTORS["x12"].send(self.delivery(), endpoint)
        assert dealer.requests == []


@pytest.mark.parametrize(
    ("old", "new", "document"),
    [
        (b"ST*850*", b"ST*856*", "856"),
        (b"GS*PO", b"TA1*000000009*261120*0900*A*000~GS*PO", "TA1"),
        (b"ST*850*", b"ST*832*", "850"),
        (b"~", b"~\r\n", "850"),
        (b"*", b"^", "850"),
        (b"ST*850*0001", b"", "850"),
    ],
)
def test_a_file_goes_by_its_first_document(old: bytes, new: bytes, document: str) -> None:
    row = CONNECTORS["x12"]
    assert row.identify is not None
    raw = RawMessage("test", {}, INTERCHANGE.replace(old, new), NOW)
    assert row.identify(raw, Endpoint("test", "acme", "x12")) == Identified(document)
