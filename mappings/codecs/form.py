"""The form codec: one document as `application/x-www-form-urlencoded`, in the charset that the form itself names.

A JSON object is read as the same parameters already taken apart, as the platforms' own libraries log and hand them on.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode

from canonical.failures import Malformed
from canonical.problems import Problem, shown
from mappings.codecs import json
from mappings.codecs.base import Source

MOST_FIELDS = 1000
CHARSETS = {"utf-8": "utf-8", "utf8": "utf-8", "gbk": "gb18030", "gb2312": "gb18030", "gb18030": "gb18030"}
"""GB18030 contains the two older ones."""


class Form:
    """Reads and writes forms; a tree is one level of names and texts."""

    def read(self, body: bytes) -> Iterator[Source]:
        """One source. Malformed for a name that stands twice, an unknown charset, or bytes that are not of it."""
        yield Source(parsed(body), json.locate)

    def write(self, tree: Any) -> bytes:
        return urlencode(tree).encode()


def parsed(body: bytes) -> dict[str, Any]:
    """The parameters; in between each byte is one character of Latin-1, for the charset stands among them."""
    if body.lstrip()[:1] == b"{":
        fields: dict[str, Any] = json.parsed(body)
        return fields
    try:
        pairs = parse_qsl(
            body.decode("latin-1"), keep_blank_values=True, strict_parsing=True, encoding="latin-1", max_num_fields=MOST_FIELDS
        )
    except ValueError:
        raise _malformed("E_FORM", "$", f"expected a form of name=value pairs, at most {MOST_FIELDS}") from None
    twice = [name for name, count in Counter(name for name, _ in pairs).items() if count > 1]
    if twice:
        raise _malformed("E_FORM", "$", "expected each name once", shown(ascii(twice[0])))
    named = dict(pairs).get("charset", "utf-8")
    charset = CHARSETS.get(named.lower())
    if charset is None:
        raise _malformed("E_FORM_CHARSET", "charset", "expected UTF-8, GBK, GB2312 or GB18030", shown(ascii(named)))
    return {_text(name, name, charset): _text(value, name, charset) for name, value in pairs}


def _text(value: str, name: str, charset: str) -> str:
    try:
        text = value.encode("latin-1").decode(charset)
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise _malformed("E_FORM_CHARSET", ascii(name)[1:-1], "expected text in the charset the form names")
    return text


def _malformed(code: str, path: str, expected: str, value: str | None = None) -> Malformed:
    return Malformed([Problem(code, path, expected, value)])
