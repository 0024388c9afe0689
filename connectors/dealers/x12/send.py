"""Sends an interchange to a dealer: a POST of the file with the dealer's credentials."""

from connectors.base import Delivery, Endpoint, Sent
from connectors.dealers.x12.receive import MEDIA_TYPE
from connectors.dealers.x12.settings import X12SendingSettings
from connectors.posting import post_file
from connectors.settings import options_of

DOCUMENTS = ("855", "856", "810", "997")


def send(delivery: Delivery, endpoint: Endpoint) -> Sent:
    return post_file(delivery, endpoint, options_of(endpoint, X12SendingSettings), MEDIA_TYPE)
