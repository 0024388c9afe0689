"""Posts an event, signed as Standard Webhooks 1.0 says."""

from datetime import UTC, datetime

from connectors.base import Delivery, Endpoint, Sent
from connectors.http import post
from connectors.settings import Sending
from connectors.standard_webhooks import signed_headers, usable_secrets


def post_event(delivery: Delivery, endpoint: Endpoint, options: Sending) -> Sent:
    """Post the event: the webhook id is the delivery's in every attempt, time and signature are the attempt's own."""
    signed = signed_headers(delivery.delivery_id, delivery.payload, usable_secrets(endpoint), datetime.now(UTC))
    reply = post(options, delivery.payload, {"content-type": "application/json", **signed})
    return Sent(str(reply.status), reply.body)
