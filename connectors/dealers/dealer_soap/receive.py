"""Orders that dealers push to the hub over SOAP 1.1."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

from lxml import etree

from canonical.failures import Malformed, Misconfigured
from canonical.problems import Problem
from connectors.base import Answer, Endpoint, Identified, RawMessage
from connectors.dealers.dealer_soap.settings import DealerSoapSettings
from connectors.dealers.dealer_soap.tokens import SECURITY, add_token, check_token
from connectors.dealers.dealer_soap.wsdl import DEALER, NAMESPACE, PLACEHOLDER
from connectors.peek import shown
from connectors.peek_xml import xml_root
from connectors.settings import options_of, secrets_of
from connectors.signatures import refusal
from connectors.soap import body_content
from connectors.transport_auth import TransportAuth, authorization, check_authorization

DOCUMENTS = ("PlaceOrder", "CancelOrder", "GetOrdersResponse")
MEDIA_TYPE = "text/xml; charset=utf-8"
MOST_PROBLEMS = 20


def authenticate(raw: RawMessage, endpoint: Endpoint) -> None:
    options = options_of(endpoint, DealerSoapSettings)
    secrets = secrets_of(endpoint)
    if options.auth == "basic":
        check_authorization(raw, endpoint, TransportAuth(auth="basic", username=options.username))
        return
    try:
        envelope = xml_root(raw.body)
    except Malformed:
        raise refusal() from None
    check_token(envelope, options.username, secrets, raw.received_at)


def kept(raw: RawMessage, _: Endpoint) -> RawMessage:
    """The envelope without its token, which is news in every attempt: what is sent again is the same delivery then."""
    try:
        envelope = xml_root(raw.body)
    except Malformed:
        return raw
    for security in list(envelope.iter(SECURITY)):
        parent = security.getparent()
        if parent is not None:
            parent.remove(security)
    return replace(raw, body=etree.tostring(envelope, method="c14n"))


def identify(raw: RawMessage, _: Endpoint) -> Identified:
    """The operation, after its content was compared with the schema of the WSDL; Malformed with every difference."""
    xml_root(raw.body)
    content = body_content(raw.body)
    if content is None:
        raise Malformed([Problem("E_SOAP_ENVELOPE", "/", "expected a SOAP 1.1 envelope with one element in its body")])
    name = etree.QName(content)
    if name.namespace != NAMESPACE or name.localname not in DOCUMENTS:
        told = f"expected one of {', '.join(DOCUMENTS)} of {NAMESPACE}"
        raise Malformed([Problem("E_DOCUMENT", "/Envelope/Body", told, shown(content.tag))])
    if not DEALER.schema.validate(content):
        raise Malformed([_difference(error) for error in islice(_errors(), MOST_PROBLEMS)])
    return Identified(name.localname)


def _errors() -> Iterator[Any]:
    log: Any = DEALER.schema.error_log
    return iter(log)


def _difference(error: Any) -> Problem:
    message = error.message.replace(f"{{{NAMESPACE}}}", "")
    return Problem("E_SOAP_SCHEMA", f"line {error.line}", f"expected what the WSDL says: {shown(message)}")


def sign(raw: RawMessage, endpoint: Endpoint) -> RawMessage:
    options = options_of(endpoint, DealerSoapSettings)
    headers = {"content-type": MEDIA_TYPE, **raw.headers}
    if options.auth == "basic":
        proof = authorization(endpoint, TransportAuth(auth="basic", username=options.username))
        return replace(raw, headers={**headers, "authorization": proof})
    envelope = xml_root(raw.body)
    add_token(envelope, options.username, secrets_of(endpoint)[0], raw.received_at, raw.body)
    return replace(raw, headers=headers, body=etree.tostring(envelope, encoding="utf-8", xml_declaration=True))


def describe(endpoint: Endpoint) -> Answer:
    """The WSDL, with the endpoint's own address where it is stated."""
    public_url = options_of(endpoint, DealerSoapSettings).public_url
    if public_url is not None and not public_url.isascii():
        raise Misconfigured(f"endpoint {endpoint.name}: expected a public_url of ASCII characters")
    content = DEALER.path.read_bytes()
    address = etree.tostring(_text(public_url))[3:-4] if public_url else PLACEHOLDER
    return Answer(200, content.replace(PLACEHOLDER, address), MEDIA_TYPE)


def _text(text: str) -> etree._Element:
    element = etree.Element("a")
    element.text = text
    return element
