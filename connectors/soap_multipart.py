"""SOAP messages in several parts (MTOM, SOAP with attachments): the envelope, with what xop:Include refers to put in as base64.

XML-binary Optimized Packaging (W3C, 2005), multipart/related (RFC 2387). Parts are looked at, never written out; what they refer
to stays within the message.
"""

import base64
import binascii
import quopri
import re
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser
from itertools import pairwise
from urllib.parse import unquote

from lxml import etree

from canonical.failures import Malformed
from canonical.problems import Problem
from connectors.base import RawMessage
from connectors.peek_xml import xml_root

MOST_PARTS = 50
LONGEST_HEAD = 8 * 1024
INCLUDE = "{http://www.w3.org/2004/08/xop/include}Include"
BLANK_LINE = re.compile(rb"(?:^|\r?\n)\r?\n")
FIRST_LINE = re.compile(rb"\s*--([^\r\n]{1,200}?)[ \t]*\r?\n")
XML_TYPES = ("application/xop+xml", "text/xml", "application/soap+xml", "application/xml")


@dataclass(frozen=True, slots=True)
class _Part:
    media_type: str
    content_id: str
    content: bytes


def envelope_of(raw: RawMessage) -> bytes:
    """The envelope of a request, whether it came alone or with attachments; Malformed for parts that are not whole."""
    return envelope_in(raw.body, raw.headers.get("content-type", ""))


def envelope_in(body: bytes, content_type: str) -> bytes:
    """The envelope in a body that came with this header; Malformed for parts that are not whole."""
    if body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return body
    kind = _head(f"content-type: {content_type}\r\n".encode("utf-8", "replace"))
    boundary = kind.get_param("boundary") if kind.get_content_type() == "multipart/related" else None
    first = FIRST_LINE.match(body)
    if not isinstance(boundary, str) or not boundary:
        if first is None:
            return body
        boundary = first[1].decode("latin-1")
    parts = _parts(body, boundary.encode("utf-8", "replace"))
    start = str(kind.get_param("start") or "").strip("<> ")
    root = next((part for part in parts if start and part.content_id == start), parts[0])
    if root.media_type not in XML_TYPES:
        raise _malformed(f"expected an envelope as the root part, not {root.media_type[:100]}")
    return _packed(root.content, {part.content_id: part.content for part in parts if part.content_id})


def _parts(body: bytes, boundary: bytes) -> list[_Part]:
    """Everything between the boundaries up to the closing one."""
    delimiter = re.compile(rb"(?:^|\r?\n)--" + re.escape(boundary) + rb"(--)?[ \t]*(?=\r?\n|$)")
    marks = [mark for _, mark in zip(range(MOST_PARTS + 2), delimiter.finditer(body), strict=False)]
    if len(marks) > MOST_PARTS + 1:
        raise _malformed(f"expected at most {MOST_PARTS} parts")
    if len(marks) < 2 or marks[-1][1] is None:
        raise _malformed("expected parts up to a closing boundary")
    return [_part(body[mark.end() : following.start()]) for mark, following in pairwise(marks)]


def _part(content: bytes) -> _Part:
    content = content.removeprefix(b"\r").removeprefix(b"\n")
    blank = BLANK_LINE.search(content, 0, LONGEST_HEAD)
    if blank is None:
        raise _malformed("expected headers and a blank line in every part")
    head = _head(content[: blank.start()] + b"\r\n")
    content_id = str(head.get("content-id", "")).strip("<> \t")
    encoding = str(head.get("content-transfer-encoding", "binary")).strip().lower()
    return _Part(head.get_content_type(), content_id, _decoded(content[blank.end() :], encoding))


def _head(lines: bytes) -> Message:
    return BytesHeaderParser().parsebytes(lines + b"\r\n")


def _decoded(content: bytes, encoding: str) -> bytes:
    if encoding == "quoted-printable":
        return quopri.decodestring(content)
    if encoding != "base64":
        return content
    try:
        return base64.b64decode(content)
    except binascii.Error:
        raise _malformed("expected base64 in a part that says so") from None


def _packed(envelope: bytes, attached: dict[str, bytes]) -> bytes:
    """The envelope with each xop:Include replaced by the base64 of its part, each part once; as it came where it has none."""
    root = xml_root(envelope)
    includes = list(root.iter(INCLUDE))
    for include in includes:
        holder, name = include.getparent(), unquote(include.get("href", "").removeprefix("cid:"))
        if holder is None or name not in attached or len(holder) != 1:
            raise _malformed(f"expected a part for xop:Include {name[:100]}")
        holder.remove(include)
        holder.text = base64.b64encode(attached.pop(name)).decode()
    return etree.tostring(root, encoding="utf-8", xml_declaration=True) if includes else envelope


def _malformed(expected: str) -> Malformed:
    return Malformed([Problem("E_SOAP_MULTIPART", "/", expected)])
