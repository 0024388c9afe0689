"""Bank statements and notifications (ISO 20022 camt.052 to camt.054): the root's namespace says which and in which version."""

import re
from dataclasses import replace

from lxml import etree

from canonical.failures import Malformed
from canonical.problems import Problem
from connectors.base import Endpoint, Identified, RawMessage
from connectors.finance.camt.settings import CamtSettings
from connectors.peek import one_of, shown
from connectors.peek_xml import xml_start
from connectors.settings import options_of
from connectors.transport_auth import authorization, check_authorization

DOCUMENTS = ("camt.052", "camt.053", "camt.054")
NAMESPACE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:([a-z]{4}\.[0-9]{3})\.[0-9]{3}\.[0-9]{2}")


def authenticate(raw: RawMessage, endpoint: Endpoint) -> None:
    check_authorization(raw, endpoint, options_of(endpoint, CamtSettings))


def identify(raw: RawMessage, endpoint: Endpoint) -> Identified:
    """The document of the root's namespace; nothing after the root's start tag is read. No delivery id: banks give none."""
    root = xml_start(raw.body)
    qualified = etree.QName(root)
    known = NAMESPACE.fullmatch(qualified.namespace or "")
    if qualified.localname != "Document" or known is None:
        expected = "expected a Document in a namespace of ISO 20022"
        raise Malformed([Problem("E_DOCUMENT", f"/{qualified.localname}", expected, shown(qualified.namespace))])
    return Identified(one_of(known[1], DOCUMENTS, "/Document"))


def sign(raw: RawMessage, endpoint: Endpoint) -> RawMessage:
    proof = {"authorization": authorization(endpoint, options_of(endpoint, CamtSettings))}
    return replace(raw, headers={"content-type": "application/xml", **raw.headers, **proof})
