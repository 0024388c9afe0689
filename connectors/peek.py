"""A strict look at a JSON body: as much as it takes to tell which document it is. Never trusts, never crashes."""

import json
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any, NoReturn

from canonical.failures import Malformed
from canonical.problems import Problem
from canonical.problems import shown as cut

ERROR_WORDS = ("message", "detail", "title", "code")
"""What an error is told by, the most telling first."""
DELIVERY_ID = re.compile(r"[!-~]{1,255}")


def json_object(body: bytes) -> dict[str, Any]:
    """The top-level object of a JSON body; Malformed where it is none, is cut off, or says a name twice, with the codes that
    the mappings' reader has for it."""
    try:
        value = json.loads(body.decode("utf-8"), object_pairs_hook=_named_once, parse_constant=_no_number)
    except UnicodeDecodeError as error:
        raise _malformed("E_JSON_ENCODING", f"expected UTF-8, byte {error.start} is not") from None
    except json.JSONDecodeError as error:
        raise _malformed("E_JSON", f"expected JSON, line {error.lineno} column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise _malformed("E_JSON_DEPTH", "expected JSON that is not nested that deep") from None
    except ValueError as error:
        raise _malformed("E_JSON_NUMBER", f"expected JSON: {error}") from None
    if not isinstance(value, dict):
        raise _malformed("E_JSON", "expected a JSON object", value)
    return value


def text_at(tree: dict[str, Any], name: str) -> str:
    """The text a top-level name has; Malformed where it has none or something else."""
    value = tree.get(name)
    if not isinstance(value, str) or value == "":
        raise Malformed([Problem("E_REQUIRED", name, "expected a text", shown(value))])
    return value


def refuse_error(tree: dict[str, Any], name: str) -> None:
    """Malformed where a top-level name holds the error an API answered with instead of a document."""
    error = tree.get(name)
    if not error:
        return
    first = error[0] if isinstance(error, list) else error
    told = next((first[key] for key in ERROR_WORDS if first.get(key)), None) if isinstance(first, dict) else first
    raise Malformed([Problem("E_DOCUMENT", name, "expected a document, not an error", shown(told))])


def is_xml(body: bytes) -> bool:
    """Whether a body begins like XML rather than JSON or a form."""
    return body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def one_of_names(tree: dict[str, Any], documents: Mapping[str, str]) -> str:
    """The document of the first of these top-level names that stands in the tree; Malformed where none does."""
    for name, document in documents.items():
        if name in tree:
            return document
    raise Malformed([Problem("E_DOCUMENT", "$", f"expected an object with one of {', '.join(documents)}")])


def one_of(document: str, known: tuple[str, ...], path: str) -> str:
    """The document's name; Malformed where this connector does not know it. `path` says where it was read."""
    if document not in known:
        raise Malformed([Problem("E_DOCUMENT", path, f"expected one of {', '.join(known)}", shown(document))])
    return document


def delivery_id(value: str, path: str) -> str:
    """An id that can be kept; Malformed for one that is too long or not printable ASCII."""
    if not DELIVERY_ID.fullmatch(value):
        raise Malformed([Problem("E_DELIVERY_ID", path, "expected up to 255 printable ASCII characters", shown(value))])
    return value


def shown(value: object) -> str | None:
    """A value as a problem shows it, whatever a stranger has put there: one line of text, none for lists and objects."""
    if not isinstance(value, str | int | float):
        return None
    text = str(value)
    return cut(text if text.isprintable() else ascii(text)[1:-1])


def _named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    tree = dict(pairs)
    if len(tree) < len(pairs):
        twice = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
        raise _malformed("E_JSON_DUPLICATE_KEY", "expected every name once in an object", twice)
    return tree


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a number in JSON")


def _malformed(code: str, expected: str, value: Any = None) -> Malformed:
    return Malformed([Problem(code, "$", expected, shown(value))])
