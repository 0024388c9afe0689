"""UBL 2 documents (OASIS 2.0 to 2.3, Peppol BIS 3): elements by local name, told apart by namespace and never by prefix.

The tree of a document is that of the XML codec, with two differences: what stands in other namespaces than UBL's own is left out,
as are extensions and signatures; and an embedded attachment is its size and SHA-256 under "@bytes" and "@sha256", not its content.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterator
from typing import Any

from lxml import etree

from canonical.failures import Malformed
from canonical.problems import Problem, shown
from mappings.codecs import xml
from mappings.codecs.base import Source
from mappings.codecs.ordering import in_order
from mappings.codecs.ubl_order import ORDER

FAMILY = "urn:oasis:names:specification:ubl:schema:xsd:"
BASIC, AGGREGATE = f"{FAMILY}CommonBasicComponents-2", f"{FAMILY}CommonAggregateComponents-2"
DOCUMENTS = (
    "Order", "OrderChange", "OrderCancellation", "OrderResponse", "OrderResponseSimple", "DespatchAdvice", "Invoice", "CreditNote",
    "ApplicationResponse",
)  # fmt: skip
LEFT_OUT = frozenset(("UBLExtensions", "Signature"))
BINARY = "EmbeddedDocumentBinaryObject"


class Ubl:
    """Reads and writes one document; its root element is the single key of the tree and the name of the document."""

    def read(self, body: bytes) -> Iterator[Source]:
        """One source. Malformed when it is no well-formed XML, or none of the documents that are read."""
        root = xml.parsed(body)
        name = document_name(root.tag)
        yield Source({name: _content(root)}, xml.locate, document=name)

    def write(self, tree: Any) -> bytes:
        """The document in UTF-8, every element where the schema wants it."""
        ((name, content),) = tree.items()
        namespaces: Any = {None: f"{FAMILY}{name}-2", "cac": AGGREGATE, "cbc": BASIC}
        root = etree.Element(f"{{{FAMILY}{name}-2}}{name}", nsmap=namespaces)
        _fill(root, name, content)
        return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def document_name(tag: str) -> str:
    """The document of a root element's qualified name; Malformed for any other than `DOCUMENTS`."""
    qualified = etree.QName(tag)
    if qualified.localname in DOCUMENTS and qualified.namespace == f"{FAMILY}{qualified.localname}-2":
        return qualified.localname
    expected = f"expected a document of UBL 2, one of {', '.join(DOCUMENTS)}, in its namespace"
    raise Malformed([Problem("E_DOCUMENT", f"/{qualified.localname}", expected, shown(qualified.namespace))])


def _content(element: Any) -> Any:
    node: dict[str, Any] = {f"@{name}": value for name, value in element.attrib.items() if not name.startswith("{")}
    if etree.QName(element).localname == BINARY:
        return {**node, **_fingerprint(element.text or "")}
    for child in element:
        qualified = etree.QName(child)
        if qualified.namespace in (BASIC, AGGREGATE) and qualified.localname not in LEFT_OUT:
            xml.add(node, qualified.localname, _content(child))
    text = (element.text or "").strip()
    if not node:
        return text
    if text:
        node["#text"] = text
    return node


def _fingerprint(text: str) -> dict[str, Any]:
    try:
        content = base64.b64decode(text)
    except (binascii.Error, ValueError):
        content = text.encode()
    return {"@bytes": str(len(content)), "@sha256": hashlib.sha256(content).hexdigest()}


def _fill(element: Any, kind: str, content: Any) -> None:
    """Attributes, text and children of an element; those without children of their own are basic components."""
    if not isinstance(content, dict):
        element.text = str(content)
        return
    for name, value in in_order(content, ORDER.get(kind, ())):
        if name == "#text":
            element.text = str(value)
        elif name.startswith("@"):
            element.set(name[1:], str(value))
        else:
            for one in value if isinstance(value, list) else [value]:
                aggregate = isinstance(one, dict) and any(not key.startswith(("@", "#")) for key in one)
                _fill(etree.SubElement(element, f"{{{AGGREGATE if aggregate else BASIC}}}{name}"), name, one)
