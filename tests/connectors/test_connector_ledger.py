"""The finance ledger over SOAP, against the real service of the demo and against one that does everything wrong."""

import json
import threading
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import pytest
import zeep
from lxml import etree

from canonical.failures import Malformed, Misconfigured, OutcomeUnknown, Refused, Transient
from connectors.base import Delivery, Endpoint, Sent
from connectors.finance.ledger.wsdl import LEDGER, NAMESPACE
from connectors.soap_service import document_of
from connectors.table import CONNECTORS
from demo.ledger_service import LedgerService
from tests.connectors import partner
from tests.connectors.deadlines import counted_from
from tests.connectors.suite import MESSAGE, SendingSuite
from tests.support.waiting import PATIENCE

INVOICE: dict[str, Any] = {
    "InvoiceNumber": "2026-000017", "OrderNumber": "WEB-9999", "ShipmentNumber": "S-1", "IssueDate": "2026-03-02",
    "DueDate": "2026-04-01", "Buyer": {"Id": "C-7", "Name": "Klinik Süd & Söhne"}, "Currency": "EUR",
    "Lines": [
        {"LineNumber": "1", "OrderNumber": "WEB-9999", "Item": "KNEE-7", "Description": "Knee <left>", "Quantity": "2",
         "Unit": "EA", "UnitPrice": "1234.5678", "NetAmount": "2469.14", "TaxRate": "19"},
        {"LineNumber": "2", "OrderNumber": "WEB-9999", "Item": "SCREW-1", "Quantity": "10", "Unit": "EA",
         "UnitPrice": "0.10", "NetAmount": "1.00", "TaxRate": "7"},
    ],
    "NetAmount": "2470.14", "TaxAmount": "469.21", "GrossAmount": "2939.35",
}  # fmt: skip
PAYMENT = {
    "PaymentReference": "SEPA-1", "InvoiceNumber": "2026-000017", "OrderNumber": "WEB-9999", "Amount": "939.35",
    "Currency": "EUR", "OpenAmount": "2000.00",
}  # fmt: skip
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
NOT_FOUND = f'<FindByReferenceResponse xmlns="{NAMESPACE}"><Found>false</Found></FindByReferenceResponse>'
POSTED = f'<PostInvoiceResponse xmlns="{NAMESPACE}"><DocumentId>GL-1</DocumentId><Status>posted</Status></PostInvoiceResponse>'


def envelope(content: str, status: int = 200, media_type: str = "text/xml; charset=utf-8") -> partner.Behaviour:
    body = f'<s:Envelope xmlns:s="{SOAP}"><s:Header/><s:Body>{content}</s:Body></s:Envelope>'
    return partner.answer(status, body.encode(), media_type)


def fault(code: str) -> str:
    return f"<s:Fault><faultcode>{code}</faultcode><faultstring>period closed</faultstring></s:Fault>"


@dataclass
class SlowLedger(LedgerService):
    """Does what it is asked at once, and answers when it is let."""

    answers: threading.Event = field(default_factory=threading.Event)

    def take(self, body: bytes) -> tuple[int, bytes] | None:
        answer = super().take(body)
        return answer if self.answers.wait(PATIENCE) else None


