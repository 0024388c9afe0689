"""Form bodies (application/x-www-form-urlencoded) that a stranger sent."""

from urllib.parse import parse_qsl

from canonical.failures import Malformed
from canonical.problems import Problem

MOST_FIELDS = 50


def form_fields(body: bytes) -> dict[str, str]:
    """The fields of a form in UTF-8; Malformed for what is none, or names a field twice."""
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:
        raise Malformed([Problem("E_FORM", "$", "expected a form of name=value pairs in UTF-8")]) from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise Malformed([Problem("E_FORM", "$", "expected every field once")])
    return fields
