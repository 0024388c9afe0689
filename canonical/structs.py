"""Documents as structs of msgspec, made of their classes: the same fields, defaults and methods, without an object of pydantic.

What handlers read, change and tell are such structs. They are read and written at C speed, nothing in them is validated, and what
one is written as is what its class writes, to the byte. That takes right types, in bounds, rows as tuples: what was validated when
it came, and what was made of it.
"""

from collections.abc import Mapping
from copy import copy
from datetime import datetime
from functools import cache, reduce
from operator import or_
from types import FunctionType, UnionType
from typing import Annotated, Any, ClassVar, Self, Union, cast, get_args, get_origin

import msgspec
from msgspec.structs import force_setattr, replace
from pydantic import AwareDatetime, BaseModel, JsonValue
from pydantic.fields import FieldInfo

from canonical.documents.base import EXTENSIONS, Document
from canonical.writing import is_class, plain

WRITER = msgspec.json.Encoder(enc_hook=plain)
ALWAYS_THE_SAME = (type(None), bool, tuple)
"""Of defaults that are one object each; msgspec leaves out what is the default itself, not what equals it."""
NOTHING_ELSE: Mapping[str, Any] = {}


class Struct(msgspec.Struct):
    """What a struct does in another way than its class."""

    made_of: ClassVar[type[BaseModel]]
    defaults: ClassVar[Mapping[str, Any]] = NOTHING_ELSE
    """Those that a value may equal without being them."""

    def but(self, **fields: Any) -> Self:
        """The same with other values in these fields."""
        for name in self.defaults.keys() & fields:
            if fields[name] == self.defaults[name]:
                fields[name] = self.defaults[name]
        return replace(self, **fields)


class DocumentStruct(Struct):
    """What a whole document does in another way than its class."""

    addenda: ClassVar[frozenset[str]]
    extensions: ClassVar[dict[str, Any]]

    def content(self) -> bytes:
        return self._without(EXTENSIONS) if self.extensions else WRITER.encode(self)

    def fact(self) -> bytes:
        return self._without(EXTENSIONS | self.addenda)

    def _without(self, names: frozenset[str]) -> bytes:
        rest = self
        for name, absent in _absent(self.__class__, names):
            if getattr(self, name) != absent:
                rest = copy(self) if rest is self else rest
                force_setattr(rest, name, absent)  # of the copy, which nobody else has
        return WRITER.encode(rest)


@cache
def _absent(kind: type[msgspec.Struct], names: frozenset[str]) -> tuple[tuple[str, Any], ...]:
    """What some fields of a document hold where they are not given."""
    return tuple(
        (field.name, field.default if field.default_factory is msgspec.NODEFAULT else cast(Any, field.default_factory)())
        for field in msgspec.structs.fields(kind)
        if field.name in names
    )


def as_json(value: Any) -> Any:
    """A document in JSON values: with its defaults, without what is absent."""
    if isinstance(value, Struct | BaseModel):
        kind = value.made_of if isinstance(value, Struct) else type(value)
        return {name: as_json(one) for name in kind.model_fields if (one := getattr(value, name)) is not None}
    if isinstance(value, dict):
        return {name: as_json(one) for name, one in value.items()}
    return [as_json(one) for one in value] if isinstance(value, list | tuple) else msgspec.to_builtins(value)


@cache
def struct_of(kind: type[BaseModel]) -> type[msgspec.Struct]:
    """The struct of a document's class, or of a part's."""
    fields = [(name, _shape(field.annotation), *_default(field)) for name, field in kind.model_fields.items()]
    return msgspec.defstruct(
        kind.__name__, fields, bases=(base_of(kind),), namespace=methods_of(kind), kw_only=True, forbid_unknown_fields=True,
        omit_defaults=True, frozen=True, gc=False,
    )  # fmt: skip


def base_of(kind: type[BaseModel]) -> type[Struct]:
    return DocumentStruct if issubclass(kind, Document) else Struct


def methods_of(kind: type[BaseModel]) -> dict[str, Any]:
    """The methods and constants that a class has of us, and its defaults."""
    found: dict[str, Any] = {name: getattr(kind, name) for name in kind.__class_vars__ if hasattr(kind, name)}
    for base in reversed(kind.__mro__):
        if issubclass(base, BaseModel) and base is not BaseModel:
            found |= {name: one for name, one in vars(base).items() if isinstance(one, FunctionType | property) and name[0] != "_"}
    own = {name for base in base_of(kind).__mro__ for name in vars(base)}
    return {name: one for name, one in found.items() if name not in own} | {"made_of": kind, "defaults": _defaults(kind)}


def _defaults(kind: type[BaseModel]) -> dict[str, Any]:
    given = {name: _default(field) for name, field in kind.model_fields.items() if field.default_factory is None}
    return {name: default[0] for name, default in given.items() if default and not isinstance(default[0], ALWAYS_THE_SAME)}


def _default(field: FieldInfo) -> tuple[Any, ...]:
    """What msgspec is told of a field beside its name and type."""
    if field.default_factory is not None:
        return (msgspec.field(default_factory=cast(Any, field.default_factory)),)
    if isinstance(field.default, BaseModel):
        return (struct_of(type(field.default))(**vars(field.default)),)
    return () if field.is_required() else (field.default,)


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
    return struct_of(annotation) if is_class(annotation) else annotation
