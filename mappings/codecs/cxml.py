"""cXML documents (1.2): the tree of the XML codec, without the secrets of the header and without card numbers.

The request in it (OrderRequest, ...) is the name of the document. The DTD a document names is neither fetched nor needed; any other
document type declaration is refused. Catalogues, quotes, punch-out messages and answers are refused by their name.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from lxml import etree

from canonical.failures import Malformed
from canonical.problems import Problem, shown
from canonical.prolog import without_cxml_doctype
from mappings.codecs import xml
from mappings.codecs.base import Source
from mappings.codecs.ordering import in_order
from mappings.codecs.rows_values import number
from mappings.reading import part, rows

DOCUMENTS = ("OrderRequest", "ConfirmationRequest", "ShipNoticeRequest", "InvoiceDetailRequest")
ENVELOPES = ("Request", "Message", "Response")
DOCTYPE = '<!DOCTYPE cXML SYSTEM "http://xml.cxml.org/schemas/cXML/1.2.050/{}.dtd">'
DTDS = {
    "ConfirmationRequest": "Fulfill",
    "ShipNoticeRequest": "Fulfill",
}
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"

ORDER: Mapping[str, tuple[str, ...]] = {
    "cXML": ("Header", "Request"),
    "Header": ("From", "To", "Sender"),
    "Sender": ("Credential", "UserAgent"),
    "Credential": ("Identity", "SharedSecret"),
    "ConfirmationRequest": ("ConfirmationHeader", "OrderReference", "ConfirmationItem"),
    "ConfirmationItem": ("UnitOfMeasure", "ConfirmationStatus"),
    "ConfirmationStatus": ("UnitOfMeasure", "ItemIn", "UnitPrice", "Comments"),
    "ShipNoticeRequest": ("ShipNoticeHeader", "ShipControl", "ShipNoticePortion"),
    "ShipNoticeHeader": ("TermsOfDelivery", "Contact", "Comments", "IdReference", "Extrinsic"),
    "Contact": ("Name", "PostalAddress", "Email", "Phone"),
    "PostalAddress": ("DeliverTo", "Street", "City", "State", "PostalCode", "Country"),
    "ShipControl": ("CarrierIdentifier", "ShipmentIdentifier"),
    "ShipNoticePortion": ("OrderReference", "ShipNoticeItem"),
    "ShipNoticeItem": ("ItemID", "UnitOfMeasure", "Packaging", "Batch", "AssetInfo", "Extrinsic"),
    "ItemID": ("SupplierPartID", "BuyerPartID", "IdReference"),
    "Packaging": ("PackagingCode", "ShippingContainerSerialCode"),
}
"""The children of the elements that are written, as the DTD wants them. An OrderReference has to name the payload id of the order,
which may be empty (cXML Reference Guide, OrderReference)."""


class Cxml:
    """Reads and writes one document; `cXML` is the single key of the tree."""

    def read(self, body: bytes) -> Iterator[Source]:
        """One source. Malformed when it is no well-formed XML, or no request that is read."""
        tree = xml.tree_of(xml.parsed(without_cxml_doctype(body)))
        ((root, content),) = tree.items()
        name = _request(root, content)
        _forget_secrets(content)
        _write_plainly(content)
        yield Source(tree, xml.locate, document=name)

    def write(self, tree: Any) -> bytes:
        """The document in UTF-8 with the DTD it follows."""
        content = tree["cXML"]
        root = etree.Element("cXML")
        _fill(root, content)
        name = next(name for name in content["Request"] if not name.startswith("@"))
        return etree.tostring(root, xml_declaration=True, encoding="UTF-8", doctype=DOCTYPE.format(DTDS[name]))


def _request(root: str, content: Any) -> str:
    """The name of the request; Malformed with what stands there instead."""
    if root != "cXML":
        raise _refused(f"/{root}", "expected a cXML document", None)
    holder = next((name for name in ENVELOPES if name in part(content)), None)
    inside = part(part(content).get(holder or ""))
    name = next((name for name in inside if not name.startswith(("@", "#"))), "")
    expected = f"expected a Request with one of {', '.join(DOCUMENTS)}"
    if holder == "Request" and name in DOCUMENTS:
        return name
    if holder == "Response":
        status = part(inside.get("Status"))
        raise _refused(
            "/cXML/Response", f"{expected}, not an answer", f"{status.get('@code', '')} {status.get('@text', '')}".strip()
        )
    raise _refused(f"/cXML/{holder}/{name}" if holder else "/cXML", expected, None)


def _refused(path: str, expected: str, value: str | None) -> Malformed:
    return Malformed([Problem("E_DOCUMENT", path.rstrip("/"), expected, shown(value or None))])


def _forget_secrets(node: Any) -> None:
    """Take shared secrets and card numbers out of the tree."""
    for one in node if isinstance(node, list) else [node]:
        if isinstance(one, dict):
            one.pop("SharedSecret", None)
            if isinstance(one.get("PCard"), dict):
                one["PCard"].pop("@number", None)
            for child in one.values():
                _forget_secrets(child)


def _write_plainly(node: Any) -> None:
    """Amounts that mean one number only, whichever mark sets their thousands apart, as plain numbers: `1,093.50`, not `1,093`."""
    for one in node if isinstance(node, list) else [node]:
        for money in rows(one.get("Money")) if isinstance(one, dict) else ():
            text = money.get("#text") if isinstance(money, dict) else None
            if text and "," in text and (plain := number(text, "")) is not None:
                money["#text"] = f"{plain:f}"
        for child in one.values() if isinstance(one, dict) else ():
            _write_plainly(child)


def _fill(element: Any, content: Any) -> None:
    if not isinstance(content, dict):
        element.text = str(content)
        return
    if element.tag == "OrderReference":
        content = {**content, "DocumentReference": {"@payloadID": ""}}
    for name, value in in_order(content, ORDER.get(element.tag, ())):
        if name == "#text":
            element.text = str(value)
        elif name.startswith("@"):
            element.set(LANGUAGE if name == "@lang" else name[1:], str(value))
        else:
            for one in value if isinstance(value, list) else [value]:
                _fill(etree.SubElement(element, name), one)
