"""Sends a UBL document: a POST of the file with the partner's credentials."""

from connectors.base import Delivery, Endpoint, Sent
from connectors.dealers.ubl.receive import MEDIA_TYPE
from connectors.dealers.ubl.settings import UblSendingSettings
from connectors.http import post
from connectors.settings import options_of
from connectors.transport_auth import authorization

DOCUMENTS = ("OrderResponse", "DespatchAdvice", "Invoice")


def send(delivery: Delivery, endpoint: Endpoint) -> Sent:
    """Post the document; our delivery id goes along, the same in every attempt. Failures as `connectors/http.py` says."""
    options = options_of(endpoint, UblSendingSettings)
    headers = {
        "content-type": MEDIA_TYPE,
        "authorization": authorization(endpoint, options),
        "idempotency-key": delivery.delivery_id,
    }
    reply = post(options, delivery.payload, headers)
    return Sent(str(reply.status), reply.body)
