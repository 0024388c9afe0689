"""Sends a cXML request to a partner and reads the Response it answers with."""

import re
from xml.sax.saxutils import escape, quoteattr

from canonical.failures import Malformed, OutcomeUnknown, Refused, Transient
from canonical.prolog import without_cxml_doctype
from connectors.base import Delivery, Endpoint, Sent
from connectors.dealers.cxml.receive import MEDIA_TYPE, with_secret
from connectors.dealers.cxml.settings import CxmlSendingSettings
from connectors.http import Reply, post
from connectors.peek_xml import xml_root
from connectors.settings import options_of, secrets_of
from connectors.url_token import credential

DOCUMENTS = ("ConfirmationRequest", "ShipNoticeRequest")
PAYLOAD = re.compile(rb'\spayloadID="[^"]*"')


def send(delivery: Delivery, endpoint: Endpoint) -> Sent:
    """Post the request: our delivery id is its payload id in every attempt, by which the partner knows a repeat; the shared secret
    is put in here and nowhere kept. A status of 5xx in the Response is Transient, any other than 2xx is Refused."""
    options = options_of(endpoint, CxmlSendingSettings)
    secret = escape(credential(secrets_of(endpoint)[0], endpoint)).encode()
    payload = PAYLOAD.sub(lambda _: b" payloadID=" + quoteattr(delivery.delivery_id).encode(), delivery.payload, count=1)
    reply = post(options, with_secret(payload, secret), {"content-type": MEDIA_TYPE})
    code, text = _status(reply)
    if code.startswith("5"):
        raise Transient(f"cXML {code} {text}")
    if not code.startswith("2"):
        raise Refused(f"cXML {code} {text}")
    return Sent(code, reply.body)


def _status(reply: Reply) -> tuple[str, str]:
    """Code and text of the Response; OutcomeUnknown where there is none."""
    try:
        status = xml_root(without_cxml_doctype(reply.body)).find("Response/Status") if reply.complete else None
    except Malformed:
        status = None
    code = status.get("code") if status is not None else None
    if status is None or not code:
        raise OutcomeUnknown(f"HTTP {reply.status} with something else than a whole cXML Response")
    return code, " ".join(f"{status.get('text') or ''} {status.text or ''}".split())[:200]
