"""The types of mapping expressions, and which type fits where."""

from collections.abc import Callable, Iterator, Mapping, Set
from typing import Any

from mappings.coercing import coerced
from mappings.expressions import Call, Every, Expression, Literal, Path
from mappings.failing import Unfit
from mappings.functions import FUNCTIONS, SAME

FITS: Mapping[str, frozenset[str]] = {
    "any": frozenset(("any", "text", "decimal", "int", "bool", "date", "instant", "list", "object", "names")),
    "text": frozenset(("any", "text", "decimal", "int", "bool", "date", "instant")),
    "int": frozenset(("any", "int", "decimal", "text")),
    "decimal": frozenset(("any", "decimal")),
    "bool": frozenset(("any", "bool")),
    "date": frozenset(("any", "date")),
    "instant": frozenset(("any", "instant")),
    "list": frozenset(("any", "list")),
    "object": frozenset(("any", "object", "names")),
}
"""Which types a value of a type may become without being asked to; a text or an untyped part of a document is parsed."""
SETTINGS: Mapping[str, str] = {
    "endpoint": "text", "partner": "text", "time_zone": "text", "currency": "text", "order_prefix": "text", "options": "object",
    "message": "object", "received_on": "date",
}  # fmt: skip
"""The settings a mapping may read as `$name`; `$message` is the envelope of an outgoing message, `$received_on` the day
an incoming one came."""

Told = Callable[[str, str], None]


def type_of(expression: Expression) -> str:
    """The type of an expression that has no mistakes."""
    if isinstance(expression, Literal):
        return _literal_type(expression.value)
    if isinstance(expression, Path):
        if any(isinstance(step, Every) for step in expression.steps):
            return "list"
        whole_setting = expression.start == "name" and not expression.steps
        return SETTINGS.get(expression.name, "any") if whole_setting else "any"
    function = FUNCTIONS[expression.name]
    if function.gives != SAME:
        return function.gives
    values = expression.arguments[1:] if expression.name == "choose" else expression.arguments
    found = {type_of(value) for value in values}
    return found.pop() if len(found) == 1 else "any"


def _literal_type(value: Any) -> str:
    return {str: "text", int: "int", bool: "bool"}.get(value.__class__, "decimal")


def check_expression(expression: Expression, names: Set[str], tables: Set[str], told: Told) -> bool:
    """Tell everything wrong with an expression (code, message); whether it is free of mistakes."""
    found = list(_mistakes(expression, names, tables))
    for code, message in found:
        told(code, message)
    return not found


def _mistakes(expression: Expression, names: Set[str], tables: Set[str]) -> Iterator[tuple[str, str]]:
    if isinstance(expression, Path):
        if expression.start == "name" and expression.name not in names:
            yield "E_SPEC_NAME", f"${expression.name} is neither a named value above nor a setting ({', '.join(sorted(SETTINGS))})"
    elif isinstance(expression, Call):
        below = [found for argument in expression.arguments for found in _mistakes(argument, names, tables)]
        yield from below
        yield from _call_mistakes(expression, tables, sound=not below)


def _call_mistakes(call: Call, tables: Set[str], *, sound: bool) -> Iterator[tuple[str, str]]:
    function = FUNCTIONS.get(call.name)
    if function is None:
        yield "E_SPEC_FUNCTION", f"unknown function {call.name!r}"
        return
    if not function.accepts(len(call.arguments)):
        most = "or more" if function.more else f"to {len(function.takes)}"
        yield "E_SPEC_ARGUMENTS", f"{call.name} takes {function.least()} {most} arguments with its value, not {len(call.arguments)}"
        return
    if function.tables and len(call.arguments) > _table_argument(call.name):
        yield from _table_mistakes(call, tables)
    for number, argument in enumerate(call.arguments if sound else ()):
        given, wanted = type_of(argument), function.type_of(number)
        if wanted not in FITS[given]:
            yield "E_SPEC_TYPE", f"{call.name} takes {wanted} as argument {number + 1}, {given} does not fit"


def unfit_constants(expression: Expression, kind: str) -> Iterator[str]:
    """What is wrong with the literals of a sound expression whose value must become a `kind`."""
    if isinstance(expression, Literal):
        try:
            coerced(expression.value, kind, None)
        except Unfit as error:
            yield f"{expression.value!r} does not fit: {error.expected}"
    elif isinstance(expression, Call):
        function = FUNCTIONS[expression.name]
        for number, argument in enumerate(expression.arguments):
            is_result = function.gives == SAME and not (expression.name == "choose" and number == 0)
            yield from unfit_constants(argument, kind if is_result else function.type_of(number))


def _table_argument(name: str) -> int:
    return 2 if name == "minor_units" else 1


def _table_mistakes(call: Call, tables: Set[str]) -> Iterator[tuple[str, str]]:
    table = call.arguments[_table_argument(call.name)]
    if not isinstance(table, Literal) or table.value not in tables:
        named = repr(table.value) if isinstance(table, Literal) else "an expression"
        yield "E_SPEC_TABLE", f"{call.name} needs the name of a table of this file in quotes, found {named}"
