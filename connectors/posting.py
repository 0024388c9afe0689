"""A file handed over as it is: one POST with the partner's credentials, as dealers take EDI."""

from connectors.base import Delivery, Endpoint, Sent
from connectors.http import post
from connectors.settings import Sending
from connectors.transport_auth import TransportAuth, authorization


class PostingAuth(TransportAuth, Sending):
    """What it takes to post a file: where to, and how we prove ourselves there."""


def post_file(delivery: Delivery, endpoint: Endpoint, options: PostingAuth, media_type: str) -> Sent:
    """Post the payload; our delivery id goes along, the same in every attempt. Failures as `connectors/http.py` says."""
    headers = {
        "content-type": media_type,
        "authorization": authorization(endpoint, options),
        "idempotency-key": delivery.delivery_id,
    }
    reply = post(options, delivery.payload, headers)
    return Sent(str(reply.status), reply.body)
