"""The JSON codec: strict (RFC 8259 and I-JSON, RFC 7493), exact, and with one answer to every odd document.

UTF-8 without byte order mark; every name once per object; numbers exact (int or Decimal, at most 100 characters and 100 digits
written out); at most 64 levels; text without NUL and without half surrogate pairs.

msgspec reads a document in less than half the time of the standard library, but lets repeated names and any depth pass. Both
are found by writing the value again with orjson, at C speed, inside of so many lists that it refuses one level more than allowed.
What was overwritten by another of its name is then missing: nothing is written longer than it was read, so there is less text, or,
where the document has blanks and escapes that get lost too, there are fewer quotation marks. What cannot be judged so, and what
is refused, goes the slow way: the standard library with hooks, and `json_faults` to say what is wrong and where.
"""

import json
import re
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from typing import Any

import msgspec
import orjson

from canonical.failures import Malformed
from mappings.codecs.base import Path, Source
from mappings.codecs.json_faults import LONGEST_NUMBER, MOST_DEPTH, WIDEST_EXPONENT, first_fault, refused

ESCAPES_TO_LOOK_AT = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
"""Escapes that may stand for NUL or half a surrogate pair; `json_faults` knows which do."""
ESCAPES_UNSURE = re.compile(rb"\\u(?:00(?:00|22)|[dD][89a-fA-F])")
"""The same, and the quotation mark, which would be counted wrongly."""
LARGEST_NATIVE_INT = 2**63
UNSURE = object()
PLACE = object()
"""Where in the shell a document is put."""


def _written_shell(shell: Any) -> bytes:
    return orjson.dumps(shell, default=lambda _: 0)


def _shell() -> Any:
    """Lists around PLACE, so many that orjson writes MOST_DEPTH levels in them and refuses one more."""
    shells: list[Any] = [PLACE]
    try:
        while _written_shell(shells[-1]):
            shells.append([shells[-1]])
    except TypeError:
        return shells[-2 - MOST_DEPTH]


SHELL = _shell()
LENGTH_OF_SHELL = len(_written_shell(SHELL)) - 1


class Json:
    """Reads and writes JSON documents."""

    def read(self, body: bytes) -> Iterable[Source]:
        """One source. Malformed with path, line, column and offset when the bytes are not strict JSON."""
        return (Source(parsed(body), locate),)

    def write(self, tree: Any) -> bytes:
        """Compact JSON in UTF-8; Decimals as exact numbers, dates and instants as RFC 3339 text."""
        return written(tree)


def parsed(body: bytes) -> Any:
    """The value of a JSON document: dict, list, text, int, Decimal, bool or None. Malformed as `Json.read` says."""
    tree = _quickly(body)
    return _carefully(body) if tree is UNSURE else tree


def _quickly(body: bytes) -> Any:
    """The value of a document that certainly keeps every rule, else UNSURE."""
    if b"\\" in body and ESCAPES_UNSURE.search(body):  # looking for one byte is ten times as fast as for two
        return UNSURE
    try:
        tree = QUICK.decode(body)
        again = orjson.dumps(SHELL, default=lambda value: tree if value is PLACE else orjson.Fragment(str(value)))
    except (ValueError, TypeError, msgspec.DecodeError, RecursionError):
        return UNSURE
    is_whole = len(again) == len(body) + LENGTH_OF_SHELL or again.count(b'"') == body.count(b'"')
    return tree if is_whole else UNSURE


def _carefully(body: bytes) -> Any:
    try:
        text = body.decode()
        tree = DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        raise refused(body, str(error)) from None
    suspicious = ESCAPES_TO_LOOK_AT.search(body) or _depth(tree) > MOST_DEPTH
    fault = first_fault(body) if suspicious else None
    if fault is not None:
        raise Malformed([fault])
    return tree


def _depth(tree: Any) -> int:
    """How many levels of objects and lists there are."""
    depth, level = 0, [tree]
    while level := [node for node in level if node.__class__ is dict or node.__class__ is list]:
        depth += 1
        level = [inner for node in level for inner in (node.values() if node.__class__ is dict else node)]
    return depth


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("duplicate key")
    return found


def _decimal(literal: str) -> Decimal:
    number = Decimal(literal)
    if len(literal) > LONGEST_NUMBER or abs(number.adjusted()) > WIDEST_EXPONENT:
        raise ValueError("number")
    if not number:
        return abs(number)
    return Decimal(f"{number:f}") if "e" in literal or "E" in literal else number


@lru_cache(maxsize=8192)
def _shortly(literal: str) -> Decimal:
    """A number that is not longer when it is written again, as one with an exponent may be."""
    if "e" in literal or "E" in literal:
        raise ValueError("exponent")
    return _decimal(literal)


def _int(literal: str) -> int:
    if len(literal) > LONGEST_NUMBER:
        raise ValueError("number")
    return int(literal)


def _no_number(literal: str) -> Any:
    raise ValueError(literal)


DECODER = json.JSONDecoder(object_pairs_hook=_once, parse_float=_decimal, parse_int=_int, parse_constant=_no_number)
QUICK = msgspec.json.Decoder(float_hook=_shortly)


def locate(path: Path) -> str:
    """A path as people write it in JavaScript: `line_items[0].price`; the document itself is `$`."""
    steps = [f"[{step}]" if isinstance(step, int) else f".{step}" for step in path]
    return "".join(steps).removeprefix(".") or "$"


def written(tree: Any) -> bytes:
    try:
        return orjson.dumps(tree, default=_written)
    except TypeError:
        return orjson.dumps(_with_large_ints(tree), default=_written)


def _written(value: Any) -> Any:
    if isinstance(value, Decimal):
        return orjson.Fragment(f"{value:f}")
    raise TypeError(f"{type(value).__name__} is no JSON value")


def _with_large_ints(tree: Any) -> Any:
    """The tree with integers beyond 64 bits as literals, which orjson does not write itself."""
    if isinstance(tree, dict):
        return {key: _with_large_ints(value) for key, value in tree.items()}
    if isinstance(tree, list | tuple):
        return [_with_large_ints(value) for value in tree]
    large = isinstance(tree, int) and not -LARGEST_NATIVE_INT <= tree < LARGEST_NATIVE_INT
    return orjson.Fragment(str(tree)) if large else tree
