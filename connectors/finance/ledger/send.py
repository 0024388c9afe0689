"""Posts invoices and payments to the finance ledger over SOAP."""

import json
from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from canonical.references import Reference, told
from connectors.base import Delivery, Endpoint, Sent
from connectors.finance.ledger.settings import LedgerSendingSettings
from connectors.finance.ledger.wsdl import LEDGER
from connectors.http import exchange
from connectors.settings import options_of

OPERATIONS: Mapping[str, str] = {
    "post_invoice": "PostInvoice",
    "post_payment": "PostPayment",
    "post_payment_back": "PostPayment",
    "post_write_off": "PostPayment",
}
"""Document to operation."""


def send(delivery: Delivery, endpoint: Endpoint) -> Sent:
    """Post the document under our delivery id, which the ledger posts once. After an attempt without an answer it is looked
    up first and not posted again where it is found. Failures as `connectors/http.py` and `connectors/soap_service.py` say.
    """
    from connectors.soap_service import SoapService, password_of

    options = options_of(endpoint, LedgerSendingSettings)
    ledger = SoapService(LEDGER, options.url, partial(exchange, options), username=options.username, password=password_of(endpoint))
    arguments = {"Reference": delivery.delivery_id, **_arguments(delivery)}
    if delivery.unknown_before:
        found = ledger.call("FindByReference", {"Reference": delivery.delivery_id})
        if found.Found:
            return Sent("found", ledger.answered, found.DocumentId, _known_as(arguments, found.DocumentId))
    posted = ledger.call(OPERATIONS[delivery.document], arguments)
    return Sent(posted.Status, ledger.answered, posted.DocumentId, _known_as(arguments, posted.DocumentId))


def _known_as(arguments: Mapping[str, Any], document_id: str | None) -> tuple[Reference, ...]:
    """The ledger's id of an invoice; a payment is posted once for each invoice it settles, under an id of its own each time."""
    is_invoice = "InvoiceKind" in arguments
    return told("invoice", arguments["InvoiceNumber"], document_id) if is_invoice else ()


def _arguments(delivery: Delivery) -> dict[str, Any]:
    """The operation's fields as the mapping wrote them. In the schema the lines stand in an element of their own."""
    arguments: dict[str, Any] = json.loads(delivery.payload, parse_float=Decimal)
    if "Lines" in arguments:
        arguments["Lines"] = {"Line": arguments["Lines"]}
    return arguments
