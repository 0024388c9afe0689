"""Light documents: what comes in is validated, asked for its keys, written and let go, and nothing of this takes a pydantic object.

A light class is made of a document's class: a msgspec struct of its fields, rules and methods, validated and written at C speed.
No rule stands twice. Lengths, bounds and choices are read from the class; a value with rules of another kind (a currency, a
pattern, an instant) is shown to pydantic by itself. What a light class takes, its class takes too, and both write it to the same
byte; what it does not take is left to the class, which alone says what is wrong.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from types import GenericAlias, NoneType, UnionType
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin

import msgspec
from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen
from pydantic import BaseModel, ConfigDict, Strict, TypeAdapter
from pydantic.fields import FieldInfo

from canonical.documents.base import Document
from canonical.documents.registry import DOCUMENTS
from canonical.failures import Malformed
from canonical.reading import MAKING
from canonical.structs import base_of, methods_of
from canonical.writing import is_class

Rules = Sequence[Any]
BUILTIN = (Decimal, datetime, date)
"""Types that mappings make themselves: a text is none of them."""
LIMITS = {MinLen: "min_length", MaxLen: "max_length", Ge: "ge", Gt: "gt", Le: "le", Lt: "lt"}
"""Where a rule holds its limit, and what msgspec calls it."""
LOWER, UPPER = {Ge: "<=", Gt: "<"}, {Le: "<=", Lt: "<"}
MOST_TEXTS = 4096


def light(kind: type[Document], given: Mapping[str, Any]) -> Document | None:
    """The light document of a class with these fields, its invariants checked; None where there is any doubt.

    It is read like a document, has the methods that its class has of us, and none of pydantic's.
    """
    try:
        made = cast(Document, msgspec.convert(given, light_class(kind), builtin_types=BUILTIN))
        made.check()
    except (msgspec.ValidationError, Malformed, ValueError, ArithmeticError):
        return None
    return made


def whole(document: Document) -> Document:
    """The document as an object of its class, a struct too."""
    return document if isinstance(document, Document) else DOCUMENTS[document.message_type].model_validate_json(document.body())


@cache
def light_class(kind: type[Document]) -> type[msgspec.Struct]:
    """The light class of a document's class."""
    with MAKING:
        made = _struct(kind)
        msgspec.json.Decoder(made)  # what msgspec has to know of a class it finds out now
        return made


@cache
def _struct(kind: type[BaseModel]) -> type[msgspec.Struct]:
    checks = Checks(kind.model_config)
    fields = [checks.field(name, field) for name, field in kind.model_fields.items()]
    return msgspec.defstruct(
        kind.__name__, fields, bases=(base_of(kind),), namespace=methods_of(kind) | checks.method(), kw_only=True,
        forbid_unknown_fields=True, omit_defaults=True, frozen=not checks.change,
    )  # fmt: skip


class Checks:
    """What is left to do for an object of a light class once msgspec has filled it. config: of the class, as pydantic has it.
    change: whether something is put in the place of a value. names: what the lines read by name."""

    def __init__(self, config: ConfigDict) -> None:
        self.config = config
        self.lines: list[str] = []
        self.change = False
        self.names: dict[str, Any] = {}

    def method(self) -> dict[str, Any]:
        """The method that does it, where there is anything to do."""
        if not self.lines:
            return {}
        exec("\n    ".join(("def check(self):", *self.lines)), self.names)
        return {"__post_init__": self.names["check"]}

    def field(self, name: str, field: FieldInfo) -> tuple[Any, ...]:
        """A field as msgspec is told; what it cannot see to is left to do."""
        kind, rules = _bare(field.annotation, field.metadata)
        value, shape = f"self.{name}", self._shape(kind, rules)
        lines = []
        if kind is Decimal and _known(rules):
            shape, lines = Decimal, [f"if {self._outside(value, rules)}: raise ValueError"]
        elif shape is None:
            shape = str if kind is str else dict if get_origin(kind) is dict else Any
            lines = [self._changed(value, f"{self._asked(field, kind)}({value})")]
        if field.is_required():
            self.lines += lines
            return name, shape
        if field.default_factory is not None:
            self._where(value, lines)
            return name, shape, msgspec.field(default_factory=cast(Any, field.default_factory))
        default = shape(**vars(field.default)) if isinstance(field.default, BaseModel) else field.default
        absent = self._named(default)
        if default.__class__ not in (NoneType, bool, tuple):  # msgspec leaves out what is the default itself
            lines.append(f"if {value} == {absent}: {self._changed(value, absent)}")
        self._where(f"{value} is not {absent}", lines)
        return name, shape | None if default is None else shape, default

    def _changed(self, value: str, to: str) -> str:
        self.change = True
        return f"{value} = {to}"

    def _where(self, condition: str, lines: Sequence[str]) -> None:
        if lines:
            self.lines += [f"if {condition}:", *(f"    {line}" for line in lines)]

    def _named(self, value: Any) -> str:
        name = f"k{len(self.names)}"
        self.names[name] = value
        return name

    def _outside(self, value: str, rules: Rules) -> str:
        """The condition under which a number is out of bounds."""
        limits = [(rule.__class__, self._named(Decimal(_limit(rule)))) for rule in rules]
        low = [f"{limit} {LOWER[kind]}" for kind, limit in limits if kind in LOWER]
        high = [f"{UPPER[kind]} {limit}" for kind, limit in limits if kind in UPPER]
        bounds = f"not {' '.join((*low, value, *high))}"
        return bounds if low and high else f"not {value}.is_finite() or {bounds}"

    def _asked(self, field: FieldInfo, kind: Any) -> str:
        """Pydantic asked about this value alone, about a text once."""
        annotation: Any = Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation
        ask = TypeAdapter(annotation, config=self.config).validator.validate_python
        return self._named(lru_cache(MOST_TEXTS)(ask) if kind is str else ask)

    def _shape(self, kind: Any, rules: Rules) -> Any:
        """The type that msgspec is told, with the rules; None where it does not know such a type or rule."""
        if not _known(rules):
            return None
        limits = {LIMITS[rule.__class__]: _limit(rule) for rule in rules}
        if kind is str:
            limits = {"max_length": self.config["str_max_length"], **limits}
        told = self._type(kind)
        return Annotated[told, msgspec.Meta(**limits)] if limits and told is not None else told

    def _type(self, kind: Any) -> Any:
        if kind in (str, int, bool, date) or get_origin(kind) is Literal:
            return kind
        if is_class(kind):
            return _struct(kind)
        origin, parts = get_origin(kind), get_args(kind)
        inner = [part if part is Ellipsis else self._shape(*_bare(part)) for part in parts]
        is_known = origin is dict or (origin is tuple and parts[-1] is Ellipsis)
        return GenericAlias(origin, tuple(inner)) if is_known and None not in inner else None


def _known(rules: Rules) -> bool:
    return {rule.__class__ for rule in rules} <= LIMITS.keys()


def _limit(rule: Any) -> Any:
    return getattr(rule, LIMITS[rule.__class__])


def _bare(annotation: Any, rules: Rules = ()) -> tuple[Any, Rules]:
    """The type behind what is said beside it, and the rules that are said there. That it may be absent is none of them."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        more = [rule for one in parts[1:] for rule in (one.metadata if isinstance(one, FieldInfo) else [one])]
        return _bare(parts[0], [*more, *rules])
    if origin in (Union, UnionType) and len(parts) == 2 and parts[1] is NoneType:
        return _bare(parts[0], rules)
    return annotation, [rule for rule in rules if rule.__class__ is not Strict]
