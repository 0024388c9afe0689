"""What DHL sends: pushes of Shipment Tracking Unified to a URL with a token, and the answers of its three tracking services."""

from dataclasses import replace

from connectors.base import Endpoint, Identified, RawMessage
from connectors.carriers.dhl.settings import DhlSettings
from connectors.peek import is_xml, json_object, one_of
from connectors.peek_xml import local_name, xml_start
from connectors.settings import options_of
from connectors.url_token import check_token, with_token

DOCUMENTS = ("unified", "mydhl", "express_xml")
ROOTS = ("TrackingResponse", "ShipmentTrackingErrorResponse", "ErrorResponse")
MYDHL = frozenset({"shipmentTrackingNumber", "shipmentTimestamp", "productCode"})
"""Names that a shipment of MyDHL has and one of Unified never."""


def authenticate(raw: RawMessage, endpoint: Endpoint) -> None:
    options_of(endpoint, DhlSettings)
    check_token(raw, endpoint)


def identify(raw: RawMessage, endpoint: Endpoint) -> Identified:
    """By the root of XML, by what the first shipment has in JSON. No delivery id: DHL names none."""
    if is_xml(raw.body):
        one_of(local_name(xml_start(raw.body)), ROOTS, "/")
        return Identified("express_xml")
    shipments = json_object(raw.body).get("shipments")
    first = shipments[0] if isinstance(shipments, list) and shipments else None
    return Identified("mydhl" if isinstance(first, dict) and MYDHL & first.keys() else "unified")


def sign(raw: RawMessage, endpoint: Endpoint) -> RawMessage:
    media_type = "text/xml" if is_xml(raw.body) else "application/json"
    return with_token(replace(raw, headers={"content-type": media_type, **raw.headers}), endpoint)
