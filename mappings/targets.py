"""What the canonical documents want: the shape of every field, read from the pydantic models."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import AwareDatetime, BaseModel

from canonical.documents.registry import DOCUMENTS

KINDS: Mapping[Any, str] = {
    str: "text", Decimal: "decimal", int: "int", bool: "bool", date: "date", datetime: "instant", AwareDatetime: "instant",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shape:
    """kind: text, decimal, int, bool, date, instant, object (with `members`), list (of `item`), names (any name, each an `item`),
    any. required: the model gives it no default. choices: the only texts allowed, where the model names them."""

    kind: str
    required: bool = False
    members: Mapping[str, "Shape"] = field(default_factory=dict)
    item: "Shape | None" = None
    choices: frozenset[str] = frozenset()

    def member(self, name: str) -> "Shape | None":
        """The shape below a name, None where the model has no such field."""
        if self.kind == "any":
            return FREE
        return self.item if self.kind == "names" else self.members.get(name)


FREE = Shape("any")
"""Where no model says anything: partner documents going out."""


@cache
def shape_of(message_type: str) -> Shape:
    """The shape of a message type's document. KeyError for an unknown type."""
    return _model(DOCUMENTS[message_type], required=True)


def _model(model: type[BaseModel], *, required: bool) -> Shape:
    members = {
        name: _shape(info.annotation, required=info.is_required())
        for name, info in model.model_fields.items()
        if name != "extensions"
    }
    return Shape("object", required, members)


def _shape(annotation: Any, *, required: bool) -> Shape:
    annotation = _bare(annotation)
    if annotation in KINDS:
        return Shape(KINDS[annotation], required)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return Shape("text", required, choices=frozenset(arguments))
    if origin in {tuple, list}:
        return Shape("list", required, item=_shape(arguments[0], required=False))
    if origin is dict:
        return Shape("names", required, item=_shape(arguments[1], required=False))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _model(annotation, required=required)
    return Shape("any", required)


def _bare(annotation: Any) -> Any:
    """The type without its constraints and without None."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif get_origin(annotation) in {Union, UnionType}:
            annotation = next(one for one in get_args(annotation) if one is not NoneType)
        else:
            return annotation


def kind_of(shape: Shape) -> str:
    """The type a value must have for a shape."""
    if shape.kind == "list":
        return "texts" if shape.item is not None and shape.item.kind == "text" else "list"
    return "any" if shape.kind == "names" else shape.kind
