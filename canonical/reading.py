"""Documents read again from the JSON we once wrote of them: by msgspec, which finds, converts and completes their fields, without
asking again what was asked when they came.

What is read equals what the class reads of the same JSON, in half the time. It trusts its caller: the JSON of a validated document.
Small values (a quantity, a tax rate), of which there are few different ones, are read once; parties too, which come again within an
order (goods and invoice go to the same place) and with the next one of the same buyer.
"""

import threading
from collections.abc import Callable
from datetime import datetime
from functools import cache, lru_cache, reduce
from operator import or_
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, cast, get_args, get_origin

import msgspec
from msgspec.structs import asdict
from pydantic import AwareDatetime, BaseModel, JsonValue

from canonical.making import bare
from canonical.values import Party
from canonical.writing import is_class, kind_of

D = TypeVar("D", bound=BaseModel)
S = TypeVar("S", bound=msgspec.Struct)
Read = Callable[[Any], Any]
FEW_FIELDS, MOST_VALUES = 3, 4096
MAKING = threading.Lock()
"""One decoder is made at a time: two with a form in common, made on two threads, and msgspec reads types that are not there yet."""


def read(kind: type[D], written: bytes | str) -> D:
    """The document of a class. msgspec.DecodeError for what cannot be one."""
    decoder, make = _reader(kind)
    return cast(D, make(decoder.decode(written)))


def part(kind: type[S], written: bytes | str) -> S:
    """Some fields of a document, those that a struct names. msgspec.DecodeError for what has not got them."""
    return cast(S, _parts(kind).decode(written))


@cache
def _parts(kind: type[msgspec.Struct]) -> msgspec.json.Decoder[Any]:
    with MAKING:
        return msgspec.json.Decoder(kind)


@cache
def _reader(kind: type[BaseModel]) -> tuple[msgspec.json.Decoder[Any], Read]:
    with MAKING:
        return msgspec.json.Decoder(_form(kind)), _maker(kind)


@cache
def _form(kind: type[BaseModel]) -> type[msgspec.Struct]:
    """What msgspec reads of an object of a class; those that may be known already stay JSON."""
    fields: list[tuple[str, Any] | tuple[str, Any, Any]] = []
    for name, field in kind.model_fields.items():
        shape = msgspec.Raw if _is_known(kind_of(field.annotation)) else _shape(field.annotation)
        if field.is_required():
            fields.append((name, shape))
        else:
            empty = field.default_factory
            fields.append((name, shape, field.default if empty is None else msgspec.field(default_factory=cast(Any, empty))))
    return msgspec.defstruct(kind.__name__, fields, kw_only=True, forbid_unknown_fields=True)


def _shape(annotation: Any) -> Any:
    """The type that msgspec is told: without the constraints."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _shape(parts[0])
    if origin in (Union, UnionType):
        return reduce(or_, map(_shape, parts))
    if origin is tuple:
        return tuple[_shape(parts[0]), ...]  # type: ignore[misc]
    if origin is dict:
        return dict[str, Any if parts[1] is JsonValue else _shape(parts[1])]  # type: ignore[misc]
    if annotation is AwareDatetime:
        return Annotated[datetime, msgspec.Meta(tz=True)]
    if is_class(annotation):
        return msgspec.Raw if _is_known(annotation) else _form(annotation)
    return annotation


def _is_known(kind: Any) -> bool:
    return kind is Party or (is_class(kind) and len(kind.model_fields) <= FEW_FIELDS)


@cache
def _maker(kind: type[BaseModel]) -> Read:
    """The function that makes an object of a class of what msgspec read."""
    make = bare(kind)
    fields = kind.model_fields.items()
    nested = [(name, field.default, part) for name, field in fields if (part := _part(field.annotation)) is not None]

    def made(given: msgspec.Struct) -> BaseModel:
        told = asdict(given)
        for name, absent, part in nested:
            if (value := told[name]) is not absent:
                told[name] = part(value)
        return make(told)

    return made


def _part(annotation: Any) -> Read | None:
    """How the value of a field is made; None where msgspec makes it."""
    kind = kind_of(annotation)
    if is_class(kind):
        return _known(kind) if _is_known(kind) else _maker(kind)
    if get_origin(kind) is tuple and (row := _part(get_args(kind)[0])) is not None:
        return lambda rows: tuple([row(one) for one in rows])
    return None


@cache
def _known(kind: type[BaseModel]) -> Read:
    """Reads a value that is often alike, or finds it."""
    decoder, make = msgspec.json.Decoder(_form(kind)), _maker(kind)
    known = lru_cache(maxsize=MOST_VALUES)(lambda written: make(decoder.decode(written)))
    return lambda written: known(bytes(written))