class TestLedger(SendingSuite):
    connector = "ledger"
    sending_options: ClassVar = {"username": "hub"}
    document = "post_invoice"
    payload = json.dumps(INVOICE).encode()
    good_answer = staticmethod(envelope(POSTED))
    needs_whole_answer = True

    def key_of(self, request: partner.Request) -> str:
        return etree.fromstring(request.body).findtext(f".//{{{NAMESPACE}}}Reference") or ""

    @pytest.mark.parametrize("status", [200, 500])
    @pytest.mark.parametrize(
        "code", ["s:Client", "s:Client.Conflict", "wsse:FailedAuthentication", "LEDGER-17", "s:MustUnderstand"]
    )
    def test_a_fault_is_a_no_with_its_code(self, status: int, code: str) -> None:
        failure, other = self.outcome(envelope(fault(code), status))
        assert type(failure) is Refused
        assert str(failure) == f"{code}: period closed"
        assert len(other.requests) == 1

    @pytest.mark.parametrize("code", ["s:Server", "Server", "s:Server.Busy", ""])
    def test_a_fault_of_the_server_is_tried_again(self, code: str) -> None:
        failure, _ = self.outcome(envelope(fault(code), 500))
        assert type(failure) is Transient

    @pytest.mark.parametrize(
        "behave",
        [
            partner.answer(200, b"<html>busy</html>", "text/html"),
            partner.answer(200, b"<s:Envelope", "text/xml"),
            partner.answer(200, b"", "text/xml"),
            partner.answer(202, b"", "text/xml"),
            partner.answer(200, b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "text/xml"),
            partner.answer(200, POSTED.encode(), "text/xml"),
            envelope(POSTED, media_type="multipart/related; boundary=x"),
            envelope(""),
            envelope(POSTED + POSTED),
            envelope(f"{POSTED}</s:Body><s:Body>{POSTED}"),
            envelope(POSTED.replace(NAMESPACE, "urn:other")),
            envelope(POSTED.replace("posted", "perhaps")),
            envelope("<x/>"),
        ],
    )
    def test_an_answer_that_is_not_the_ledgers_leaves_a_question(self, behave: partner.Behaviour) -> None:
        failure, _ = self.outcome(behave)
        assert type(failure) is OutcomeUnknown

    def test_an_invoice_is_posted_with_every_field(self) -> None:
        with LedgerService("hub", "the newest secret") as ledger:
            sent = self.send(ledger.url)
        assert (sent.status, sent.partner_id) == ("posted", "GL-00000001")
        [posted] = ledger.documents.values()
        assert (posted.number, posted.fields["GrossAmount"], posted.fields["Reference"]) == (
            "invoice 2026-000017",
            "2939.35",
            "delivery-1",
        )
        lines = etree.fromstring(posted.content).findall(f".//{{{NAMESPACE}}}Line")
        assert [line.findtext(f"{{{NAMESPACE}}}UnitPrice") for line in lines] == ["1234.5678", "0.10"]

    def test_a_payment_over_two_invoices_is_posted_twice(self) -> None:
        with LedgerService("hub", "the newest secret") as ledger:
            first = self.post(ledger, "post_payment", PAYMENT, "d-1")
            second = self.post(ledger, "post_payment", {**PAYMENT, "InvoiceNumber": "2026-000018"}, "d-2")
        assert (first.partner_id, second.partner_id) == ("GL-00000001", "GL-00000002")

    def test_numbers_in_json_are_taken_to_the_last_digit(self) -> None:
        payload = json.dumps({**PAYMENT, "Amount": 0}).replace('"Amount": 0', '"Amount": 1234567890123456.10').encode()
        with LedgerService("hub", "the newest secret") as ledger:
            CONNECTORS["ledger"].send(Delivery("d-1", MESSAGE, "post_payment", payload), self.endpoint(ledger.url))
        [posted] = ledger.documents.values()
        assert posted.fields["Amount"] == "1234567890123456.10"

    def test_the_same_delivery_again_has_no_effect(self) -> None:
        with LedgerService("hub", "the newest secret") as ledger:
            sent = [self.send(ledger.url, attempt=attempt) for attempt in (1, 2)]
        assert [(s.status, s.partner_id) for s in sent] == [("posted", "GL-00000001"), ("already_posted", "GL-00000001")]
        assert len(ledger.documents) == 1

    def test_after_a_lost_answer_it_is_looked_up_and_not_posted_again(self) -> None:
        with LedgerService("hub", "the newest secret", lose_answers=1) as ledger:
            with pytest.raises(OutcomeUnknown):
                self.send(ledger.url)
            sent = self.again(ledger.url)
        assert (sent.status, sent.partner_id) == ("found", "GL-00000001")
        assert ledger.requests == {"PostInvoice": 1, "FindByReference": 1}

    def test_after_a_lost_request_it_is_looked_up_and_then_posted(self) -> None:
        with LedgerService("hub", "the newest secret") as ledger:
            sent = self.again(ledger.url)
        assert (sent.status, sent.partner_id) == ("posted", "GL-00000001")
        assert ledger.requests == {"FindByReference": 1, "PostInvoice": 1}

    def test_while_nobody_can_look_nothing_is_posted(self) -> None:
        with partner.Partner(partner.reset) as other, pytest.raises(OutcomeUnknown):
            self.again(other.url)
        assert [self.operation(request) for request in other.requests] == ["FindByReference"]

    def test_a_slow_ledger_leaves_a_question_and_posts_once(self) -> None:
        with SlowLedger("hub", "the newest secret") as ledger:
            with counted_from(lambda: ledger.documents), pytest.raises(OutcomeUnknown):
                self.send(ledger.url, deadline_seconds=0.05)
            ledger.answers.set()
            assert self.again(ledger.url).status == "found"
        assert len(ledger.documents) == 1

    def test_a_wrong_password_is_a_no(self) -> None:
        with LedgerService("hub", "another password") as ledger, pytest.raises(Refused, match="wsse:FailedAuthentication"):
            self.send(ledger.url)
        assert ledger.documents == {}

    def test_the_password_is_not_on_the_wire_and_a_token_passes_once(self) -> None:
        with partner.Partner(self.good_answer) as other:
            self.send(other.url)
        [request] = other.requests
        assert b"the newest secret" not in request.body
        with LedgerService("hub", "the newest secret") as ledger:
            answers = [ledger.take(request.body) for _ in range(2)]
        assert [answer[0] for answer in answers if answer] == [200, 500]
        assert answers[1] is not None and b"wsse:FailedAuthentication" in answers[1][1]

    def test_another_invoice_under_a_number_that_is_taken_is_a_no(self) -> None:
        with LedgerService("hub", "the newest secret") as ledger:
            self.post(ledger, "post_invoice", INVOICE, "d-1")
            with pytest.raises(Refused, match=r"soap:Client\.Conflict: invoice 2026-000017 is posted with another content"):
                self.post(ledger, "post_invoice", {**INVOICE, "GrossAmount": "2939.36"}, "d-2")
            assert self.post(ledger, "post_invoice", INVOICE, "d-3").status == "already_posted"

    @pytest.mark.parametrize(("field", "value"), [("IssueDate", "2.3.2026"), ("GrossAmount", "2.939,35"), ("Currency", "Euro")])
    def test_a_value_the_schema_does_not_allow_is_refused_by_the_ledger(self, field: str, value: str) -> None:
        with LedgerService("hub", "the newest secret") as ledger, pytest.raises((Refused, Malformed), match=field):
            self.post(ledger, "post_invoice", {**INVOICE, field: value}, "d-1")
        assert ledger.documents == {}

    @pytest.mark.parametrize(
        "change", [{"Discount": "1.00"}, {"InvoiceNumber": None}, {"Lines": []}, {"Buyer": {"Nickname": "x"}}, {"Lines": [{}]}]
    )
    def test_a_payload_that_does_not_fit_the_operation_is_never_sent(self, change: dict[str, Any]) -> None:
        with partner.Partner(self.good_answer) as other, pytest.raises(Malformed) as caught:
            payload = json.dumps({**INVOICE, **change}).encode()
            CONNECTORS["ledger"].send(Delivery("d-1", MESSAGE, "post_invoice", payload), self.endpoint(other.url))
        assert [(p.code, p.path) for p in caught.value.problems] == [("E_SCHEMA", "PostInvoice")]
        assert other.connections == 0

    def test_a_service_in_trouble_is_tried_again(self) -> None:
        with LedgerService("hub", "the newest secret", fail_first=1) as ledger:
            with pytest.raises(Transient, match="HTTP 503"):
                self.send(ledger.url)
            assert self.send(ledger.url, attempt=2).status == "posted"

    def test_the_service_serves_a_wsdl_a_stranger_can_work_with(self) -> None:
        with LedgerService("hub", "the newest secret") as ledger:
            token = zeep.wsse.username.UsernameToken("hub", "the newest secret", use_digest=True)
            client = zeep.Client(f"{ledger.url}?wsdl", wsse=token)
            assert client.service.FindByReference(Reference="nothing").Found is False
        assert set(client.service._operations) == set(
            document_of(LEDGER).services["LedgerService"].ports["LedgerPort"].binding._operations
        )

    def test_without_a_username_nothing_is_sent(self) -> None:
        endpoint = replace(self.endpoint("https://ledger.example.com/"), options={"url": "https://ledger.example.com/"})
        with pytest.raises(Misconfigured, match="username"):
            CONNECTORS["ledger"].send(self.delivery(), endpoint)

    def endpoint(self, url: str) -> Endpoint:
        options = {"url": url, "username": "hub", "allow_private": True}
        return Endpoint("ledger-main", "finance", "ledger", self.sending_secrets, options=options)

    def post(self, ledger: LedgerService, document: str, arguments: dict[str, Any], delivery_id: str) -> Sent:
        payload = json.dumps(arguments).encode()
        return CONNECTORS["ledger"].send(Delivery(delivery_id, MESSAGE, document, payload), self.endpoint(ledger.url))

    def again(self, url: str) -> Sent:
        """The second attempt, after one without an answer."""
        return CONNECTORS["ledger"].send(self.delivery(attempt=2, unknown_before=True), self.endpoint(url))

    def operation(self, request: partner.Request) -> str:
        return etree.QName(etree.fromstring(request.body).find(f"{{{SOAP}}}Body")[0]).localname
