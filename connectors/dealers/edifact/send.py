"""Sends an interchange to a partner: a POST of the file with the partner's credentials."""

from connectors.base import Delivery, Endpoint, Sent
from connectors.dealers.edifact.receive import MEDIA_TYPE
from connectors.dealers.edifact.settings import EdifactSendingSettings
from connectors.posting import post_file
from connectors.settings import options_of

DOCUMENTS = ("ORDRSP", "DESADV", "INVOIC", "CONTRL")


def send(delivery: Delivery, endpoint: Endpoint) -> Sent:
    return post_file(delivery, endpoint, options_of(endpoint, EdifactSendingSettings), MEDIA_TYPE)
