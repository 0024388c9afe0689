"""SOAP as it stands on the wire: its names, its envelopes, and the WSDLs that are shipped."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from lxml import etree

from canonical.failures import Malformed
from connectors.peek_xml import xml_root

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
FAULT = f"{{{SOAP}}}Fault"


@dataclass(frozen=True)
class Wsdl:
    """A WSDL as shipped: read from its one file once per process, never from a partner at run time."""

    path: Path
    binding: str

    @cached_property
    def schema(self) -> etree.XMLSchema:
        """The schema of everything in a SOAP body of this service."""
        found = xml_root(self.path.read_bytes()).find(".//{http://www.w3.org/2001/XMLSchema}schema")
        assert found is not None
        return etree.XMLSchema(found)


def body_content(content: bytes, namespace: str = SOAP) -> etree._Element | None:
    """The one element in the one Body of an envelope, of SOAP 1.1 where nothing else is said; None where it is anything else."""
    try:
        envelope = xml_root(content)
    except Malformed:
        return None
    bodies = envelope.findall(f"{{{namespace}}}Body")
    if envelope.tag != f"{{{namespace}}}Envelope" or len(bodies) != 1 or len(bodies[0]) != 1:
        return None
    return bodies[0][0]


def content_of(body: bytes) -> etree._Element | None:
    """The one element in an envelope of either version; None where it is none."""
    found = body_content(body)
    return body_content(body, SOAP_12) if found is None else found
