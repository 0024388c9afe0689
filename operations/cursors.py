"""Cursors: where the next page of a list begins, opaque to whoever carries them."""

import base64
import binascii
from collections.abc import Sequence
from typing import Any

import orjson

from operations.failing import BadCursor


def write(kind: str, *parts: str | int) -> str:
    """The cursor of list `kind` that stands at these sort values."""
    return base64.urlsafe_b64encode(orjson.dumps([kind, *parts])).decode().rstrip("=")


def following(rows: Sequence[Any], limit: int, kind: str, *columns: str) -> str | None:
    """The cursor behind the first `limit` rows of list `kind`, which is sorted by these columns; None where there are no more."""
    return write(kind, *(getattr(rows[limit - 1], column) for column in columns)) if len(rows) > limit else None


def read(cursor: str, kind: str, *types: type[str] | type[int]) -> tuple[Any, ...]:
    """The sort values of a cursor of list `kind`. BadCursor for one of another list or of nobody's making."""
    try:
        parts = orjson.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (ValueError, binascii.Error) as error:
        raise BadCursor("expected a cursor as a page of this list gave it") from error
    if not isinstance(parts, list) or [kind, *types] != [*parts[:1], *(type(part) for part in parts[1:])] or not _usable(parts):
        raise BadCursor("expected a cursor as a page of this list gave it")
    return tuple(parts[1:])


def _usable(parts: list[Any]) -> bool:
    """Whether a database takes them: whole numbers of 64 bits, text without NUL."""
    return all("\0" not in part if isinstance(part, str) else abs(part) < 2**63 for part in parts)
