"""Documents read again from the JSON we once wrote of them: by msgspec, which finds, converts and completes their fields, without
asking again what was asked when they came.

What is read equals what the class reads of the same JSON, in half the time. It trusts its caller: the JSON of a validated document.
Small values (a quantity, a tax rate), of which there are few different ones, are read once; parties too, which come again within an
order (goods and invoice go to the same place) and with the next one of the same buyer.
"""

import threading
from collections.abc import Callable
from datetime import datetime
from functools import cache, reduce
from operator import or_
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, cast, get_args, get_origin

import msgspec
from msgspec.structs import astuple
from pydantic import AwareDatetime, BaseModel, JsonValue
from pydantic.fields import FieldInfo

from canonical.making import SLOTS
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
        shape = msgspec.Raw if is_known(kind_of(field.annotation)) else _shape(field.annotation)
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
        return msgspec.Raw if is_known(annotation) else _form(annotation)
    return annotation


@cache
def is_known(kind: Any) -> bool:
    """Whether values of a class are often alike."""
    return kind is Party or (is_class(kind) and len(kind.model_fields) <= FEW_FIELDS)


@cache
def _maker(kind: type[BaseModel]) -> Read:
    """The function that makes an object of a class of what msgspec read: straight, and of what is absent one copy. Fields are its
    variables, whose names never begin with an underscore."""
    absent = {name: field.default for name, field in kind.model_fields.items()}
    namespace: dict[str, Any] = {"_taken": astuple, "_absent": absent.copy, "_kind": kind, "_known": set(absent)}
    # past the guards of a frozen object, and a third cheaper than object.__setattr__
    namespace |= {f"_set{slot}": BaseModel.__dict__[slot].__set__ for slot in SLOTS} | {"_create": object.__new__}
    lines = ["def made(_given):", f"    {', '.join(absent)}, = _taken(_given)", "    _fields = _absent()"]
    for name, field in kind.model_fields.items():
        value, namespace[f"_part_{name}"] = _value(name, field.annotation)
        namespace[f"_absent_{name}"] = field.default
        lines.append(f"    {_condition(name, field)}_fields[{name!r}] = {value}")
    exec("\n".join((*lines, *CREATED)), namespace)
    return cast(Read, namespace["made"])


CREATED = (
    "    _one = _create(_kind)",
    "    _set__dict__(_one, _fields)",
    "    _set__pydantic_fields_set__(_one, _known)",
    "    _set__pydantic_extra__(_one, None)",
    "    _set__pydantic_private__(_one, None)",
    "    return _one",
)


def _condition(name: str, field: FieldInfo) -> str:
    """When a field is not as it is where it is absent; what a class makes anew each time always."""
    if field.is_required() or field.default_factory is not None:
        return ""
    return f"if {name} is not {None if field.default is None else f'_absent_{name}'}: "


def _value(name: str, annotation: Any) -> tuple[str, object]:
    """How the value of a field is made of what msgspec read, and what makes it where it is not that value."""
    kind = kind_of(annotation)
    if is_class(kind):
        return _object(name, name, kind)
    if get_origin(kind) is tuple and is_class(row := kind_of(get_args(kind)[0])):
        made, part = _object(name, "_row", row)
        return f"tuple([{made} for _row in {name}])", part
    return name, None


def _object(name: str, given: str, kind: type[BaseModel]) -> tuple[str, object]:
    return (f"_part_{name}[bytes({given})]", _known(kind)) if is_known(kind) else (f"_part_{name}({given})", _maker(kind))


class _Known(dict[bytes, BaseModel]):
    """Values of a class that are often alike, by their JSON: each is read when it is first asked for."""

    def __init__(self, kind: type[BaseModel]) -> None:
        self._decode, self._make = msgspec.json.Decoder(_form(kind)).decode, _maker(kind)

    def __missing__(self, written: bytes) -> BaseModel:
        if len(self) >= MOST_VALUES:
            self.clear()
        value: BaseModel = self._make(self._decode(written))
        self[written] = value
        return value


_known = cache(_Known)
"""One for each class."""
