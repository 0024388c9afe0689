"""Sends an interchange to a dealer: a POST of the file with the dealer's credentials."""

from connectors.base import Delivery, Endpoint, Sent
from connectors.dealers.x12.receive import MEDIA_TYPE
from connectors.dealers.x12.settings import X12SendingSettings
from connectors.http import post
from connectors.settings import options_of
from connectors.transport_auth import authorization

DOCUMENTS = ("855", "997")


def send(delivery: Delivery, endpoint: Endpoint) -> Sent:
    """Post the interchange; our delivery id goes along, the same in every attempt. Failures as `connectors/http.py` says."""
    options = options_of(endpoint, X12SendingSettings)
    headers = {
        "content-type": MEDIA_TYPE,
        "authorization": authorization(endpoint, options),
        "idempotency-key": delivery.delivery_id,
    }
    reply = post(options, delivery.payload, headers)
    return Sent(str(reply.status), reply.body)
