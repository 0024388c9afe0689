"""Orders over SOAP: zeep as the dealer's client against what the hub publishes and answers, and the hub as client of a dealer."""

import base64
import json
import re
import socket
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
import zeep
from lxml import etree
from zeep.transports import Transport
from zeep.wsse.username import UsernameToken

from canonical.failures import Malformed, Refused, Transient, Unauthenticated
from canonical.problems import Problem
from connectors.base import Accepted, Answer, Endpoint, Identified, Polling, RawMessage
from connectors.dealers.dealer_soap.poll import poll
from connectors.dealers.dealer_soap.wsdl import DEALER, NAMESPACE
from connectors.soap import SOAP
from connectors.soap_service import SoapReply, document_of
from connectors.soap_tokens import password_digest
from connectors.table import CONNECTORS
from mappings.translation import OWN_SPECS, Settings, Translations
from routing.intake import Intake
from routing.routes import Router
from store.database import Database
from tests.connectors import partner
from tests.connectors.suite import NOW, ReceivingSuite, SendingSuite, _flipped
from tests.routing.conftest import ToToy

SAMPLES = Path(__file__).parents[1] / "samples" / "dealer_soap"
PUSHED = (SAMPLES / "orders--pushed.in.xml").read_bytes()
ROW = CONNECTORS["dealer_soap"]
STATUS = {
    "OrderNumber": "000471", "Milestone": "shipped", "State": "open", "Fulfilment": "shipped", "Billing": "none", "Payment": "none",
    "TrackingNumber": ["T1", "T2"],
}  # fmt: skip
ORDER = {
    "OrderNumber": "7", "OrderDate": "2026-03-02", "ShipTo": {"Id": "H"},
    "Line": [{"LineNumber": "1", "Sku": "A", "Quantity": "2"}],
}  # fmt: skip


def enveloped(content: str) -> bytes:
    return f'<s:Envelope xmlns:s="{SOAP}"><s:Body>{content}</s:Body></s:Envelope>'.encode()


CANCELLED = enveloped(f'<CancelOrder xmlns="{NAMESPACE}"><OrderNumber>1</OrderNumber></CancelOrder>')


class TestWithBasic(ReceivingSuite):
    connector = "dealer_soap"
    options: ClassVar = {"username": "west", "auth": "basic"}
    body = CANCELLED
    proof = ("authorization",)
    identified = Identified("CancelOrder")
    body_is_signed = False

    def means_the_same(self, header: str, changed: str) -> bool:
        return changed.lower().startswith("basic ") and changed[6:] == self.signed().headers[header][6:]


