"""The one document type declaration that is let into the hub: a cXML document names its DTD, which nobody fetches."""

import re

CXML = re.compile(
    rb"""<!DOCTYPE\s+cXML\s+(?:SYSTEM|PUBLIC\s+"[^"<>\[\]&%]*")\s+"https?://xml\.cxml\.org/[A-Za-z0-9./_-]+\.dtd"\s*>""",
    re.IGNORECASE,
)
WITHIN = 4096
"""How far from its beginning a document may declare its type."""


def without_cxml_doctype(content: bytes) -> bytes:
    """The content with a declaration that names a DTD of cxml.org and has no internal subset blanked out, lines kept; any other
    declaration stays and is refused by whoever parses strictly."""
    found = CXML.search(content, 0, WITHIN)
    if found is None or not _is_prolog(content[: found.start()]):
        return content
    blank = re.sub(rb"[^\r\n]", b" ", found[0])
    return content[: found.start()] + blank + content[found.end() :]


def _is_prolog(before: bytes) -> bool:
    """Whether only an XML declaration, comments and blanks stand before it."""
    left = re.sub(rb"<!--(?:(?!--).)*-->|<\?[^<>]*\?>", b"", before.removeprefix(b"\xef\xbb\xbf"), flags=re.DOTALL)
    return not left.strip()
