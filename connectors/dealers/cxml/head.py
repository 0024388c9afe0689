"""The header of a cXML document, read without the rest, and its shared secrets, found and masked in the bytes."""

import re
from dataclasses import dataclass

from lxml import etree

from canonical.failures import Malformed
from canonical.prolog import without_cxml_doctype
from connectors.peek_xml import xml_root

LONGEST_HEAD = 64 * 1024
HEAD_END = re.compile(rb"</Header\s*>")
ENCODING = re.compile(rb"""^(?:\xef\xbb\xbf)?<\?xml[^<>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
ASCII_LIKE = re.compile(rb"utf-?8|us-ascii|iso-8859-[0-9]{1,2}|windows-125[0-9]", re.IGNORECASE)
SECRET = re.compile(rb"(<SharedSecret(?:\s[^<>]*)?>)[^<]*(</SharedSecret\s*>)")
CARD = re.compile(rb"""(<PCard\s(?:[^<>]*?\s)?number\s*=\s*)(?:"[^"<]*"|'[^'<]*')""")
MASKED = b"(secret)"


@dataclass(frozen=True, slots=True)
class Head:
    """identities and secrets of the header's Sender, in the order of its credentials."""

    identities: tuple[str, ...]
    secrets: tuple[str, ...]


def head_of(body: bytes) -> Head | None:
    """The header; None where there is none within 64 KiB, or where its secrets could not be masked for certain: in an encoding
    that is not like ASCII, or in another form than plain text."""
    content = without_cxml_doctype(body)
    end = HEAD_END.search(content, 0, LONGEST_HEAD)
    if end is None or not _is_ascii_like(content):
        return None
    start = content[: end.end()]
    if start.count(b"SharedSecret") != 2 * len(SECRET.findall(start)):
        return None
    try:
        sender = xml_root(start + b"</cXML>").find("Header/Sender")
    except Malformed:
        return None
    return None if sender is None else Head(_texts(sender, "Identity"), _texts(sender, "SharedSecret"))


def _is_ascii_like(content: bytes) -> bool:
    declared = ENCODING.match(content)
    return b"\x00" not in content[:LONGEST_HEAD] and (declared is None or ASCII_LIKE.fullmatch(declared[1]) is not None)


def _texts(sender: etree._Element, name: str) -> tuple[str, ...]:
    return tuple("".join(str(text) for text in one.itertext()).strip() for one in sender.findall(f"Credential/{name}"))


def masked(body: bytes) -> bytes:
    """The document with every shared secret and card number masked; otherwise byte for byte as it came."""
    without = SECRET.sub(rb"\g<1>" + MASKED + rb"\g<2>", body)
    return CARD.sub(rb'\g<1>"' + MASKED + b'"', without)