class TestWithToken(ReceivingSuite):
    connector = "dealer_soap"
    options: ClassVar = {"username": "west"}
    body = CANCELLED
    proof = ()
    identified = Identified("CancelOrder")
    has_window = True

    def test_every_changed_bit_of_the_body_is_refused(self) -> None:
        """Of the token, that is: the digest says nothing about the rest."""
        signed = self.signed()
        root = etree.fromstring(signed.body)
        for name in ("Username", "Password", "Nonce", "Created"):
            [element] = root.iter(f"{{*}}{name}")
            value = (element.text or "").encode()
            at = signed.body.index(b">" + value + b"<") + 1
            for bit in range(8 * len(value)):
                changed = signed.body[:at] + _flipped(value, bit) + signed.body[at + len(value) :]
                assert not self.passes(replace(signed, body=changed)), (name, bit)

    def test_a_longer_or_shorter_body_is_refused(self) -> None:
        signed = self.signed()
        assert not self.passes(replace(signed, body=signed.body[:-1]))
        assert not self.passes(replace(signed, body=self.body)), "without a token"

    def test_two_tokens_or_a_plain_password_are_refused(self) -> None:
        signed = self.signed()
        token = signed.body[signed.body.index(b"<wsse:UsernameToken>") : signed.body.index(b"</wsse:Security>")]
        assert not self.passes(replace(signed, body=signed.body.replace(token, token + token)))
        assert not self.passes(replace(signed, body=signed.body.replace(b"#PasswordDigest", b"#PasswordText")))

    @pytest.mark.parametrize("created", ["2026-03-02T09:30:00", "2026-03-02", "soon", "2026-02-30T00:00:00Z", ""])
    def test_a_time_that_is_none_or_has_no_zone_is_refused_however_well_it_is_signed(self, created: str) -> None:
        signed = self.signed()
        root = etree.fromstring(signed.body)
        digest, nonce, time = (next(root.iter(f"{{*}}{name}")) for name in ("Password", "Nonce", "Created"))
        time.text = created
        digest.text = password_digest(base64.b64decode(nonce.text or ""), created, self.secrets[0])
        assert not self.passes(replace(signed, body=etree.tostring(root)))

    def test_what_zeep_signs_is_authentic(self) -> None:
        client = zeep.Client(document_of(DEALER), wsse=UsernameToken("west", "the newest secret", use_digest=True))  # type: ignore[arg-type]
        service = client.create_service(f"{{{NAMESPACE}}}OrdersBinding", "http://hub.test/in/west")
        envelope = client.create_message(service, "CancelOrder", OrderNumber="1")
        raw = RawMessage("test", {}, etree.tostring(envelope), datetime.now(UTC))
        assert self.passes(raw)
        assert not self.passes(replace(raw, received_at=raw.received_at + timedelta(seconds=400)))

    def test_what_is_kept_has_no_token_and_is_the_same_however_often_it_is_signed(self) -> None:
        assert ROW.kept is not None and ROW.sign is not None
        later = ROW.sign(RawMessage("test", {}, self.body, NOW + timedelta(minutes=1)), self.endpoint())
        first, second = (ROW.kept(raw, self.endpoint()).body for raw in (self.signed(), later))
        assert self.signed().body != later.body
        assert first == second
        assert b"Password" not in first and b"Nonce" not in first
        assert ROW.identify is not None
        assert ROW.identify(RawMessage("test", {}, first, NOW), self.endpoint()) == Identified("CancelOrder")


