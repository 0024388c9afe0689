"""Documents made only to be sent: structs with the fields of their class and what the envelope asks of it, written by msgspec.

What one is written as is what the class writes, to the byte, in a fifth of its time. Nothing is validated, and nobody reads it
again but by the fields it was made with: right types, in bounds, rows as tuples.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any, ClassVar, ParamSpec, TypeVar, cast

import msgspec
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from canonical.documents.base import Document
from canonical.reading import MOST_VALUES, is_known
from canonical.writing import plain

P = ParamSpec("P")
D = TypeVar("D", bound=BaseModel)
ASKED = ("message_type", "schema_version", "addenda", "subject", "partition_key", "identity", "occurred_at")
"""What the envelope asks of a document, as its class answers it."""
ALWAYS_THE_SAME = (type(None), bool, tuple)
"""Of defaults that are one object each; msgspec leaves out what is the default itself, not what equals it."""


WRITTEN: dict[int, tuple[object, msgspec.Raw]] = {}
"""Values that are often alike, by their ids as objects, with the JSON of each: they are read once, and are told again and again."""


def _plain(value: Any) -> Any:
    known = WRITTEN.get(id(value))
    if known is not None:
        return known[1]
    if not is_known(value.__class__):
        return plain(value)
    if len(WRITTEN) >= MOST_VALUES:
        WRITTEN.clear()
    written = msgspec.Raw(ENCODER.encode(plain(value)))
    WRITTEN[id(value)] = value, written  # as long as it is kept, no other object has its id
    return written


ENCODER = msgspec.json.Encoder(enc_hook=_plain)


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
    equal = {name for name, field in fields.items() if not _is_told_by_itself(field)}
    return cast(Callable[P, D], _leaving_out(equal, fields, struct) if equal else struct)


def _leaving_out(
    equal: Collection[str], fields: Mapping[str, FieldInfo], struct: type[msgspec.Struct]
) -> Callable[..., msgspec.Struct]:
    """The struct as a function that takes what equals one of these defaults for the default itself."""
    namespace: dict[str, Any] = {"_struct": struct}
    taken, told = [], []
    for name, field in fields.items():
        if field.is_required():
            taken.append(name)
        else:
            namespace[f"_{name}"] = field.default if field.default_factory is None else field.get_default(call_default_factory=True)
            taken.append(f"{name}=_{name}")
        told.append(f"{name}=_{name} if {name} == _{name} else {name}" if name in equal else f"{name}={name}")
    exec(f"def made(*, {', '.join(taken)}): return _struct({', '.join(told)})", namespace)
    return cast(Callable[..., msgspec.Struct], namespace["made"])


def _default(field: Any) -> Any:
    return field.default if field.default_factory is None else msgspec.field(default_factory=field.default_factory)


def _is_told_by_itself(field: Any) -> bool:
    return field.is_required() or field.default_factory is not None or isinstance(field.default, ALWAYS_THE_SAME)


def _asked(model: type[Document]) -> dict[str, Any]:
    if model.addenda:
        raise TypeError(f"{model.__name__} has addenda: its fact is not its content")
    return {name: getattr(model, name) for name in ASKED}
