"""What FedEx sends: pushes of Advanced Integrated Visibility, signed over the raw body, and answers of its tracking services."""

from dataclasses import replace

from connectors.base import Endpoint, Identified, RawMessage
from connectors.carriers.fedex.settings import FedExSettings
from connectors.peek import is_xml, json_object, one_of
from connectors.peek_xml import local_name, xml_start
from connectors.settings import options_of, secrets_of
from connectors.signatures import base64_hmac_sha256, check_signature, required

DOCUMENTS = ("track", "track_xml")
ROOTS = ("TrackReply", "Envelope")
HEADER = "fdx-signature"


def authenticate(raw: RawMessage, endpoint: Endpoint) -> None:
    options_of(endpoint, FedExSettings)
    check_signature([required(raw, HEADER)], lambda key: base64_hmac_sha256(raw.body, key), secrets_of(endpoint))


def identify(raw: RawMessage, endpoint: Endpoint) -> Identified:
    """JSON or the XML of the web services. No delivery id: FedEx names none."""
    if is_xml(raw.body):
        one_of(local_name(xml_start(raw.body)), ROOTS, "/")
        return Identified("track_xml")
    json_object(raw.body)
    return Identified("track")


def sign(raw: RawMessage, endpoint: Endpoint) -> RawMessage:
    media_type = "text/xml" if is_xml(raw.body) else "application/json"
    signed = {HEADER: base64_hmac_sha256(raw.body, secrets_of(endpoint)[0])}
    return replace(raw, headers={"content-type": media_type, **raw.headers, **signed})
