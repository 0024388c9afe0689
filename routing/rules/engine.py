"""The only place that touches the CEL engine: compile an expression, evaluate it, put its errors into values."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cel_expr_python import cel

from routing.rules.tree import Expression, expression_tree
from routing.rules.wording import worded

LONGEST = 4000
"""Characters one expression may have; the engine bounds nesting (32) and loop steps (10,000) by itself."""

_RECORD = cel.Type.Map(cel.Type.STRING, cel.Type.DYN)
_ENV = cel.NewEnv(variables={"message": _RECORD, "body": _RECORD})
_NO_VALUES = _ENV.Activation({})
_CONDITIONS = (cel.Type.BOOL, cel.Type.DYN)
_PLACED = re.compile(r"ERROR: <input>:(\d+):(\d+): (.*)")


@dataclass(frozen=True, slots=True)
class Program:
    """A compiled expression. `same_as` is equal for expressions that differ in white space only."""

    text: str
    compiled: Any
    tree: Expression

    @property
    def same_as(self) -> bytes:
        return self.tree.encoded


class Invalid(ValueError):
    """An expression the engine refuses: `places` are (line, column, what), both counted from 1 within the expression."""

    def __init__(self, places: list[tuple[int, int, str]]) -> None:
        super().__init__("; ".join(what for _, _, what in places))
        self.places = places


def compile_program(text: str) -> Program:
    """The expression, parsed and type-checked. Raises Invalid, also for one that gives something else than true or false."""
    if len(text) > LONGEST:
        raise Invalid([(1, 1, f"expected at most {LONGEST} characters")])
    try:
        compiled = _ENV.compile(text)
    except RuntimeError as failure:
        raise Invalid(_places(str(failure))) from failure
    if compiled.return_type() not in _CONDITIONS:
        given = compiled.return_type().name().lower()
        raise Invalid([(1, 1, f"expected an expression that is true or false, this one gives {given}")])
    return Program(text, compiled, expression_tree(compiled.serialize()))


def activation(values: Mapping[str, Any]) -> Any:
    """The values of `message` and `body` for any number of evaluations."""
    return _ENV.Activation(values)


def verdict(compiled: Any, values: Any) -> bool | str:
    """True or False; text where the evaluation failed, telling why. Never raises."""
    try:
        result = compiled.eval(values)
        value = result.value()
    except RuntimeError as failure:
        return _without_code(str(failure))
    if value is True or value is False:
        return bool(value)
    if result.type() == cel.Type.ERROR:
        return _without_code(str(value))
    return f"expected true or false, got {result.type().name().lower()}"


def constant(program: Program) -> bool | None:
    """What the expression is whatever the message; None where that depends on the message."""
    outcome = verdict(program.compiled, _NO_VALUES)
    return outcome if isinstance(outcome, bool) else None


def _places(report: str) -> list[tuple[int, int, str]]:
    """Every finding in the order of the text; of syntax errors the first alone, for the others follow from it."""
    found = sorted((int(line), int(column), _without_code(what)) for line, column, what in _PLACED.findall(report))
    if syntax := [one for one in found if one[2].startswith("Syntax error: ")]:
        found = syntax[:1]
    return [(line, column, worded(what)) for line, column, what in found] or [(1, 1, worded(_without_code(report)))]


def _without_code(report: str) -> str:
    """The engine's sentence without its status words: `NOT_FOUND: Key not found [NOT_FOUND]` is `Key not found`."""
    return re.sub(r"^[A-Z_]+: | \[[A-Z_]+\]$", "", report.strip()).removeprefix("ERROR: ")
