"""A strict look at XML that a stranger sent: no entities, no DOCTYPE, nothing fetched."""

from collections.abc import Iterable
from typing import Any

from lxml import etree

from canonical.failures import Malformed
from canonical.problems import Problem

STRICT: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "dtd_validation": False,
    "attribute_defaults": False,
    "huge_tree": False,
    "recover": False,
    "remove_pis": True,
    "remove_comments": True,
}
"""What a parser of lxml is made with. It still accepts a DOCTYPE, so that is looked for afterwards."""

LONGEST_HEAD = 64 * 1024
CHUNK = 1024


def xml_root(content: bytes) -> etree._Element:
    """The root of a whole document; Malformed for what is no XML or has a DOCTYPE."""
    try:
        return _without_doctype(etree.fromstring(content, etree.XMLParser(**STRICT)))
    except etree.XMLSyntaxError as error:
        raise _malformed("E_XML_SYNTAX", f"expected XML, {error.msg}") from None


def xml_start(content: bytes) -> etree._Element:
    """The root as far as its start tag, nothing after it is read; Malformed also without one in the first 64 KiB."""
    parser = etree.XMLPullParser(events=("start",), **STRICT)
    head = content[:LONGEST_HEAD]
    try:
        for at in range(0, len(head), CHUNK):
            parser.feed(head[at : at + CHUNK])
            for root in _elements(parser.read_events()):
                return _without_doctype(root)
    except etree.XMLSyntaxError as error:
        raise _malformed("E_XML_SYNTAX", f"expected XML, {error.msg}") from None
    raise _malformed("E_XML_SYNTAX", "expected an XML element within the first 64 KiB")


def local_name(element: etree._Element) -> str:
    """The name of an element without its namespace."""
    return etree.QName(element).localname


def _elements(events: Iterable[tuple[str, object]]) -> Iterable[etree._Element]:
    return (element for _, element in events if isinstance(element, etree._Element))


def _without_doctype(root: etree._Element) -> etree._Element:
    if root.getroottree().docinfo.doctype:  # type: ignore[attr-defined]
        raise _malformed("E_XML_DOCTYPE", "expected no DOCTYPE")
    return root


def _malformed(code: str, expected: str) -> Malformed:
    return Malformed([Problem(code, "/", expected)])
