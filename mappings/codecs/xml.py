"""The XML codec: hostile input refused first, then elements as dicts by local name.

No document type, no entities, nothing fetched, nothing recovered; the limits hold before a tree is made. Namespaces are dropped
(prefixes vary from sender to sender), but the root keeps its own under "@xmlns": it tells the version of the document.
"""

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from canonical.failures import Malformed
from canonical.problems import Problem, shown
from mappings.codecs.base import Path, Source

MOST_BYTES = 16 * 1024 * 1024
MOST_DEPTH = 64
MOST_ELEMENTS = 500_000
MOST_ATTRIBUTES = 64
"""Attributes of one element."""
MOST_TAG_BYTES = 32_768
LONG_TAG = re.compile(rb"<[^!?<>][^<>]{%d}" % MOST_TAG_BYTES)
SCHEMA_INSTANCE = "{http://www.w3.org/2001/XMLSchema-instance}"
DOCTYPE = re.compile(rb"<!\s*(?:\x00)?D\x00?O\x00?C\x00?T\x00?Y\x00?P\x00?E|<\x00!\x00D\x00O\x00C\x00T\x00Y\x00P\x00E")


class Xml:
    """Reads XML documents. An element with attributes or children becomes a dict: attributes under "@name", text under
    "#text", children under their local names (a list where a name repeats); any other element is its text, trimmed."""

    def read(self, body: bytes) -> Iterator[Source]:
        """One source, the root element its single key. Malformed with line and column when it is no well-formed XML,
        declares a document type or goes beyond the limits."""
        root = parsed(body)
        yield Source(tree_of(root), locate)

    def write(self, tree: Any) -> bytes:
        """The document of a tree as `read` makes it, in UTF-8; the namespace of the root is its "@xmlns"."""
        ((name, content),) = tree.items()
        namespace = content.get("@xmlns") if isinstance(content, dict) else None
        return etree.tostring(_element(name, content, namespace), xml_declaration=True, encoding="UTF-8")


def parsed(body: bytes) -> Any:
    """The root element of a document that passed every check; raises Malformed as `Xml.read` says."""
    _check_bytes(body)
    try:
        root = etree.fromstring(body, _parser())
    except etree.XMLSyntaxError as error:
        line, column = error.position
        if DOCTYPE.search(body):
            raise _refused("E_XML_DOCTYPE", f"line {line}, column {column}", "expected no document type declaration") from error
        reason = error.msg.rsplit(", line ", 1)[0].strip()
        raise _refused("E_XML_SYNTAX", f"line {line}, column {column}", f"expected well-formed XML: {reason}") from error
    if root.getroottree().docinfo.doctype or root.getroottree().docinfo.internalDTD is not None:
        raise _refused("E_XML_DOCTYPE", "line 1, column 1", "expected no document type declaration")
    _check_limits(root)
    return root


def _parser() -> Any:
    """A parser of its own for every document: lxml's parsers keep state between documents."""
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, attribute_defaults=False,
        huge_tree=False, recover=False, remove_pis=True, remove_comments=True,
    )  # fmt: skip


def _check_bytes(body: bytes) -> None:
    """What would take the parser long is refused before it begins."""
    if len(body) > MOST_BYTES:
        raise _refused("E_XML_LIMIT", "line 1, column 1", f"expected at most {MOST_BYTES} bytes", str(len(body)))
    if body.count(b"<") - body.count(b"</") > MOST_ELEMENTS:
        raise _refused("E_XML_LIMIT", "line 1, column 1", f"expected at most {MOST_ELEMENTS} elements")
    if tag := LONG_TAG.search(body):
        line = body.count(b"\n", 0, tag.start()) + 1
        raise _refused("E_XML_LIMIT", f"line {line}", f"expected tags of at most {MOST_TAG_BYTES} bytes")


def _check_limits(root: Any) -> None:
    depth = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if event == "end":
            continue
        where = f"line {element.sourceline}"
        if depth > MOST_DEPTH:
            raise _refused("E_XML_LIMIT", where, f"expected elements nested at most {MOST_DEPTH} deep")
        if len(element.attrib) > MOST_ATTRIBUTES:
            raise _refused("E_XML_LIMIT", where, f"expected at most {MOST_ATTRIBUTES} attributes on an element")


def _refused(code: str, path: str, message: str, value: str | None = None) -> Malformed:
    return Malformed([Problem(code, path, message, shown(value))])


def tree_of(root: Any) -> dict[str, Any]:
    """The document as a tree with the root element as its single key."""
    qualified = etree.QName(root)
    content = _content(root)
    if qualified.namespace is not None and isinstance(content, dict):
        content = {"@xmlns": qualified.namespace, **content}
    return {qualified.localname: content}


def _content(element: Any) -> Any:
    node: dict[str, Any] = {
        f"@{_local(name)}": value for name, value in element.attrib.items() if not name.startswith(SCHEMA_INSTANCE)
    }
    texts = [element.text or ""]
    for child in element:
        add(node, _local(child.tag), _content(child))
        texts.append(child.tail or "")
    text = "".join(texts).strip()
    if not node:
        return text
    if text:
        node["#text"] = text
    return node


def add(node: dict[str, Any], name: str, content: Any) -> None:
    """Put a child in; the second of a name makes a list. No content is a list itself, so a list is always ours."""
    if name not in node:
        node[name] = content
    elif isinstance(node[name], list):
        node[name].append(content)
    else:
        node[name] = [node[name], content]


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def locate(path: Path) -> str:
    """The path as XPath without namespaces, counting from 1: `/Document/Stmt/Ntry[2]/Amt/@Ccy`; text is its element."""
    steps = [f"[{step + 1}]" if isinstance(step, int) else f"/{step}" for step in path if step != "#text"]
    return "".join(steps) or "/"


def _element(name: str, content: Any, namespace: str | None) -> Any:
    namespaces: Any = {None: namespace} if namespace else None
    element = etree.Element(f"{{{namespace}}}{name}" if namespace else name, nsmap=namespaces)
    if not isinstance(content, dict):
        element.text = str(content)
        return element
    for key, value in content.items():
        if key == "#text":
            element.text = str(value)
        elif key.startswith("@"):
            if key != "@xmlns":
                element.set(key[1:], str(value))
        else:
            element.extend(_element(key, one, namespace) for one in (value if isinstance(value, list) else [value]))
    return element
