"""Orders from a dealer's own SOAP service, with another WSDL than the hub's, polled as the hub polls and kept in a store."""

import socket
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest
from lxml import etree

from canonical.failures import Failure, Misconfigured, Refused, Transient
from connectors.base import Endpoint, Polling
from connectors.dealers.dealer_soap.poll import poll
from connectors.dealers.dealer_soap.receive import opened
from connectors.dealers.dealer_soap.settings import DealerSoapPolling
from connectors.soap import SOAP, SOAP_12
from connectors.table import CONNECTORS
from mappings.translation import OWN_SPECS, Settings, Translations
from routing.intake import Intake
from routing.polling import Poller
from routing.routes import Router
from store import polls
from store.database import Database
from tests.connectors import partner
from tests.routing.conftest import ToToy

OWN = Path(__file__).parents[1] / "samples" / "dealer_soap" / "own_service"
NORTH = "urn:north:purchasing"
ANSWER = (OWN / "north_answer.xml").read_bytes()
SERVICE = {
    "wsdl": str(OWN / "north.wsdl"),
    "service": "PurchasingService",
    "port": "PurchasingPort",
    "operation": "SearchPurchases",
    "auth": "password",
    "arguments": {
        "Filter": {"ChangedFrom": "$watermark", "ChangedTo": "$until", "Status": ["released", "changed"]},
        "PageNumber": "$page",
    },
    "document": "north_purchases",
    "orders": "Result.Purchases.Purchase",
    "more": "Result.HasNextPage",
    "watermark": "Result.AsOf",
}


def enveloped(content: str, namespace: str = SOAP) -> bytes:
    return f'<s:Envelope xmlns:s="{namespace}"><s:Body>{content}</s:Body></s:Envelope>'.encode()


def purchase(number: str) -> str:
    return (
        f"<Purchase><Number>{number}</Number><Created>2026-03-02</Created><Currency>EUR</Currency>"
        "<Customer><Code>N</Code></Customer><Recipient><Code>H</Code></Recipient>"
        '<Position no="1"><Article>A</Article><Amount unit="EA">1</Amount></Position></Purchase>'
    )


def page(*numbers: str, more: str = "false", as_of: str = "2026-03-02T12:00:00Z") -> bytes:
    orders = "".join(purchase(number) for number in numbers)
    told = f"<Purchases>{orders}</Purchases><HasNextPage>{more}</HasNextPage><AsOf>{as_of}</AsOf>"
    return enveloped(f'<SearchPurchasesResponse xmlns="{NORTH}"><Result>{told}</Result></SearchPurchasesResponse>')


def endpoint(url: str, **changed: Any) -> Endpoint:
    service = {name: value for name, value in {**SERVICE, **changed}.items() if value is not None}
    options = {"url": url, "username": "hub", "allow_private": True, "start": "2026-01-01T00:00:00Z", "service": service}
    return Endpoint("north", "north", "dealer_soap", polling=Polling(60, secrets=(b"pw",), options=options))


@dataclass
class Dealer:
    """A purchasing service: pages by number, those of number 0 in turn; `fails` instead of answering."""

    pages: list[bytes] = field(default_factory=lambda: [ANSWER])
    fails: tuple[int, bytes] | None = None
    asked: list[etree._Element] = field(default_factory=list)
    media_type: str = "text/xml"

    def behave(self, stream: socket.socket) -> None:
        request = etree.fromstring(self.server.requests[-1].body)
        self.asked.append(request)
        number = int(request.findtext(f".//{{{NORTH}}}PageNumber") or "0") or len(self.asked)
        status, body = self.fails or (200, self.pages[number - 1])
        partner.answer(status, body, self.media_type)(stream)

    def __enter__(self) -> "Dealer":
        self.server = partner.Partner(self.behave).__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.__exit__()

    def told(self, name: str) -> list[str | None]:
        return [request.findtext(f".//{{{NORTH}}}{name}") for request in self.asked]


def poller(database: Database, polled: Endpoint) -> Poller:
    translations = Translations.load(OWN_SPECS / "dealer_soap", OWN)
    router = Router(ToToy(), handlers=["toy"], partitions=1)
    settings = {"north": Settings(endpoint="north", partner="north")}
    return Poller(Intake(database, CONNECTORS, {"north": polled}, translations, router, settings=settings), {})


def rows(database: Database, query: str) -> list[Any]:
    with database.reading() as tx:
        return list(tx.rows(query))


