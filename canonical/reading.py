"""Documents read again from the JSON we once wrote of them, as structs: without asking again what was asked when they came.

It trusts its caller: the JSON of a validated document, from which defaults were left out.
"""

import threading
from functools import cache
from typing import Any, TypeVar, cast

import msgspec
from pydantic import BaseModel

from canonical.structs import struct_of

D = TypeVar("D", bound=BaseModel)
S = TypeVar("S", bound=msgspec.Struct)
MAKING = threading.Lock()
"""One decoder is made at a time: two with a form in common, made on two threads, and msgspec reads types that are not there yet."""


def read(kind: type[D], written: bytes | str) -> D:
    """The document of a class. msgspec.DecodeError for what cannot be one."""
    return cast(D, _reader(kind).decode(written))


def part(kind: type[S], written: bytes | str) -> S:
    """Some fields of a document, those that a struct names. msgspec.DecodeError for what has not got them."""
    return cast(S, _parts(kind).decode(written))


@cache
def _reader(kind: type[BaseModel]) -> msgspec.json.Decoder[Any]:
    with MAKING:
        return msgspec.json.Decoder(struct_of(kind))


@cache
def _parts(kind: type[msgspec.Struct]) -> msgspec.json.Decoder[Any]:
    with MAKING:
        return msgspec.json.Decoder(kind)
