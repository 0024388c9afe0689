"""UBL documents over HTTP, from a Peppol access point or a partner: the request proves itself, the root tells the document."""

from dataclasses import replace

from lxml import etree

from canonical.failures import Malformed
from canonical.problems import Problem
from connectors.base import Endpoint, Identified, RawMessage
from connectors.dealers.ubl.settings import UblSettings
from connectors.peek import one_of, shown
from connectors.peek_xml import xml_start
from connectors.settings import options_of
from connectors.transport_auth import authorization, check_authorization

DOCUMENTS = (
    "Order", "OrderChange", "OrderCancellation", "OrderResponse", "OrderResponseSimple", "DespatchAdvice", "Invoice", "CreditNote",
    "ApplicationResponse",
)  # fmt: skip
NAMESPACE = "urn:oasis:names:specification:ubl:schema:xsd:{}-2"
MEDIA_TYPE = "application/xml"


def authenticate(raw: RawMessage, endpoint: Endpoint) -> None:
    check_authorization(raw, endpoint, options_of(endpoint, UblSettings))


def identify(raw: RawMessage, endpoint: Endpoint) -> Identified:
    """The root element in its namespace; nothing after its start tag is read. No delivery id: the body's hash tells repeats."""
    root = etree.QName(xml_start(raw.body))
    name = one_of(root.localname, DOCUMENTS, f"/{root.localname}")
    if root.namespace != NAMESPACE.format(name):
        expected = f"expected the namespace {NAMESPACE.format(name)}"
        raise Malformed([Problem("E_DOCUMENT", f"/{name}", expected, shown(root.namespace))])
    return Identified(name)


def sign(raw: RawMessage, endpoint: Endpoint) -> RawMessage:
    proof = {"authorization": authorization(endpoint, options_of(endpoint, UblSettings))}
    return replace(raw, headers={"content-type": MEDIA_TYPE, **raw.headers, **proof})
