"""The canonical JSON of documents, by functions made of their classes: absent fields and those that hold a default are left out.

What pydantic writes with `exclude_none` and `exclude_defaults`, to the byte, in half its time: most fields of a document are
absent, and pydantic compares each with its default on the way.
"""

from collections.abc import Callable
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import orjson
from pydantic import BaseModel, JsonValue, TypeAdapter
from pydantic_core import PydanticUndefined

Members = Callable[[BaseModel], dict[str, Any]]
NOTHING: frozenset[str] = frozenset()
EXTENSIONS = TypeAdapter(dict[str, JsonValue])


def written(document: BaseModel, without: frozenset[str]) -> bytes:
    """The JSON of a document without some of its fields: amounts as text, instants with Z."""
    try:
        return orjson.dumps(members_of(document.__class__, without)(document), default=plain, option=orjson.OPT_UTC_Z)
    except TypeError:  # a whole number beyond 64 bits
        return document.__pydantic_serializer__.to_json(document, exclude_none=True, exclude_defaults=True, exclude=set(without))


def written_extensions(extensions: dict[str, JsonValue]) -> bytes:
    """The JSON of what has no canonical place: plain JSON values."""
    try:
        return orjson.dumps(extensions)
    except TypeError:  # a whole number beyond 64 bits
        return EXTENSIONS.dump_json(extensions)


def plain(value: Any) -> Any:
    """What stands where the class does not say so: in dicts, and where there is a choice."""
    return str(value) if value.__class__ is Decimal else members_of(value.__class__, NOTHING)(value)


@cache
def members_of(kind: type[BaseModel], without: frozenset[str]) -> Members:
    """The function that gives the members an object of a class is written with, but for some."""
    namespace: dict[str, Any] = {}
    lines = ["def members(given):", "    fields, told = given.__dict__, {}"]
    for name, field in kind.model_fields.items():
        if name not in without:
            default = namespace[f"default_{name}"] = field.get_default(call_default_factory=True)
            value, namespace[f"members_{name}"] = _value(name, field.annotation)
            lines.append(f"    {_condition(name, default)}: told[{name!r}] = {value}")
    exec("\n".join((*lines, "    return told")), namespace)
    members: Members = namespace["members"]
    return members


def _condition(name: str, default: Any) -> str:
    """When a field is written. A value that was not given is the default itself, or an empty one like it."""
    value = f"if (value := fields[{name!r}])"
    if default is None or default is PydanticUndefined:
        return f"{value} is not None"
    if default in ((), {}):
        return value
    return f"{value} is not default_{name} and value != default_{name} and value is not None"


def _value(name: str, annotation: Any) -> tuple[str, Members | None]:
    """How the value of a field is written, and the function this takes where it is made of objects."""
    kind = kind_of(annotation)
    if kind is Decimal:
        return "str(value)", None
    if is_class(kind):
        return f"members_{name}(value)", members_of(kind, NOTHING)
    if get_origin(kind) is tuple and is_class(row := kind_of(get_args(kind)[0])):
        return f"[members_{name}(row) for row in value]", members_of(row, NOTHING)
    return "value", None


def kind_of(annotation: Any) -> Any:
    """The type without what may be said beside it: constraints, and that it may be absent."""
    if get_origin(annotation) is Annotated:
        return kind_of(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        kinds = [one for one in get_args(annotation) if one is not NoneType]
        return kind_of(kinds[0]) if len(kinds) == 1 else annotation
    return annotation


def is_class(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
