"""Posts invoices and payments to the finance ledger over SOAP."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import zeep
from lxml import etree
from zeep.wsse.username import UsernameToken

from canonical.failures import Failure, Malformed, Misconfigured, OutcomeUnknown, Refused, Transient
from canonical.problems import Problem
from connectors.base import Delivery, Endpoint, Sent
from connectors.finance.ledger.settings import LedgerSettings
from connectors.finance.ledger.transport import LedgerTransport
from connectors.finance.ledger.wsdl import BINDING, SETTINGS, schema, service_description
from connectors.settings import options_of, secrets_of

OPERATIONS: Mapping[str, str] = {"post_invoice": "PostInvoice", "post_payment": "PostPayment"}
"""Document to operation."""


def send(delivery: Delivery, endpoint: Endpoint) -> Sent:
    """Post the document under our delivery id, which the ledger posts once. After an attempt without an answer it is looked
    up first and not posted again where it is found. Failures as `connectors/http.py` says, and `_fault` for SOAP faults.
    """
    ledger = _Ledger(options_of(endpoint, LedgerSettings), _password(endpoint))
    arguments = {"Reference": delivery.delivery_id, **_arguments(delivery)}
    if delivery.unknown_before:
        found = ledger.call("FindByReference", {"Reference": delivery.delivery_id})
        if found.Found:
            return Sent("found", ledger.answered, found.DocumentId)
    posted = ledger.call(OPERATIONS[delivery.document], arguments)
    return Sent(posted.Status, ledger.answered, posted.DocumentId)


class _Ledger:
    """The service at the endpoint's URL."""

    def __init__(self, options: LedgerSettings, password: str) -> None:
        self._transport = LedgerTransport(options)
        token = UsernameToken(options.username, password, use_digest=True)
        self._client = zeep.Client(service_description(), wsse=token, transport=self._transport, settings=SETTINGS)
        self._service = self._client.create_service(BINDING, options.url)

    @property
    def answered(self) -> bytes:
        return self._transport.answered

    def call(self, operation: str, arguments: Mapping[str, Any]) -> Any:
        """The operation's answer; Malformed where the arguments are not what it takes, any Failure of the exchange."""
        try:
            message = self._client.create_message(self._service, operation, **arguments)
            schema().assertValid(message[-1][0])
        except (zeep.exceptions.ValidationError, etree.DocumentInvalid, TypeError, ValueError) as error:
            raise Malformed([Problem("E_SCHEMA", operation, f"expected the fields of the operation: {error}")]) from error
        try:
            return self._service[operation](**arguments)
        except zeep.exceptions.Fault as fault:
            raise _fault(fault) from fault
        except zeep.exceptions.Error as error:
            raise OutcomeUnknown(f"the ledger's answer cannot be read: {type(error).__name__}") from error


def _password(endpoint: Endpoint) -> str:
    try:
        return secrets_of(endpoint)[0].decode()
    except UnicodeDecodeError:
        raise Misconfigured(f"endpoint {endpoint.name}: expected a password in UTF-8") from None


def _fault(fault: zeep.exceptions.Fault) -> Failure:
    """A fault of the class Server "may succeed at a later point in time" (SOAP 1.1, 4.4.1); any other refuses the request."""
    code = str(fault.code or "")
    kind = Transient if code.rpartition(":")[2].partition(".")[0] in ("Server", "") else Refused
    return kind(f"{code}: {str(fault.message)[:200]}")


def _arguments(delivery: Delivery) -> dict[str, Any]:
    """The operation's fields as the mapping wrote them. In the schema the lines stand in an element of their own."""
    arguments: dict[str, Any] = json.loads(delivery.payload, parse_float=Decimal)
    if "Lines" in arguments:
        arguments["Lines"] = {"Line": arguments["Lines"]}
    return arguments
