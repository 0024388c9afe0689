"""Pushes that arrive as a form field or bare, as the platform's console was told: the text of the field, or the body itself."""

from canonical.failures import Malformed
from canonical.problems import Problem
from mappings.codecs import form
from mappings.codecs.base import Path

BARE = (b"{", b"<", b"[")


def pushed(body: bytes, field: str) -> tuple[bytes, Path]:
    """The document of a push and its way in: that of the form's field, else the body. Malformed for a form without the field."""
    if body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(BARE):
        return body, ()
    value = form.parsed(body).get(field)
    if not value:
        raise Malformed([Problem("E_FORM", field, f"expected the field {field} in the form")])
    return value.encode(), (field,)
