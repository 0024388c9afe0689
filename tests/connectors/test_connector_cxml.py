"""cXML documents from and to buyers and suppliers: the shared secret in the document is the proof, and is kept nowhere."""

import re
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from canonical.failures import OutcomeUnknown, Refused, Transient
from canonical.problems import Problem
from canonical.prolog import without_cxml_doctype
from connectors.base import Accepted, Endpoint, Identified, RawMessage
from connectors.dealers.cxml.receive import answer, turn_away
from connectors.peek_xml import xml_root
from connectors.table import CONNECTORS
from mappings.translation import OWN_SPECS, Settings, Translations
from routing.intake import Intake
from tests.connectors import partner
from tests.connectors.suite import NOW, ReceivingSuite, SendingSuite, _flipped

DOCTYPE = '<!DOCTYPE cXML SYSTEM "http://xml.cxml.org/schemas/cXML/1.2.050/cXML.dtd">'
ORDER = (
    f'<?xml version="1.0" encoding="UTF-8"?>\n{DOCTYPE}\n<cXML payloadID="17@acme" timestamp="2026-03-01T10:00:00Z"><Header>'
    "<From><Credential domain='DUNS'><Identity>1</Identity></Credential></From><To/><Sender><Credential domain='DUNS'>"
    "<Identity>hub.acme</Identity><SharedSecret></SharedSecret></Credential><UserAgent>x</UserAgent></Sender></Header>"
    "<Request><OrderRequest><OrderRequestHeader orderID='1' type='new'><Payment><PCard expiration='x' number='4111'/></Payment>"
    "</OrderRequestHeader></OrderRequest></Request></cXML>"
).encode()


def response(code: str, text: str = "OK") -> bytes:
    return f'{DOCTYPE}<cXML payloadID="r" timestamp="t"><Response><Status code="{code}" text="{text}"/></Response></cXML>'.encode()


class TestCxmlReceiving(ReceivingSuite):
    connector = "cxml"
    body = ORDER
    proof = ()
    identified = Identified("OrderRequest", "17@acme")
    body_is_signed = False

    def test_every_changed_bit_of_the_body_is_refused(self) -> None:
        """Of the body only the secret is a proof."""
        signed = self.signed()
        start = signed.body.index(b"the newest secret")
        bits = range(8 * start, 8 * (start + len(b"the newest secret")))
        assert [bit for bit in bits if self.passes(replace(signed, body=_flipped(signed.body, bit)))] == []

    def test_the_secret_stands_in_the_sender_and_nowhere_else(self) -> None:
        elsewhere = ORDER.replace(b"<SharedSecret></SharedSecret>", b"").replace(
            b"<Identity>1</Identity>", b"<Identity>1</Identity><SharedSecret>the newest secret</SharedSecret>"
        )
        assert not self.passes(RawMessage("test", {}, elsewhere, NOW))

    @pytest.mark.parametrize(
        "secret",
        [b"<![CDATA[the newest secret]]>", b"the newest<!-- --> secret", b"the newest secret<SharedSecret/>", b"", b" "],
    )
    def test_a_secret_that_could_not_be_masked_is_none(self, secret: bytes) -> None:
        body = ORDER.replace(b"<SharedSecret>", b"<SharedSecret>" + secret)
        assert not self.passes(RawMessage("test", {}, body, NOW))

    @pytest.mark.parametrize("encoding", ["utf-16", "utf-7", "cp037"])
    def test_an_encoding_in_which_it_could_not_be_masked_is_refused(self, encoding: str) -> None:
        text = self.signed().body.decode().replace("UTF-8", encoding)
        assert not self.passes(RawMessage("test", {}, text.encode(encoding), NOW))

    def test_another_sender_with_the_same_secret_is_refused_where_the_endpoint_names_one(self) -> None:
        assert self.row.authenticate is not None
        for sender, passes in (("hub.acme", True), ("hub.other", False)):
            endpoint = replace(self.endpoint(), options={"sender": sender})
            if passes:
                self.row.authenticate(self.signed(), endpoint)
            else:
                with pytest.raises(Exception, match="not authentic"):
                    self.row.authenticate(self.signed(), endpoint)

    @pytest.mark.parametrize("request_", ["PunchOutSetupRequest", "StatusUpdateRequest", "ProfileRequest"])
    def test_another_request_is_told_by_its_name(self, request_: str) -> None:
        assert self.row.identify is not None
        with pytest.raises(Exception, match=f"E_DOCUMENT at /cXML/Request/{request_}"):
            self.row.identify(RawMessage("t", {}, ORDER.replace(b"OrderRequest>", f"{request_}>".encode()), NOW), self.endpoint())

    def test_what_is_kept_is_the_document_without_secret_and_card_number(self) -> None:
        endpoint = replace(self.endpoint(), name="test")
        intake = Intake(
            None, CONNECTORS, {"test": endpoint}, Translations.load(OWN_SPECS / "cxml"), SimpleNamespace(routed=lambda found: ()),
            settings={"test": Settings("test")},
        )  # type: ignore[arg-type]  # fmt: skip
        signed = self.signed()
        record = intake.prepare(signed).record
        expected = signed.body.replace(b"the newest secret", b"(secret)").replace(b"'4111'", b'"(secret)"')
        assert record.body == expected
        assert (record.document, record.dedupe_key) == ("OrderRequest", "17@acme")
        again = intake.prepare(self.signed(self.secrets[1])).record
        assert (again.sha256, again.dedupe_key) == (record.sha256, record.dedupe_key)