def test_pages_are_kept_as_they_came_become_orders_and_a_second_poll_changes_nothing(database: Database) -> None:
    with Dealer([page("1", "2", more="true"), page("3")]) as dealer:
        asking = poller(database, endpoint(dealer.server.url))
        first, again = asking.poll("north"), asking.poll("north")
        assert (first.pages, first.new, first.messages, first.set_aside) == (2, 2, 3, 0)
        assert (again.pages, again.new, again.repeated, again.messages) == (2, 0, 2, 0)
        assert dealer.told("ChangedFrom") == ["2026-01-01T00:00:00Z"] * 2 + ["2026-03-02T12:00:00Z"] * 2
        assert dealer.told("PageNumber") == ["1", "2", "1", "2"]
        assert [one.text for one in dealer.asked[0].iter(f"{{{NORTH}}}Status")] == ["released", "changed"]
        assert [one.text for one in dealer.asked[0].iter("{*}Password")] == ["pw"]
        assert dealer.server.requests[0].headers["soapaction"] == '"urn:north:purchasing/SearchPurchases"'
        kept = {bytes(row.body) for row in rows(database, "SELECT body FROM raw_messages")}
    assert kept == set(dealer.pages)
    assert rows(database, "SELECT count(*) AS n FROM messages")[0].n == 3


def test_a_bad_order_leaves_the_others_alone_and_is_told_in_the_dealers_words(database: Database) -> None:
    with Dealer() as dealer:
        result = poller(database, endpoint(dealer.server.url)).poll("north")
        tree = orjson.loads(opened(ANSWER, endpoint(dealer.server.url)))
    assert (result.new, result.messages) == (1, 1)
    parts = list(Translations.load(OWN).translate("dealer_soap", "north_purchases", orjson.dumps(tree), Settings(partner="north")))
    order = parts[0].documents[0].model_dump(mode="json", exclude_none=True)
    assert (order["order_no"], order["ship_to"]["address"]["city"], order["remarks"]) == ("0047-11", "Bergen", "Ring at gate 2")
    assert (order["lines"][0]["sku"], order["lines"][0]["qty"]) == ("STENT-30", {"value": "2", "uom": "BX"})
    assert [problem.path for problem in parts[1].problems] == ["Result.Purchases.Purchase[1].Position[0].Amount.#text"]
    assert tree["Result"]["Purchases"]["Purchase"][0]["Position"] == [
        {"@no": "10", "Article": "STENT-30", "Amount": {"@unit": "BX", "#text": "2"}}
    ]


def test_a_service_that_is_down_sets_the_poll_back_and_the_watermark_stays(database: Database) -> None:
    with Dealer([page("1")]) as dealer:
        poller(database, endpoint(dealer.server.url)).poll("north")
    with partner.Partner(partner.close) as gone:
        pass
    with pytest.raises(Transient, match="Connection refused"):
        poller(database, endpoint(gone.url)).poll("north")
    with database.reading() as tx:
        (known,) = polls.all_polls(tx)
    assert (known.watermark, known.failures) == ("2026-03-02T12:00:00Z", 1)
    assert known.wait_until is not None and known.error


FAULT = "<s:Fault><faultcode>s:{}</faultcode><faultstring>no such user</faultstring></s:Fault>"
FAULT_12 = (
    "<s:Fault><s:Code><s:Value>s:Receiver</s:Value></s:Code><s:Reason><s:Text xml:lang='en'>busy</s:Text></s:Reason></s:Fault>"
)


