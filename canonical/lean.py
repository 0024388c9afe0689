"""Documents made only to be sent: structs with the fields of their class and what the envelope asks of it, written by msgspec.

What one is written as is what the class writes, to the byte, in a fifth of its time. Nothing is validated, and nobody reads it
again but by the fields it was made with: right types, in bounds, rows as tuples.
"""

from collections.abc import Callable
from typing import Any, ClassVar, ParamSpec, TypeVar, cast

import msgspec
from pydantic import BaseModel

from canonical.documents.base import Document
from canonical.writing import plain

P = ParamSpec("P")
D = TypeVar("D", bound=BaseModel)
ENCODER = msgspec.json.Encoder(enc_hook=plain)
ASKED = ("message_type", "schema_version", "addenda", "subject", "partition_key", "identity", "occurred_at")
"""What the envelope asks of a document, as its class answers it."""
ALWAYS_THE_SAME = (type(None), bool, tuple)
"""Of defaults that are one object each; msgspec leaves out what is the default itself, not what equals it."""


class _Sent(msgspec.Struct):
    """What the envelope asks of every document alike."""

    extensions: ClassVar[dict[str, Any]] = {}
    with_extensions = Document.with_extensions

    def content(self) -> bytes:
        return ENCODER.encode(self)


def lean(kind: Callable[P, D]) -> Callable[P, D]:
    """The class as a function that makes such a struct of fields by name. TypeError for one that is missing or unknown, and for a
    class with addenda. A document of it has no extensions."""
    model = cast(type[D], kind)
    fields = {name: field for name, field in model.model_fields.items() if name != "extensions"}
    struct = msgspec.defstruct(
        model.__name__,
        [(name, Any, msgspec.NODEFAULT if field.is_required() else _default(field)) for name, field in fields.items()],
        bases=(_Sent,),
        namespace=_asked(model) if issubclass(model, Document) else {},
        kw_only=True,
        omit_defaults=True,
    )
    equal = {name: field.default for name, field in fields.items() if not _is_told_by_itself(field)}
    if not equal:
        return cast(Callable[P, D], struct)

    def made(**given: Any) -> msgspec.Struct:
        for name, default in equal.items():
            if given.get(name) == default:
                del given[name]
        return struct(**given)

    return cast(Callable[P, D], made)


def _default(field: Any) -> Any:
    return field.default if field.default_factory is None else msgspec.field(default_factory=field.default_factory)


def _is_told_by_itself(field: Any) -> bool:
    return field.is_required() or field.default_factory is not None or isinstance(field.default, ALWAYS_THE_SAME)


def _asked(model: type[Document]) -> dict[str, Any]:
    if model.addenda:
        raise TypeError(f"{model.__name__} has addenda: its fact is not its content")
    return {name: getattr(model, name) for name in ASKED}