class TestCxmlAnswers:
    def told(self, body: bytes) -> tuple[Any, ...]:
        status = xml_root(without_cxml_doctype(body)).find("Response/Status")
        assert status is not None
        return status.get("code"), status.get("text"), status.text

    @pytest.mark.parametrize(
        ("status", "code"),
        [("accepted", "200"), ("untranslated", "200"), ("quarantined", "201"), ("rejected", "406"), ("malformed", "400"),
         ("conflict", "409")],
    )  # fmt: skip
    def test_what_was_kept_is_answered_with_its_status_in_the_envelope(self, status: Any, code: str) -> None:
        problems = [Problem("E_SCHEMA", "/cXML", "expected <more> & other")] if code > "201" else []
        made = answer(Accepted("raw-1", status, problems=problems), Endpoint("a", "b", "cxml"))
        assert (made.status, made.media_type) == (200, "text/xml; charset=UTF-8")
        assert self.told(made.body)[0] == code
        assert self.told(made.body)[2] == ("E_SCHEMA at /cXML: expected <more> & other" if problems else None)

    @pytest.mark.parametrize(("status", "code"), [(401, "401"), (503, "560")])
    def test_what_is_turned_away_is_told_in_the_envelope_too(self, status: int, code: str) -> None:
        made = turn_away(status, Endpoint("a", "b", "cxml"))
        assert (made.status, self.told(made.body)[0]) == (status, code)


class TestCxmlSending(SendingSuite):
    connector = "cxml"
    document = "ConfirmationRequest"
    payload = (
        b'<cXML payloadID="message" timestamp="t"><Header><From><Credential domain="a"><Identity>f</Identity></Credential></From>'
        b'<Sender><Credential domain="a"><Identity>us</Identity></Credential><UserAgent>Orderlane</UserAgent></Sender></Header>'
        b"</cXML>"
    )
    good_answer = staticmethod(partner.answer(200, response("200"), "text/xml"))
    needs_whole_answer = True

    def key_of(self, request: partner.Request) -> str:
        found = re.search(rb'payloadID="([^"]*)"', request.body)
        assert found is not None
        return found[1].decode()

    def test_the_secret_is_put_into_the_sender_when_it_is_sent(self) -> None:
        with partner.Partner(self.good_answer) as dealer:
            sent = self.send(dealer.url)
        [request] = dealer.requests
        secrets = [(one.getparent().getparent().tag, one.text) for one in xml_root(request.body).iter("SharedSecret")]  # type: ignore[union-attr]
        assert secrets == [("Sender", "the newest secret")]
        assert sent.status == "200"

    @pytest.mark.parametrize(
        ("code", "failure"), [("400", Refused), ("401", Refused), ("409", Refused), ("500", Transient), ("560", Transient)]
    )
    def test_a_status_in_the_answer_is_a_failure_of_its_kind(self, code: str, failure: type[Exception]) -> None:
        found, _ = self.outcome(partner.answer(200, response(code, "no"), "text/xml"))
        assert (type(found), str(found)) == (failure, f"cXML {code} no")

    @pytest.mark.parametrize("body", [b"", b"OK", b"<html/>", b"<cXML/>", response("")])
    def test_an_answer_without_a_status_leaves_a_question(self, body: bytes) -> None:
        found, _ = self.outcome(partner.answer(200, body, "text/xml"))
        assert type(found) is OutcomeUnknown