class Hub(Transport):
    """The hub's door as zeep's transport: proves, identifies, and answers as it was told."""

    def __init__(self, endpoint: Endpoint, status: str, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__()
        self.endpoint, self.status, self.problems = endpoint, status, problems
        self.documents: list[str] = []

    def load(self, url: str) -> bytes:
        assert ROW.describe is not None
        return ROW.describe(self.endpoint).body

    def post_xml(self, address: str, envelope: Any, headers: Mapping[str, str]) -> SoapReply:
        assert ROW.authenticate and ROW.identify and ROW.answer
        raw = RawMessage("west", {}, etree.tostring(envelope), datetime.now(UTC))
        ROW.authenticate(raw, self.endpoint)
        self.documents.append(f"{ROW.identify(raw, self.endpoint).document} to {address}")
        accepted = Accepted("raw-1", self.status, problems=self.problems)  # type: ignore[arg-type]
        told: Answer = ROW.answer(accepted, self.endpoint)
        return SoapReply(told.status, {"Content-Type": told.media_type}, told.body)


def client_of(status: str, *problems: Problem) -> tuple[Any, Hub]:
    url = "https://hub.example.com/in/west?a=1&b=2"
    hub = Hub(Endpoint("west", "west", "dealer_soap", (b"pw",), options={"username": "west", "public_url": url}), status, problems)
    return zeep.Client("hub:wsdl", wsse=UsernameToken("west", "pw", use_digest=True), transport=hub), hub


def test_zeep_orders_by_the_published_wsdl_and_gets_a_receipt():
    client, hub = client_of("accepted")
    receipt = client.service.PlaceOrder(Order=ORDER)
    assert (receipt.Status, receipt.Id, receipt.Repeated) == ("accepted", "raw-1", False)
    assert client.service.CancelOrder(OrderNumber="7").Status == "accepted"
    address = "https://hub.example.com/in/west?a=1&b=2"
    assert hub.documents == [f"PlaceOrder to {address}", f"CancelOrder to {address}"]
    assert client_of("quarantined")[0].service.PlaceOrder(Order=ORDER).Status == "kept"


def test_a_refusal_is_a_client_fault_that_tells_each_problem():
    problem = Problem("E_QTY", "/Envelope/Body/PlaceOrder/Order/Line/Quantity", "expected a number above 0", "0\x01")
    with pytest.raises(zeep.exceptions.Fault) as caught:
        client_of("rejected", problem)[0].service.PlaceOrder(Order=ORDER)
    assert (caught.value.code, caught.value.message) == ("soap:Client", "the document breaks the schema or a rule")
    assert [element.text for element in caught.value.detail[0][0]] == [problem.code, problem.path, problem.message, "0\\x01"]
    assert DEALER.schema.validate(caught.value.detail[0])


@pytest.mark.parametrize(("status", "code"), [(401, "Client"), (503, "Server")])
def test_who_is_turned_away_gets_a_fault_without_a_reason(status: int, code: str):
    assert ROW.turn_away is not None
    told = ROW.turn_away(status, Endpoint("west", "west", "dealer_soap"))
    fault = etree.fromstring(told.body)[0][0]
    assert (told.status, told.media_type) == (status, "text/xml; charset=utf-8")
    assert fault.findtext("faultcode") == f"soap:{code}"
    assert fault.find("detail") is None


@pytest.mark.parametrize(
    ("body", "code", "path"),
    [
        (enveloped(f'<PlaceOrder xmlns="{NAMESPACE}"><Ordr/></PlaceOrder>'), "E_SOAP_SCHEMA", "line 1"),
        (PUSHED.replace(b"<d:Quantity>10</d:Quantity>", b"<d:Quantity>ten</d:Quantity>"), "E_SOAP_SCHEMA", "line 16"),
        (enveloped("<PlaceOrder/>"), "E_DOCUMENT", "/Envelope/Body"), (enveloped(""), "E_SOAP_ENVELOPE", "/"),
        (b"<a/>", "E_SOAP_ENVELOPE", "/"), (b"{}", "E_XML_SYNTAX", "/"), (b"<!DOCTYPE a><a/>", "E_XML_DOCTYPE", "/"),
    ],
)  # fmt: skip
def test_what_the_wsdl_does_not_say_is_told_with_its_place(body: bytes, code: str, path: str):
    assert ROW.identify is not None
    with pytest.raises(Malformed) as caught:
        ROW.identify(RawMessage("west", {}, body, NOW), Endpoint("west", "west", "dealer_soap"))
    assert (caught.value.problems[0].code, caught.value.problems[0].path) == (code, path)


class TestDealerSoapSending(SendingSuite):
    connector = "dealer_soap"
    sending_options: ClassVar = {"username": "hub"}
    document = "ReportStatus"
    payload = json.dumps(STATUS).encode()
    good_answer = staticmethod(
        partner.answer(
            200, enveloped(f'<ReportStatusResponse xmlns="{NAMESPACE}"><Taken>true</Taken></ReportStatusResponse>'), "text/xml"
        )
    )
    needs_whole_answer = True

    def key_of(self, request: partner.Request) -> str:
        return etree.fromstring(request.body).findtext(f".//{{{NAMESPACE}}}Reference") or ""

    def test_the_status_is_reported_as_the_wsdl_says(self) -> None:
        with partner.Partner(self.good_answer) as dealer:
            assert self.send(dealer.url).status == "taken"
        [request] = dealer.requests
        content = etree.fromstring(request.body).find(f"{{{SOAP}}}Body")[0]
        assert DEALER.schema.validate(content)
        assert [one.text for one in content.iter(f"{{{NAMESPACE}}}TrackingNumber")] == ["T1", "T2"]


def page(orders: str, *, until: str = "2026-03-02T12:00:00+02:00", cursor: str = "") -> partner.Behaviour:
    more = f"<Cursor>{cursor}</Cursor>" if cursor else ""
    body = f'<GetOrdersResponse xmlns="{NAMESPACE}">{orders}<Until>{until}</Until>{more}</GetOrdersResponse>'
    return partner.answer(200, enveloped(body), "text/xml")


ONE = (
    "<Order><OrderNumber>1</OrderNumber><OrderDate>2026-03-02</OrderDate><ShipTo><Id>H</Id></ShipTo>"
    "<Line><LineNumber>1</LineNumber><Quantity>1</Quantity></Line></Order>"
)


def polling(url: str) -> Endpoint:
    options = {"url": url, "username": "hub", "allow_private": True, "start": "2026-01-01T00:00:00Z"}
    return Endpoint("west", "west", "dealer_soap", polling=Polling(60, secrets=(b"pw",), options=options))


def test_orders_are_fetched_page_by_page_and_the_watermark_moves_with_the_last():
    answers = iter([page(ONE, cursor="c2"), page("", cursor="c3"), page(ONE)])

    def in_turn(stream: socket.socket) -> None:
        next(answers)(stream)

    with partner.Partner(in_turn) as dealer:
        pages = list(poll(polling(dealer.url), None))
    assert [(len(one.raws), one.watermark) for one in pages] == [(1, None), (0, None), (1, "2026-03-02T10:00:00+00:00")]
    asked = [etree.fromstring(request.body) for request in dealer.requests]
    assert [one.findtext(f".//{{{NAMESPACE}}}Since") for one in asked] == ["2026-01-01T00:00:00Z"] * 3
    assert [one.findtext(f".//{{{NAMESPACE}}}Cursor") for one in asked] == [None, "c2", "c3"]
    assert ROW.identify is not None
    assert ROW.identify(pages[0].raws[0], polling("http://west.test")) == Identified("GetOrdersResponse")


def test_the_next_poll_asks_from_where_the_last_one_ended():
    with partner.Partner(page("")) as dealer:
        list(poll(polling(dealer.url), "2026-03-02T10:00:00+00:00"))
    assert etree.fromstring(dealer.requests[0].body).findtext(f".//{{{NAMESPACE}}}Since") == "2026-03-02T10:00:00Z"


@pytest.mark.parametrize(
    ("behave", "kind"),
    [
        (page("<Ordr/>"), Transient),
        (page(ONE, until="2026-03-02T12:00:00"), Refused),
        (partner.answer(403), Refused),
        (partner.answer(503), Transient),
    ],
)
def test_a_service_that_answers_something_else_brings_nothing(behave: partner.Behaviour, kind: type[Exception]):
    with partner.Partner(behave) as dealer, pytest.raises(kind):
        list(poll(polling(dealer.url), None))


def test_a_token_proves_one_message_and_no_other(database: Database) -> None:
    endpoint = Endpoint("west", "west", "dealer_soap", (b"secret",), options={"username": "west"})
    intake = Intake(
        database, CONNECTORS, {"west": endpoint}, Translations.load(OWN_SPECS / "dealer_soap"),
        Router(ToToy(), handlers=["toy"], partitions=1), settings={"west": Settings()},
    )  # fmt: skip
    assert ROW.sign is not None
    raw = ROW.sign(RawMessage("west", {}, CANCELLED, datetime.now(UTC)), endpoint)
    other = replace(raw, body=re.sub(rb"OrderNumber>1<", b"OrderNumber>STOLEN-1<", raw.body))
    assert other.body != raw.body
    first, again = intake.accept(raw), intake.accept(raw)
    assert (first.status, again.repeated, again.raw_id) == ("accepted", True, first.raw_id)
    with pytest.raises(Unauthenticated):
        intake.accept(other)
    answers = intake.commit_proven([intake.prepare(other), intake.prepare(raw)])
    assert [type(answer).__name__ for answer in answers] == ["Unauthenticated", "Accepted"]
    with database.reading() as tx:
        assert [row.n for row in tx.rows("SELECT count(*) AS n FROM raw_messages")] == [1]
        assert [row.n for row in tx.rows("SELECT count(*) AS n FROM used_tokens")] == [1]
    newly_signed = ROW.sign(RawMessage("west", {}, CANCELLED.replace(b">1<", b">4712<"), datetime.now(UTC)), endpoint)
    assert intake.accept(newly_signed).status == "accepted"