@pytest.mark.parametrize(
    ("fails", "kind", "told"),
    [
        ((500, enveloped(FAULT.format("Client"))), Refused, "s:Client: no such user"),
        ((200, enveloped(FAULT.format("Server"))), Transient, "s:Server: no such user"),
        ((500, enveloped(FAULT_12, SOAP_12)), Transient, "s:Receiver: busy"),
        ((200, b"<html/>"), Transient, "something else than a SOAP envelope"),
        ((200, enveloped("<Other/>")), Refused, "expected {urn:north:purchasing}SearchPurchasesResponse in the answer, not Other"),
        ((200, page("1", more="perhaps")), Refused, "Result.HasNextPage: expected true or false in the answer, not perhaps"),
        ((200, page("1", more="true")), Refused, "expected another page"),
        ((503, b""), Transient, "HTTP 503"),
        ((403, b"go away"), Refused, "HTTP 403 go away"),
    ],
)
def test_what_is_no_answer_is_told(fails: tuple[int, bytes], kind: type[Failure], told: str) -> None:
    with Dealer(fails=fails) as dealer, pytest.raises(kind) as caught:
        list(poll(endpoint(dealer.server.url), None))
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"operation": "Search"}, "operation: expected one of SearchPurchases, not Search"),
        ({"port": "Other"}, "there are PurchasingService PurchasingPort"),
        ({"orders": "Result.Orders.Order"}, "Result.Orders.Order: expected one of Purchases, HasNextPage, AsOf, not Orders"),
        ({"arguments": {"Pages": "$page"}}, "arguments: expected those of SearchPurchases"),
        ({"wsdl": str(OWN / "none.wsdl")}, "No such file"),
        ({"wsdl": str(OWN / "north_purchases.yaml")}, "expected a WSDL"),
        ({"arguments": {"PageNumber": "$pages"}}, "expected one of $watermark, $until, $page, $cursor, not $pages"),
    ],
)
def test_what_does_not_fit_the_wsdl_is_told_before_anything_is_asked(changed: dict[str, Any], told: str) -> None:
    with Dealer() as dealer, pytest.raises(Misconfigured) as caught:
        list(poll(endpoint(dealer.server.url, **changed), None))
    assert told in str(caught.value)
    assert dealer.asked == []


def test_without_a_watermark_in_the_answer_stretches_of_time_are_asked_for_up_to_now() -> None:
    with Dealer([page()]) as dealer:
        polled = endpoint(dealer.server.url, watermark=None, more=None, window_seconds=10**7)
        pages = list(poll(polled, "2026-01-01T00:02:00+00:00"))
    assert dealer.told("ChangedFrom")[:2] == ["2026-01-01T00:00:00Z", dealer.told("ChangedTo")[0]]
    assert [len(one.raws) for one in pages] == [0] * len(dealer.asked) and len(pages) >= 2
    assert pages[0].watermark == "2026-04-26T17:48:40+00:00"


def test_a_cursor_leads_from_page_to_page() -> None:
    arguments = {"Filter": {"Status": ["$cursor"]}, "PageNumber": "$page"}
    with Dealer([page("1", as_of="c2"), page("2", as_of="")]) as dealer:
        polled = endpoint(dealer.server.url, arguments=arguments, cursor="Result.AsOf", more=None, watermark=None)
        pages = list(poll(polled, None))
    assert dealer.told("Status") == [None, "c2"]
    assert [(len(one.raws), one.watermark is None) for one in pages] == [(1, True), (1, False)]


def test_a_service_that_pages_by_its_watermark_moves_it_with_each_page() -> None:
    arguments = {"Filter": {"ChangedFrom": "$watermark"}, "PageNumber": 0}
    with Dealer([page("1", more="true", as_of="w1"), page("2", as_of="w2")]) as dealer:
        assert [one.watermark for one in poll(endpoint(dealer.server.url, arguments=arguments), None)] == ["w1", "w2"]
    assert dealer.told("ChangedFrom") == ["2026-01-01T00:00:00Z", "w1"]


def changed_wsdl(folder: Path, *changes: tuple[bytes, bytes]) -> str:
    content = (OWN / "north.wsdl").read_bytes()
    for old, new in changes:
        content = content.replace(old, new)
    (folder / "north.wsdl").write_bytes(content)
    (folder / "north.xsd").write_bytes((OWN / "north.xsd").read_bytes())
    return str(folder / "north.wsdl")


def test_a_service_may_speak_soap_1_2(tmp_path: Path) -> None:
    wsdl = changed_wsdl(tmp_path, (b"org/wsdl/soap/", b"org/wsdl/soap12/"))
    with Dealer([page("1").replace(SOAP.encode(), SOAP_12.encode())]) as dealer:
        [only] = poll(endpoint(dealer.server.url, wsdl=wsdl), None)
    assert only.watermark == "2026-03-02T12:00:00Z"
    assert dealer.asked[0].tag == f"{{{SOAP_12}}}Envelope"
    assert dealer.server.requests[0].headers["content-type"].startswith("application/soap+xml")


