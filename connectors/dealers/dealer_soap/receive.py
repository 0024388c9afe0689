"""Orders that dealers push to the hub over SOAP 1.1, or that their own service answered with."""

import json

from lxml import etree

from canonical.failures import Malformed, Refused
from canonical.problems import Problem
from connectors.base import Endpoint, Identified, RawMessage
from connectors.dealers.dealer_soap.settings import DealerSoapSettings, OwnService, own_service_of
from connectors.dealers.dealer_soap.wsdl import DEALER, NAMESPACE, PLACEHOLDER
from connectors.soap import content_of
from connectors.soap_receiving import SoapDoor

DOCUMENTS = ("PlaceOrder", "CancelOrder", "GetOrdersResponse")
DOOR = SoapDoor(DEALER, NAMESPACE, DOCUMENTS, PLACEHOLDER, DealerSoapSettings)


def identify(raw: RawMessage, endpoint: Endpoint) -> Identified:
    """The operation of the hub's WSDL, or the document that the endpoint calls the answers of its dealer's own service."""
    own = _own(raw.body, endpoint)
    return DOOR.identify(raw, endpoint) if own is None else Identified(own.document)


def kept(raw: RawMessage, endpoint: Endpoint) -> RawMessage:
    """Without the token of who pushed it; what the dealer's own service answered stays as it came."""
    return DOOR.kept(raw, endpoint) if _own(raw.body, endpoint) is None else raw


def opened(body: bytes, endpoint: Endpoint) -> bytes:
    """The answer of a dealer's own service as JSON; anything else as it is."""
    settings = own_service_of(endpoint)
    own = _own(body, endpoint)
    if settings is None or own is None:
        return body
    from connectors.dealers.dealer_soap.own_service import plain
    from connectors.dealers.dealer_soap.own_wsdl import operation_of

    try:
        return json.dumps(plain(body, operation_of(settings, own)), ensure_ascii=False).encode()
    except Refused as error:
        raise Malformed([Problem("E_DOCUMENT", "/Envelope/Body", str(error))]) from error


def _own(body: bytes, endpoint: Endpoint) -> OwnService | None:
    """The dealer's own service where the endpoint has one and the content is not in the hub's words."""
    settings = own_service_of(endpoint)
    content = content_of(body) if settings is not None else None
    if settings is None or content is None or etree.QName(content).namespace == NAMESPACE:
        return None
    return settings.service
