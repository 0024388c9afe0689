"""Tells a dealer what becomes of its orders: signed webhooks."""

from connectors.base import Delivery, Endpoint, Sent
from connectors.dealers.dealer_json.settings import DealerJsonSendingSettings
from connectors.settings import options_of
from connectors.webhook_sending import post_event

DOCUMENTS = ("event",)


def send(delivery: Delivery, endpoint: Endpoint) -> Sent:
    return post_event(delivery, endpoint, options_of(endpoint, DealerJsonSendingSettings))