def test_a_service_may_be_of_the_style_rpc(tmp_path: Path) -> None:
    wsdl = changed_wsdl(
        tmp_path,
        (b"<s:binding transport", b'<s:binding style="rpc" transport'),
        (b'<s:body use="literal"/>', b'<s:body use="literal" namespace="urn:north:purchasing"/>'),
        (b'<w:part name="parameters" element="n:SearchPurchases"/>', b'<w:part name="page" type="x:int"/>'),
        (b'<w:part name="parameters" element="n:SearchPurchasesResponse"/>', b'<w:part name="found" type="n:Purchase"/>'),
    )
    content = purchase("1").removeprefix("<Purchase>").removesuffix("</Purchase>")
    found = f'<n:SearchPurchasesResponse xmlns:n="{NORTH}"><found xmlns:p="{NORTH}">{content}</found></n:SearchPurchasesResponse>'
    with Dealer([enveloped(found.replace("<found", f'<found xmlns:q="{NORTH}"'))]) as dealer:
        polled = endpoint(dealer.server.url, wsdl=wsdl, arguments={"page": 7}, orders="found", more=None, watermark=None)
        [only] = poll(polled, None)
        tree = orjson.loads(opened(only.raws[0].body, polled))
    assert dealer.asked[0].findtext(".//page") == "7"
    assert tree["found"]["Number"] == "1"


def test_a_wsdl_may_be_fetched_with_its_schemas_from_its_own_host_only() -> None:
    def serve(stream: socket.socket) -> None:
        name = server.requests[-1].line.split()[1].rsplit("/", 1)[-1]
        partner.answer(200, (OWN / name).read_bytes() if name.startswith("north.") else ANSWER, "text/xml")(stream)

    with partner.Partner(serve) as server:
        [only] = poll(endpoint(server.url, wsdl=server.url.replace("hook", "north.wsdl"), auth="basic"), None)
    assert only.raws[0].body == ANSWER
    assert [request.line.split()[1] for request in server.requests] == ["/north.wsdl", "/north.xsd", "/hook"]
    assert server.requests[-1].headers["authorization"] == "Basic aHViOnB3"
    strange = (OWN / "north.wsdl").read_bytes().replace(b'"north.xsd"', b'"http://127.0.0.2/north.xsd"')
    with partner.Partner(partner.answer(200, strange, "text/xml")) as server, pytest.raises(Misconfigured, match="one host"):
        list(poll(endpoint(server.url, wsdl=server.url), None))


def test_a_user_is_wanted_unless_the_service_wants_none() -> None:
    with pytest.raises(ValueError, match="expected a username"):
        DealerSoapPolling.model_validate({"url": "https://north.example", "service": SERVICE})
    DealerSoapPolling.model_validate({"url": "https://north.example", "service": {**SERVICE, "auth": "none"}})


PARTS = 'multipart/related; type="application/xop+xml"; start="<answer>"; boundary="b+1"'


def in_parts(envelope: bytes, closing: bytes = b"--") -> bytes:
    """An envelope as the second part of two, as some stacks order them."""
    drawing = b"--b+1\r\nContent-ID: <drawing@north>\r\nContent-Type: application/octet-stream\r\n\r\n\x00\xff\r\n"
    answer = b'--b+1\r\nContent-ID: <answer>\r\nContent-Type: application/xop+xml; type="text/xml"\r\n\r\n' + envelope + b"\r\n"
    return drawing + answer + b"--b+1" + closing


def test_an_answer_in_parts_is_read_like_one_alone(database: Database) -> None:
    xop = '<Drawing><x:Include xmlns:x="http://www.w3.org/2004/08/xop/include" href="cid:drawing%40north"/></Drawing>'
    with Dealer([in_parts(page("1", "2").replace(b"<Created>", xop.encode() + b"<Created>", 1))], media_type=PARTS) as dealer:
        asking = poller(database, endpoint(dealer.server.url))
        first, again = asking.poll("north"), asking.poll("north")
        assert (first.new, first.messages, first.set_aside) == (1, 2, 0)
        assert (again.new, again.repeated) == (0, 1)
    ((kept,),) = rows(database, "SELECT body FROM raw_messages")
    assert (b"<Drawing>AP8=</Drawing>" in kept, b"--b+1" in kept) == (True, False)


def test_a_fault_in_parts_is_a_fault_and_an_answer_whose_parts_are_not_whole_is_asked_for_again() -> None:
    fault = enveloped("<s:Fault><faultcode>s:Client</faultcode><faultstring>no such filter</faultstring></s:Fault>")
    with Dealer(fails=(500, in_parts(fault)), media_type=PARTS) as dealer, pytest.raises(Refused, match="no such filter"):
        list(poll(endpoint(dealer.server.url), None))
    with Dealer([in_parts(page("1"), b"")], media_type=PARTS) as dealer, pytest.raises(Transient, match="something else"):
        list(poll(endpoint(dealer.server.url), None))
