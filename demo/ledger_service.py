"""The finance ledger as a small real SOAP 1.1 service: WSDL at ?wsdl, requests checked against its schema, faults as faults.

    python -m demo.ledger_service --port 9200 --username hub --password secret

It posts a reference once and a document number once: a repeat gets the first answer again, the same number with another
content is refused.
"""

import argparse
import threading
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from lxml import etree

from connectors.finance.ledger.wsdl import LEDGER, NAMESPACE
from connectors.soap import SOAP, body_content
from demo.serving import Answering, Served, Service
from demo.username_token import TokenCheck

NS = f"{{{NAMESPACE}}}"
NUMBERS = {"PostInvoice": ("InvoiceNumber",), "PostPayment": ("PaymentReference", "InvoiceNumber")}
"""What makes the number of a document, by operation: a payment may settle several invoices."""


@dataclass(frozen=True, slots=True)
class Posted:
    """A document in the ledger: `fields` as they came, nested elements left out."""

    document_id: str
    operation: str
    number: str
    fields: dict[str, str]
    content: bytes


class Fault(Exception):
    """A SOAP fault: its code (`soap:Client.Conflict`) and what is told."""

    def __init__(self, code: str, told: str) -> None:
        super().__init__(told)
        self.code = code


@dataclass
class LedgerService(Service):
    """fail_first: that many requests are answered 503 and do nothing. lose_answers: that many are done, but their
    connection is closed without an answer.

    documents: what is posted, by number. requests: how often each operation was called.
    """

    path = "/services/ledger"

    username: str
    password: str
    port: int = 0
    fail_first: int = 0
    lose_answers: int = 0
    documents: dict[str, Posted] = field(default_factory=dict)
    requests: dict[str, int] = field(default_factory=dict)
    _by_reference: dict[str, Posted] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _served: Served | None = None
    _token: TokenCheck = field(init=False)

    def __post_init__(self) -> None:
        self._token = TokenCheck(self.username, self.password)

    def handler(self) -> type[Answering]:
        return _handler_of(self)

    def wsdl(self) -> bytes:
        return LEDGER.path.read_bytes().replace(b"https://ledger.example.com/services/ledger", self.url.encode())

    def take(self, body: bytes) -> tuple[int, bytes] | None:
        """Status and envelope that answer one request; None where the answer is lost."""
        with self._lock:
            if self.fail_first > 0:
                self.fail_first -= 1
                return 503, b""
            try:
                answer = 200, _envelope(self._done(body))
            except Fault as fault:
                answer = 500, _envelope(_fault(fault))
            if self.lose_answers > 0:
                self.lose_answers -= 1
                return None
        return answer

    def _done(self, body: bytes) -> str:
        request = body_content(body)
        if request is None:
            raise Fault("soap:Client", "expected a SOAP 1.1 envelope with one element in its Body")
        if not self._token.passes(request.getroottree()):
            raise Fault("wsse:FailedAuthentication", "The security token could not be authenticated")
        wrong = _what_is_wrong(request)
        if wrong:
            raise Fault("soap:Client.Invalid", wrong)
        operation = etree.QName(request).localname
        self.requests[operation] = self.requests.get(operation, 0) + 1
        if operation == "FindByReference":
            return self._find(request)
        if operation not in NUMBERS:
            raise Fault("soap:Client", f"expected an operation of the WSDL, not {operation}")
        return self._post(request, operation)

    def _find(self, request: etree._Element) -> str:
        posted = self._by_reference.get(request.findtext(f"{NS}Reference") or "")
        found = f"<Found>true</Found><DocumentId>{posted.document_id}</DocumentId>" if posted else "<Found>false</Found>"
        return f'<FindByReferenceResponse xmlns="{NAMESPACE}">{found}</FindByReferenceResponse>'

    def _post(self, request: etree._Element, operation: str) -> str:
        fields = {etree.QName(child).localname: child.text or "" for child in request if len(child) == 0}
        number = " ".join([operation.removeprefix("Post").lower(), *(fields[name] for name in NUMBERS[operation])])
        content = _content(request)
        known = self._by_reference.get(fields["Reference"]) or self.documents.get(number)
        if known is not None and (known.number, known.content) != (number, content):
            raise Fault("soap:Client.Conflict", f"{known.number} is posted with another content")
        posted = known or Posted(f"GL-{len(self.documents) + 1:08d}", operation, number, fields, content)
        self.documents[number] = self._by_reference[fields["Reference"]] = posted
        status = "already_posted" if known else "posted"
        told = f"<DocumentId>{posted.document_id}</DocumentId><Status>{status}</Status>"
        return f'<{operation}Response xmlns="{NAMESPACE}">{told}</{operation}Response>'


def _what_is_wrong(request: etree._Element) -> str:
    try:
        LEDGER.schema.assertValid(request)
    except etree.DocumentInvalid as error:
        return str(error)
    return ""


def _content(request: etree._Element) -> bytes:
    """The request without its reference, in canonical XML."""
    copy = etree.fromstring(etree.tostring(request, with_tail=False))
    reference = copy.find(f"{NS}Reference")
    assert reference is not None
    copy.remove(reference)
    return etree.tostring(copy, method="c14n", exclusive=True)


def _envelope(content: str) -> bytes:
    return f'<soap:Envelope xmlns:soap="{SOAP}"><soap:Body>{content}</soap:Body></soap:Envelope>'.encode()


def _fault(fault: Fault) -> str:
    wsse = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
    told = f"<faultcode>{escape(fault.code)}</faultcode><faultstring>{escape(str(fault))}</faultstring>"
    return f'<soap:Fault xmlns:wsse="{wsse}">{told}</soap:Fault>'


def _handler_of(service: LedgerService) -> type[Answering]:
    class Handler(Answering):
        def do_GET(self) -> None:  # noqa: N802
            if self.path.lower().endswith("?wsdl"):
                self.reply(200, service.wsdl(), "text/xml; charset=utf-8")
            else:
                self.reply(404, b"", "text/plain")

        def do_POST(self) -> None:  # noqa: N802
            body = self.request_body()
            if body is None:
                return
            answer = service.take(body)
            if answer is None:
                self.close_connection = True
            else:
                self.reply(*answer, "text/xml; charset=utf-8")

    return Handler


def main() -> None:
    """Serve until interrupted."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--port", type=int, default=9200)
    options.add_argument("--username", default="hub")
    options.add_argument("--password", required=True)
    given = options.parse_args()
    service = LedgerService(given.username, given.password, given.port)
    service.start()
    print(f"the ledger takes requests at {service.url}, its WSDL is at {service.url}?wsdl", flush=True)
    service.wait()


if __name__ == "__main__":
    main()
