"""Calls of the language's own functions as Python statements: alternatives, conditions, sums and lists, without any call in Python.

Each takes the emitter, the call and the kind its value shall have, and gives the variable that holds it.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from mappings.coercing import coerced
from mappings.expressions import Call, Every, Expression, Literal, Path

if TYPE_CHECKING:
    from mappings.emitting import Emitter

JOINED = {"any_of": " or ", "all_of": " and "}


def condition(emitter: "Emitter", expression: Expression) -> str:
    """Emit what a condition reads; the Python expression that is true when it is met."""
    if isinstance(expression, Call):
        if expression.name == "not":
            return f"not {condition(emitter, expression.arguments[0])}"
        if expression.name == "exists":
            return f"({emitter.held(expression.arguments[0], 'any')} is not None)"
        if expression.name == "equals":
            return _equal(emitter, expression)
        if expression.name in JOINED:
            return f"({JOINED[expression.name].join([condition(emitter, one) for one in expression.arguments])})"
    value = emitter.held(expression, "any")
    if emitter.type_of(expression) == "bool":
        return value
    return f"({value} or {value} is not None and {value} is not False and holds({value}))"


def _equal(emitter: "Emitter", call: Call) -> str:
    """Whether the first argument is one of the others, compared as text."""
    value, *others = call.arguments
    given = emitter.held(value, "any")
    text = f"({given} if {given}.__class__ is str else str({given}))"
    literals = [coerced(one.value, "any", None) for one in others if isinstance(one, Literal)]
    same = [f"{text} in {tuple(str(one) for one in literals if one is not None)!r}"]
    for other in [emitter.held(one, "any") for one in others if not isinstance(one, Literal)]:
        same.append(f"{other} is not None and str({other}) == {text}")
    return f"({given} is not None and ({' or '.join(same)}))"


def truth(emitter: "Emitter", call: Call, kind: str) -> str:
    result = emitter.variable("v")
    emitter.emit(f"{result} = True if {condition(emitter, call)} else False")
    return emitter.converted(result, "bool", kind)


def first(emitter: "Emitter", call: Call, kind: str) -> str:
    result = emitter.variable("v")
    emitter.emit(f"{result} = {emitter.value(call.arguments[0], kind)}")
    _next(emitter, result, call.arguments[1:], kind)
    return result


def _next(emitter: "Emitter", result: str, rest: tuple[Expression, ...], kind: str) -> None:
    if rest:
        with emitter.under(f"if not {result}:" if kind in EMPTY_IS_MISSING else f"if {result} is None:"):
            emitter.emit(f"{result} = {emitter.value(rest[0], kind)}")
            _next(emitter, result, rest[1:], kind)


def chosen(emitter: "Emitter", call: Call, kind: str) -> str:
    result, wanted = emitter.variable("v"), emitter.value(call.arguments[0], "bool")
    emitter.emit(f"{result} = None")
    with emitter.under(f"if {wanted}:"):
        emitter.emit(f"{result} = {emitter.value(call.arguments[1], kind)}")
    if len(call.arguments) > 2:
        with emitter.under("else:"):
            emitter.emit(f"{result} = {emitter.value(call.arguments[2], kind)}")
    return result


def required(emitter: "Emitter", call: Call, kind: str) -> str:
    result = emitter.value(call.arguments[0], kind)
    emitter.emit(f"f_required({result})")
    return result


def plus(emitter: "Emitter", call: Call, kind: str) -> str:
    result = emitter.variable("v")
    emitter.emit(f"{result} = None")
    for argument in call.arguments:
        value = emitter.value(argument, "decimal")
        emitter.emit(f"if {value} is not None: {result} = (ZERO if {result} is None else {result}) + {value}")
    return emitter.converted(result, "decimal", kind)


def minus(emitter: "Emitter", call: Call, kind: str) -> str:
    result = emitter.variable("v")
    emitter.emit(f"{result} = {emitter.value(call.arguments[0], 'decimal')}")
    with emitter.under(f"if {result} is not None:"):
        for argument in call.arguments[1:]:
            value = emitter.value(argument, "decimal")
            emitter.emit(f"if {value} is not None: {result} = {result} - {value}")
    return emitter.converted(result, "decimal", kind)


def total(emitter: "Emitter", call: Call, kind: str) -> str:
    """The sum of a list; of one that a path gives, without making it."""
    (given,) = call.arguments
    if isinstance(given, Path) and Every() in given.steps:
        every = given.steps.index(Every())
        rows = emitter.steps(emitter.base(given), given.steps[:every])
        result = emitter.over_rows(rows, given.steps[every + 1 :], "ZERO", partial(_added, emitter))
    else:
        result, listed = emitter.variable("v"), emitter.held(given, "list")
        emitter.emit(f"{result} = None if {listed} is None else f_sum({listed})")
    return emitter.converted(result, "decimal", kind)


def _added(emitter: "Emitter", total: str, value: str) -> None:
    emitter.converted(value, "any", "decimal")
    emitter.emit(f"if {value} is not None: {total} = {total} + {value}")


def listed(emitter: "Emitter", call: Call, kind: str) -> str:
    """The filled values as a list, of their texts where texts are wanted."""
    result = emitter.variable("l")
    emitter.emit(f"{result} = []")
    for argument in call.arguments:
        value = emitter.held(argument, "any")
        if kind == "texts":
            emitter.emit(f"if {value}.__class__ is str: {result}.append({value})")
            is_there = f"{value} is not None and not is_missing({value})"
            emitter.emit(f"elif {is_there} and (text := as_text({value})) is not None: {result}.append(text)")
        else:
            emitter.emit(f"if {value} or {value} is not None and not is_missing({value}): {result}.append({value})")
    emitter.emit(f"{result} = {result} or None")
    return result if kind == "texts" else emitter.converted(result, "list", kind)


FORMS: Mapping[str, Callable[["Emitter", Call, str], str]] = {
    "first": first, "default": first, "choose": chosen, "required": required,
    "not": truth, "exists": truth, "equals": truth, "any_of": truth, "all_of": truth,
    "plus": plus, "minus": minus, "sum": total, "list": listed,
}  # fmt: skip
EMPTY_IS_MISSING = frozenset(("text", "texts"))
"""Kinds whose values are tested by truth."""
