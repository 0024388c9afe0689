"""Calls of SOAP 1.1 services over the hub's guarded HTTP client: a shipped WSDL, zeep to write and read, and only sound answers get
back to zeep.

zeep takes a third of a second to load: whoever calls a service imports this module, and what is built on it, when a call is due.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import zeep
from lxml import etree
from zeep.wsdl import Document
from zeep.wsse.username import UsernameToken

from canonical.failures import Failure, Malformed, Misconfigured, OutcomeUnknown, Refused, Transient
from canonical.problems import Problem
from connectors.base import Endpoint
from connectors.http import Reply, refuse_failure
from connectors.settings import secrets_of
from connectors.soap import FAULT, Wsdl, body_content

XML_TYPES = frozenset({"text/xml", "application/xml"})
GUARDS = {
    "strict": True, "forbid_dtd": True, "forbid_entities": True, "forbid_external": True,
    "xml_huge_tree": False, "force_https": True,
}  # fmt: skip
SETTINGS = zeep.Settings(**GUARDS)
WITH_IMPORTS = zeep.Settings(**{**GUARDS, "forbid_external": False})
"""The same for a WSDL whose imports come through a transport that guards them itself."""
AS_IT_CAME = zeep.Settings(**GUARDS, raw_response=True)
"""The same for answers that zeep gives back without reading them."""
Exchange = Callable[[bytes, Mapping[str, str]], Reply]
"""Posts a body with headers to the partner's URL, guarded, and gives its answer."""


@dataclass(frozen=True, slots=True)
class _File:
    """What zeep reads a shipped WSDL with: its one file and nothing else."""

    path: Path

    def load(self, location: str) -> bytes:
        if Path(location) != self.path:
            raise Misconfigured(f"{self.path.name} refers to {location}; expected everything in the one file")
        return self.path.read_bytes()


@lru_cache(maxsize=16)
def document_of(wsdl: Wsdl) -> Document:
    """A shipped WSDL as zeep reads it, once per process."""
    return Document(str(wsdl.path), _File(wsdl.path), settings=SETTINGS)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class SoapReply:
    """An answer in the words zeep reads."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes
    encoding: str = "utf-8"


class SoapTransport:
    """zeep's transport for one exchange. `answered` is the body of the last answer."""

    def __init__(self, exchange: Exchange, wsdl: Wsdl) -> None:
        self._exchange = exchange
        self._wsdl = wsdl
        self.answered = b""

    def post_xml(self, address: str, envelope: etree._Element, headers: Mapping[str, str]) -> SoapReply:
        """Post the envelope to the endpoint's URL; a fault or an answer as the schema wants it, a Failure otherwise."""
        reply = self._exchange(etree.tostring(envelope, encoding="utf-8", xml_declaration=True), headers)
        self.answered = reply.body
        if not self._is_sound(reply):
            refuse_failure(reply)
            raise OutcomeUnknown(f"HTTP {reply.status} with something else than a whole answer of the service")
        return SoapReply(reply.status, {"Content-Type": "text/xml"}, reply.body)

    def _is_sound(self, reply: Reply) -> bool:
        """A fault comes with 500, an answer with 200 (SOAP 1.1, 6.2); some services send faults with 200."""
        if reply.media_type not in XML_TYPES or not reply.complete or reply.status not in (200, 500):
            return False
        content = body_content(reply.body)
        if content is None or content.tag == FAULT:
            return content is not None
        return reply.status == 200 and self._wsdl.schema.validate(content)


class SoapService:
    """The service at a partner's URL, called with a WS-Security UsernameToken (digest)."""

    def __init__(self, wsdl: Wsdl, url: str, exchange: Exchange, *, username: str, password: str) -> None:
        self._wsdl = wsdl
        self._transport = SoapTransport(exchange, wsdl)
        token = UsernameToken(username, password, use_digest=True)
        self._client = zeep.Client(document_of(wsdl), wsse=token, transport=self._transport, settings=SETTINGS)
        self._service = self._client.create_service(wsdl.binding, url)

    @property
    def answered(self) -> bytes:
        return self._transport.answered

    def call(self, operation: str, arguments: Mapping[str, Any]) -> Any:
        """The operation's answer; Malformed where the arguments are not what it takes, any Failure of the exchange."""
        try:
            message = self._client.create_message(self._service, operation, **arguments)
            self._wsdl.schema.assertValid(message[-1][0])
        except (zeep.exceptions.ValidationError, etree.DocumentInvalid, TypeError, ValueError) as error:
            raise Malformed([Problem("E_SCHEMA", operation, f"expected the fields of the operation: {error}")]) from error
        try:
            return self._service[operation](**arguments)
        except zeep.exceptions.Fault as fault:
            raise failure_of_fault(fault) from fault
        except zeep.exceptions.Error as error:
            raise OutcomeUnknown(f"the service's answer cannot be read: {type(error).__name__}") from error


def failure_of_fault(fault: zeep.exceptions.Fault) -> Failure:
    """A fault of the class Server "may succeed at a later point in time" (SOAP 1.1, 4.4.1), in SOAP 1.2 it is called Receiver; any
    other refuses the request."""
    code = str(fault.code or "")
    kind = Transient if code.rpartition(":")[2].partition(".")[0] in ("Server", "Receiver", "") else Refused
    return kind(f"{code}: {str(fault.message)[:200]}")


def password_of(endpoint: Endpoint) -> str:
    """The newest secret as a password."""
    try:
        return secrets_of(endpoint)[0].decode()
    except UnicodeDecodeError:
        raise Misconfigured(f"endpoint {endpoint.name}: expected a password in UTF-8") from None
