"""The ledger's WSDL as shipped: read from this folder once per process, never from the ledger at run time."""

from functools import cache
from pathlib import Path

import zeep
from lxml import etree
from zeep.wsdl import Document

from canonical.failures import Malformed, Misconfigured
from connectors.peek_xml import xml_root

PATH = Path(__file__).parent / "ledger.wsdl"
NAMESPACE = "urn:orderlane:ledger:1"
BINDING = f"{{{NAMESPACE}}}LedgerBinding"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"

SETTINGS = zeep.Settings(
    strict=True, forbid_dtd=True, forbid_entities=True, forbid_external=True, xml_huge_tree=False, force_https=True
)


class ShippedFile:
    """What zeep reads the WSDL with: that one file and nothing else."""

    def load(self, location: str) -> bytes:
        if Path(location) != PATH:
            raise Misconfigured(f"the ledger's WSDL refers to {location}; expected everything in the one file")
        return PATH.read_bytes()


@cache
def service_description() -> Document:
    """The parsed WSDL, for zeep clients."""
    return Document(str(PATH), ShippedFile(), settings=SETTINGS)  # type: ignore[arg-type]


@cache
def schema() -> etree.XMLSchema:
    """The schema of everything in a SOAP body of this service."""
    definitions = xml_root(PATH.read_bytes())
    found = definitions.find(".//{http://www.w3.org/2001/XMLSchema}schema")
    assert found is not None
    return etree.XMLSchema(found)


def body_content(content: bytes) -> etree._Element | None:
    """The one element in the one Body of a SOAP 1.1 envelope; None where it is anything else."""
    try:
        envelope = xml_root(content)
    except Malformed:
        return None
    bodies = envelope.findall(f"{{{SOAP}}}Body")
    if envelope.tag != f"{{{SOAP}}}Envelope" or len(bodies) != 1 or len(bodies[0]) != 1:
        return None
    return bodies[0][0]
