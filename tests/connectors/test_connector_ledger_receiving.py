"""What a finance system reports over SOAP: zeep as its client against the WSDL the hub publishes; credit notes to the ledger."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, ClassVar

import pytest
import zeep
from lxml import etree
from zeep.transports import Transport
from zeep.wsse.username import UsernameToken

from canonical.documents.finance import InvoiceIssued, InvoiceLine, InvoiceTotals
from canonical.envelope import first_message
from canonical.failures import Malformed
from canonical.problems import Problem
from canonical.values import Party
from connectors.base import Accepted, Delivery, Endpoint, Identified, RawMessage
from connectors.finance.ledger.receive import NAMESPACE
from connectors.soap import SOAP
from connectors.soap_service import SoapReply
from connectors.table import CONNECTORS
from demo.ledger_service import LedgerService
from mappings.translation import OWN_SPECS, Settings, Translations
from tests.connectors.suite import NOW, ReceivingSuite, _flipped

ROW = CONNECTORS["ledger"]
TRANSLATIONS = Translations.load(OWN_SPECS / "ledger")
PAYMENT = (
    f"<ReportPayment xmlns='{NAMESPACE}'><Reference>P-1</Reference><ValueDate>2026-03-02</ValueDate><Amount>100.50</Amount>"
    "<Currency>EUR</Currency></ReportPayment>"
)


def enveloped(content: str) -> bytes:
    return f'<s:Envelope xmlns:s="{SOAP}"><s:Body>{content}</s:Body></s:Envelope>'.encode()


class TestLedgerWithBasic(ReceivingSuite):
    connector = "ledger"
    options: ClassVar = {"username": "sap", "auth": "basic"}
    body = enveloped(PAYMENT)
    proof = ("authorization",)
    identified = Identified("ReportPayment")
    body_is_signed = False

    def means_the_same(self, header: str, changed: str) -> bool:
        return changed.lower().startswith("basic ") and changed[6:] == self.signed().headers[header][6:]


class TestLedgerWithToken(ReceivingSuite):
    connector = "ledger"
    options: ClassVar = {"username": "sap"}
    body = enveloped(PAYMENT)
    proof = ()
    identified = Identified("ReportPayment")
    has_window = True

    def test_every_changed_bit_of_the_body_is_refused(self) -> None:
        """Of the password digest, that is: it says nothing about the rest."""
        signed = self.signed()
        [password] = etree.fromstring(signed.body).iter("{*}Password")
        value = (password.text or "").encode()
        at = signed.body.index(value)
        for bit in range(8 * len(value)):
            changed = signed.body[:at] + _flipped(value, bit) + signed.body[at + len(value) :]
            assert not self.passes(replace(signed, body=changed)), bit

    def test_a_longer_or_shorter_body_is_refused(self) -> None:
        assert not self.passes(replace(self.signed(), body=self.signed().body[:-1]))
        assert not self.passes(replace(self.signed(), body=self.body)), "without a token"

    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (PAYMENT.replace("100.50", "-1"), "E_SOAP_SCHEMA"),
            (PAYMENT.replace("<Currency>EUR</Currency>", ""), "E_SOAP_SCHEMA"),
            ("<PostInvoice xmlns='urn:orderlane:ledger:1'/>", "E_DOCUMENT"),
            ("", "E_SOAP_ENVELOPE"),
        ],
    )
    def test_what_the_wsdl_does_not_say_is_malformed(self, content: str, code: str) -> None:
        assert ROW.identify is not None
        with pytest.raises(Malformed) as caught:
            ROW.identify(RawMessage("test", {}, enveloped(content), NOW), self.endpoint())
        assert {problem.code for problem in caught.value.problems} == {code}


class Hub(Transport):
    """The hub's door as zeep's transport: proves, identifies, translates, and answers as it was told."""

    def __init__(self, status: str = "accepted", problems: tuple[Problem, ...] = ()) -> None:
        super().__init__()
        options = {"username": "sap", "public_url": "https://hub.test/in/finance"}
        self.endpoint = Endpoint("finance", "finance", "ledger", (b"secret",), options=options)
        self.status, self.problems = status, problems
        self.documents: list[Any] = []

    def load(self, url: str) -> bytes:
        assert ROW.describe is not None
        return ROW.describe(self.endpoint).body

    def post_xml(self, address: str, envelope: Any, headers: Mapping[str, str]) -> SoapReply:
        assert ROW.authenticate and ROW.identify and ROW.answer and ROW.kept
        assert address == "https://hub.test/in/finance"
        raw = RawMessage("finance", {}, etree.tostring(envelope), datetime.now(UTC))
        ROW.authenticate(raw, self.endpoint)
        raw = ROW.kept(raw, self.endpoint)
        assert b"Password" not in raw.body
        name = ROW.identify(raw, self.endpoint).document
        for part in TRANSLATIONS.translate("ledger", name, raw.body, Settings("finance", time_zone="Europe/Berlin")):
            assert part.problems == ()
            self.documents += part.documents
        told = ROW.answer(Accepted("raw-1", self.status, problems=self.problems), self.endpoint)  # type: ignore[arg-type]
        return SoapReply(told.status, {"Content-Type": told.media_type}, told.body)


def service(hub: Hub) -> Any:
    token = UsernameToken("sap", "secret", use_digest=True)
    return zeep.Client("https://hub.test/in/finance?wsdl", wsse=token, transport=hub).service  # type: ignore[arg-type]


def test_a_payment_is_told_and_received() -> None:
    hub = Hub()
    told = service(hub).ReportPayment(
        Reference="P-1", ValueDate=date(2026, 3, 2), Amount=Decimal("100.50"), Currency="EUR", Fee=Decimal("0.50"),
        Payer={"Name": "Clinic", "Account": "DE1"}, Method="SEPA", RemittanceText="INV-7", OrderNumber="SO-1",
        References={"Reference": ["INV-7", "INV-8"]}, BankReference="B-9", BookedAt=datetime(2026, 3, 2, 9, tzinfo=UTC),
    )  # fmt: skip
    assert (told.Status, told.Id, told.Repeated) == ("accepted", "raw-1", False)
    [payment] = hub.documents
    assert (payment.payment_ref, payment.value_date, payment.order_no, payment.bank_reference) == (
        "P-1", date(2026, 3, 2), "SO-1", "B-9",
    )  # fmt: skip
    assert (payment.amount.amount, payment.amount.currency, payment.fee.amount) == (Decimal("100.50"), "EUR", Decimal("0.50"))
    assert (payment.payer.name, payment.payer.account, payment.refs) == ("Clinic", "DE1", ("INV-7", "INV-8"))
    assert payment.received_at == datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize(("operation", "type_"), [("ReportRefund", "payment.refunded"), ("ReportReversal", "payment.reversed")])
def test_money_that_went_back_is_a_refund_or_a_reversal(operation: str, type_: str) -> None:
    hub = Hub()
    service(hub)[operation](
        Reference="R-1", OriginalReference="P-1", ValueDate=date(2026, 3, 3), Amount=Decimal("10.00"), Currency="EUR", Reason="AC04"
    )
    [found] = hub.documents
    assert (found.message_type, found.refund_ref, found.original_ref, found.reason) == (type_, "R-1", "P-1", "AC04")
    assert found.amount.amount == Decimal("10.00")


def test_a_refusal_is_a_fault_that_tells_each_problem() -> None:
    hub = Hub("conflict", (Problem("D_CONFLICT", "P-1", "expected the same content"),))
    with pytest.raises(zeep.exceptions.Fault) as caught:
        service(hub).ReportPayment(Reference="P-1", ValueDate=date(2026, 3, 2), Amount=Decimal("1"), Currency="EUR")
    assert caught.value.code == "soap:Client"
    assert [one.text for one in caught.value.detail.iter(f"{{{NAMESPACE}}}Code")] == ["D_CONFLICT"]


def test_a_credit_note_is_posted_with_the_invoice_it_corrects() -> None:
    credit = InvoiceIssued(
        invoice_no="C-1", kind="credit", original_invoice_no="I-1", order_no="SO-1", origin="web", channel="edi", shipment_no="S-1",
        issued_on=date(2026, 3, 2), buyer=Party(party_id="H-1", name="Clinic"), currency="EUR",
        lines=(InvoiceLine(line_no="1", order_no="SO-1", item="A", qty=Decimal(1), unit_price=Decimal(5), net=Decimal("5.00")),),
        totals=InvoiceTotals(net=Decimal("5.00"), tax=Decimal("0.00"), gross=Decimal("5.00")),
    )  # fmt: skip
    message = first_message(credit, source="hub", raw_id="raw-1", now=NOW)
    payload = TRANSLATIONS.write("ledger", "post_invoice", message, Settings())
    assert ROW.send is not None
    with LedgerService("hub", "secret") as ledger:
        endpoint = Endpoint(
            "out",
            "finance",
            "ledger",
            (b"secret",),
            options={"url": ledger.url, "username": "hub", "allow_private": True},
        )
        ROW.send(Delivery("d-1", message, "post_invoice", payload), endpoint)
        [posted] = ledger.documents.values()
    assert (posted.fields["InvoiceKind"], posted.fields["OriginalInvoiceNumber"], posted.fields["GrossAmount"]) == (
        "credit", "I-1", "5.00",
    )  # fmt: skip
