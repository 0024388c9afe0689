"""Documents made only to be sent, and parts put into a document: structs, made by their class's name.

Nothing is validated: right types, in bounds, rows as tuples.
"""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

import msgspec
from pydantic import BaseModel

from canonical.structs import Struct, struct_of

P = ParamSpec("P")
D = TypeVar("D", bound=BaseModel)


def lean(kind: Callable[P, D]) -> Callable[P, D]:
    """The class as a function that makes its struct of fields by name. TypeError for one that is missing or unknown."""
    struct = cast(type[Struct], struct_of(cast(type[D], kind)))
    return cast(Callable[P, D], _leaving_out(struct) if struct.defaults else struct)


def bare(kind: Callable[P, D]) -> Callable[P, D]:
    """The same in a third of the time, for who gives no value that equals a default without being it."""
    return cast(Callable[P, D], struct_of(cast(type[D], kind)))


def _leaving_out(struct: type[Struct]) -> Callable[..., Struct]:
    """The struct as a function that takes what equals a default for the default itself, so that it is not written."""
    namespace: dict[str, Any] = {"_struct": struct}
    taken, told = [], []
    for field in msgspec.structs.fields(struct):
        name = field.name
        if field.required:
            taken.append(name)
        elif field.default_factory is msgspec.NODEFAULT:
            namespace[f"_{name}"] = field.default
            taken.append(f"{name}=_{name}")
        else:
            namespace[f"_new_{name}"] = field.default_factory
            taken.append(f"{name}=None")
        told.append(f"{name}={_told(name, struct, field)}")
    exec(f"def made(*, {', '.join(taken)}): return _struct({', '.join(told)})", namespace)
    return cast(Callable[..., Struct], namespace["made"])


def _told(name: str, struct: type[Struct], field: msgspec.structs.FieldInfo) -> str:
    if name in struct.defaults:
        return f"_{name} if {name} == _{name} else {name}"
    return name if field.default_factory is msgspec.NODEFAULT else f"_new_{name}() if {name} is None else {name}"
