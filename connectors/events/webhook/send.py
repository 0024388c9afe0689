"""Sends an event to a partner's webhook, signed as Standard Webhooks 1.0 says."""

from connectors.base import Delivery, Endpoint, Sent
from connectors.events.webhook.settings import WebhookSettings
from connectors.settings import options_of
from connectors.webhook_sending import post_event

DOCUMENTS = ("event",)


def send(delivery: Delivery, endpoint: Endpoint) -> Sent:
    return post_event(delivery, endpoint, options_of(endpoint, WebhookSettings))
