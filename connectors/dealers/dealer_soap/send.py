"""Tells a dealer's SOAP service what becomes of its orders."""

import json
from functools import partial
from typing import Any

from connectors.base import Delivery, Endpoint, Sent
from connectors.dealers.dealer_soap.settings import DealerSoapSendingSettings
from connectors.dealers.dealer_soap.wsdl import DEALER
from connectors.http import exchange
from connectors.settings import options_of

DOCUMENTS = ("ReportStatus",)


def send(delivery: Delivery, endpoint: Endpoint) -> Sent:
    """Report under our delivery id, which the dealer takes once. Failures as `connectors/http.py`
    and `connectors/soap_service.py` say.
    """
    from connectors.soap_service import SoapService, password_of

    options = options_of(endpoint, DealerSoapSendingSettings)
    exchanged = partial(exchange, options)
    service = SoapService(DEALER, options.url, exchanged, username=options.username, password=password_of(endpoint))
    arguments: dict[str, Any] = json.loads(delivery.payload)
    taken = service.call(delivery.document, {"Reference": delivery.delivery_id, **arguments})
    return Sent("taken" if taken else "known already", service.answered)
