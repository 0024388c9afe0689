"""What expressions may read: the fields of `message` and of each canonical document, with the kind of each value."""

import types
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import AwareDatetime, BaseModel

from canonical.documents.registry import DOCUMENTS


@dataclass(frozen=True)
class Shape:
    """The kind of a value: text, date, instant, int, decimal, flag, list, map, record, or any (not known before it runs).

    members: of a record. item: of a list or map. choices: the only texts the field can hold, where it is a code list.
    """

    kind: str
    members: Mapping[str, "Member"] = field(default_factory=dict)
    item: "Shape | None" = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Member:
    """A field of a record: `attribute` of the Python object, which may be absent (None) where `optional`."""

    shape: Shape
    attribute: str
    optional: bool = False


ANY = Shape("any")
TEXT = Shape("text")
_SCALARS: dict[Any, Shape] = {
    str: TEXT, bool: Shape("flag"), int: Shape("int"), Decimal: Shape("decimal"),
    date: Shape("date"), datetime: Shape("instant"), AwareDatetime: Shape("instant"),
}  # fmt: skip

MESSAGE = Shape(
    "record",
    {
        "id": Member(TEXT, "message_id"),
        "type": Member(Shape("text", choices=tuple(DOCUMENTS)), "type"),
        "source": Member(TEXT, "source"),
        "subject": Member(TEXT, "subject"),
        "correlation_id": Member(TEXT, "correlation_id"),
        "partition_key": Member(TEXT, "partition_key"),
        "time": Member(Shape("instant"), "occurred_at"),
    },
)


@cache
def record_shape(model: type[BaseModel]) -> Shape:
    """The shape of a canonical document or a part of one."""
    members = {}
    for name, info in model.model_fields.items():
        annotation, optional = _required_part(info.annotation)
        members[name] = Member(_shape(annotation), name, optional)
    return Shape("record", members)


def _required_part(annotation: Any) -> tuple[Any, bool]:
    """The annotation without `Annotated` and `None`, and whether None was part of it."""
    if get_origin(annotation) is Annotated:
        return _required_part(get_args(annotation)[0])
    if get_origin(annotation) in {Union, types.UnionType}:
        parts = [part for part in get_args(annotation) if part is not type(None)]
        optional = len(parts) < len(get_args(annotation))
        return (_required_part(parts[0])[0] if len(parts) == 1 else Any), optional
    return annotation, False


def _shape(annotation: Any) -> Shape:
    annotation, _ = _required_part(annotation)
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return Shape("text", choices=tuple(args))
    if origin in {tuple, list}:
        return Shape("list", item=_shape(args[0]))
    if origin is dict:
        return Shape("map", item=_shape(args[1]))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return record_shape(annotation)
    return _SCALARS.get(annotation, ANY)
