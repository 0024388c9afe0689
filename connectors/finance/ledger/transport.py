"""How zeep's requests reach the ledger: over the hub's guarded HTTP client, and only a sound answer gets back to zeep."""

from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from canonical.failures import OutcomeUnknown
from connectors.finance.ledger.settings import LedgerSettings
from connectors.finance.ledger.wsdl import SOAP, body_content, schema
from connectors.http import Reply, exchange, refuse_failure

XML_TYPES = frozenset({"text/xml", "application/xml"})
FAULT = f"{{{SOAP}}}Fault"


@dataclass(frozen=True, slots=True)
class SoapReply:
    """An answer in the words zeep reads."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes
    encoding: str = "utf-8"


class LedgerTransport:
    """zeep's transport for one delivery. `answered` is the body of the last answer."""

    def __init__(self, options: LedgerSettings) -> None:
        self._options = options
        self.answered = b""

    def post_xml(self, address: str, envelope: etree._Element, headers: Mapping[str, str]) -> SoapReply:
        """Post the envelope to the endpoint's URL; a fault or an answer as the schema wants it, a Failure otherwise."""
        reply = exchange(self._options, etree.tostring(envelope, encoding="utf-8", xml_declaration=True), headers)
        self.answered = reply.body
        if not _is_sound(reply):
            refuse_failure(reply)
            raise OutcomeUnknown(f"HTTP {reply.status} with something else than a whole answer of the ledger")
        return SoapReply(reply.status, {"Content-Type": "text/xml"}, reply.body)


def _is_sound(reply: Reply) -> bool:
    """A fault comes with 500, an answer with 200 (SOAP 1.1, 6.2); some services send faults with 200."""
    if reply.media_type not in XML_TYPES or not reply.complete or reply.status not in (200, 500):
        return False
    content = body_content(reply.body)
    if content is None or content.tag == FAULT:
        return content is not None
    return reply.status == 200 and schema().validate(content)
