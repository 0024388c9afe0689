"""Expressions of a mapping as Python statements.

Every value ends in a variable that is None when the value is missing (a text may also be empty there: text is tested by truth).
Objects on the way of several paths are read once per block.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from mappings.coercing import coerced
from mappings.emitting_calls import EMPTY_IS_MISSING, FORMS, condition
from mappings.expressions import Call, Every, Expression, Index, Key, Literal, Matching, Path, Step
from mappings.functions import FUNCTIONS, SAME
from mappings.inlining import inlined
from mappings.kinds import SETTINGS, type_of


class Emitter:
    """Collects the lines of one function.

    scopes: the variable of each row around the current point, innermost last; the root's is `root`.
    names: the variable of each named value, types: what it is known to be. constants: names of the compiled function's own values.
    """

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.depth = 1
        self.variables = 0
        self.scopes: list[str] = ["root"]
        self.names: dict[str, str] = {}
        self.types: dict[str, str] = {}
        self.objects: dict[tuple[str, tuple[Step, ...]], str] = {}
        self.values: dict[tuple[str, tuple[Step, ...], str], str] = {}
        self.constants: dict[str, Any] = {}

    def emit(self, line: str) -> None:
        self.lines.append("    " * self.depth + line)

    def variable(self, letter: str) -> str:
        self.variables += 1
        return f"{letter}{self.variables}"

    @contextmanager
    def under(self, line: str) -> Iterator[None]:
        """What is emitted inside stands under `line`; objects and names found there are unknown afterwards, and their variables
        are taken again: a function with more than 256 needs a second instruction to name the others."""
        self.emit(line)
        self.depth += 1
        before, variables = len(self.lines), self.variables
        outside = list(self.scopes), dict(self.names), dict(self.objects), dict(self.values)
        yield
        if len(self.lines) == before:
            self.emit("pass")
        self.scopes, self.names, self.objects, self.values = outside
        self.depth -= 1
        self.variables = variables

    def value(self, expression: Expression, kind: str) -> str:
        """Emit what computes the expression as a `kind`; the variable that holds it."""
        if isinstance(expression, Literal):
            return self.constant(coerced(expression.value, kind, None))
        if isinstance(expression, Path):
            return self.read_as(expression, kind)
        return self.called(expression, kind)

    def name(self, name: str, expression: Expression) -> None:
        """Emit a named value."""
        self.names[name] = self.value(expression, "any")
        self.types[name] = self.type_of(expression)

    def type_of(self, expression: Expression) -> str:
        """The type of an expression, of a named value too."""
        if isinstance(expression, Path) and expression.name in self.names:
            return "any" if expression.steps else self.types[expression.name]
        return type_of(expression)

    def read_as(self, path: Path, kind: str) -> str:
        """Emit the reading of a path as a `kind`; read and converted once per block."""
        given = self.type_of(path)
        is_named = path.name in self.names and not path.steps
        if is_named and kind in {given, "any", "object"}:
            return self.names[path.name]
        place = (self.base(path), path.steps, kind)
        if place not in self.values:
            result = self.variable("v")
            self.emit(f"{result} = {self.read(path)}")
            self.values[place] = self.converted(result, given, kind, raw=not is_named and given != "list")
        return self.values[place]

    def constant(self, value: Any) -> str:
        if value is None or value.__class__ in {str, int, bool}:
            return repr(value)
        name = f"K{len(self.constants) + 1}"
        self.constants[name] = value
        return name

    def converted(self, variable: str, given: str, kind: str, *, raw: bool = False) -> str:
        """The variable, converted in place where its type is another."""
        if given == kind and not raw:
            return variable
        odd = f"{variable} is not None and {variable}.__class__ is not"
        if kind == "decimal":
            is_plain = f"{variable} and ({variable}.__class__ is str or {variable}.__class__ is int)"
            self.emit(f"if {odd} Decimal: {variable} = number({variable}) if {is_plain} else as_decimal({variable})")
        elif kind == "text":
            self.emit(f"if {odd} str: {variable} = str({variable}) if {variable}.__class__ is int else as_text({variable})")
        elif kind in {"int", "bool"}:
            self.emit(f"if {odd} {kind}: {variable} = as_{kind}({variable})")
        elif kind in {"any", "object"}:
            if given == "any":
                self.emit(f"if {variable} is not None and not {variable} and {variable} == '': {variable} = None")
        elif kind == "instant":
            is_text = f"{variable} and {variable}.__class__ is str"
            self.emit(f"if {variable} is not None: {variable} = (instant if {is_text} else as_instant)({variable}, zone)")
        else:
            self.emit(f"{variable} = as_{kind}({variable})")
        return variable

    def called(self, call: Call, kind: str) -> str:
        if call.name in FORMS:
            return FORMS[call.name](self, call, kind)
        function, result = FUNCTIONS[call.name], self.variable("v")
        if function.sees_missing:
            self.emit(f"{result} = {self.call(call, self.arguments(call, 0))}")
        else:
            first = self.held(call.arguments[0], function.type_of(0))
            self.emit(f"{result} = None")
            with self.under(f"if {filled(first, function.type_of(0))}:"):
                self.emit(f"{result} = {self.call(call, [first, *self.arguments(call, 1)])}")
        return self.converted(result, function.gives if function.gives != SAME else "any", kind)

    def call(self, call: Call, arguments: list[str]) -> str:
        """The Python expression that gives what a function does."""
        return inlined(f"f_{call.name}({', '.join(arguments)})", FUNCTIONS[call.name].call, self.constants)

    def held(self, expression: Expression, kind: str) -> str:
        """Like `value`, but in a variable even for a literal, so that it can be tested."""
        value = self.value(expression, kind)
        if not isinstance(expression, Literal):
            return value
        result = self.variable("v")
        self.emit(f"{result} = {value}")
        return result

    def arguments(self, call: Call, start: int) -> list[str]:
        function = FUNCTIONS[call.name]
        found = []
        for number, argument in enumerate(call.arguments[start:], start=start):
            kind = function.type_of(number)
            variable = self.value(argument, kind)
            found.append(f"{variable} or None" if kind == "text" and not isinstance(argument, Literal) else variable)
        found += ["zone=zone"] if function.zone else []
        found += ["xref=settings.xref"] if function.xref else []
        return found + (["tables=TABLES"] if function.tables else [])

    def holds(self, expression: Expression) -> str:
        """Emit a condition; the Python expression that is true when it is met."""
        return condition(self, expression)

    def read(self, path: Path) -> str:
        """The Python expression that reads a path."""
        return self.steps(self.base(path), path.steps)

    def base(self, path: Path) -> str:
        if path.start == "root":
            return "root"
        if path.start == "row":
            return self.scopes[-1 - path.out]
        if path.name in self.names:
            return self.names[path.name]
        return "message" if path.name == "message" else f"settings.{path.name}"

    def steps(self, base: str, steps: tuple[Step, ...]) -> str:
        expression = base
        for number, step in enumerate(steps):
            if isinstance(step, Key):
                expression = f"{self.object(base, steps[:number], expression)}.get({step.name!r})"
            elif isinstance(step, Every):
                return self.every(expression, steps[number + 1 :])
            else:
                expression = _picked(expression, step)
        return expression

    def object(self, base: str, steps: tuple[Step, ...], expression: str) -> str:
        """The variable of the object at the end of some steps; read once per block."""
        if (base, steps) not in self.objects:
            name = self.variable("o")
            self.emit(f"{name} = {expression}")
            self.emit(f"if {name}.__class__ is not dict: {name} = NOTHING if {name} is None else part({name})")
            self.objects[base, steps] = name
        return self.objects[base, steps]

    def every(self, expression: str, steps: tuple[Step, ...]) -> str:
        """Emit a list of what stands at the steps in each row of an expression; the variable, None where there are no rows."""
        return self.over_rows(expression, steps, "[]", lambda found, value: self.emit(f"{found}.append({value})"))

    def over_rows(self, expression: str, steps: tuple[Step, ...], start: str, add: Callable[[str, str], None]) -> str:
        """Emit loops over what stands at the steps in each row of an expression, from which `add` emits how a result grows, given
        its variable and that of the value; the variable of the result, None where there are no rows."""
        given, found = self.variable("w"), self.variable("l")
        self.emit(f"{given} = {expression}")
        self.emit(f"{found} = None")
        with self.under(f"if {given} is not None and {given} != '':"):
            self.emit(f"{found} = {start}")
            self._loops(given, steps, found, add)
        return found

    def _loops(self, given: str, steps: tuple[Step, ...], found: str, add: Callable[[str, str], None]) -> None:
        inner = next((number for number, step in enumerate(steps) if isinstance(step, Every)), len(steps))
        row, value = self.variable("r"), self.variable("v")
        with self.under(f"for {row} in {rows_of(given)}:"):
            self.emit(f"{value} = {self.steps(row, steps[:inner])}")
            if inner < len(steps):
                self._loops(value, steps[inner + 1 :], found, add)
            else:
                add(found, value)


def rows_of(variable: str) -> str:
    """The rows of what a variable holds; without a call where it is a list."""
    return f"({variable} if {variable}.__class__ is list else rows({variable}))"


def _picked(expression: str, step: Step) -> str:
    if isinstance(step, Index):
        return f"row_at({expression}, {step.number})"
    assert isinstance(step, Matching)
    return f"match({expression}, {step.keys!r}, {step.values!r})"


def filled(variable: str, kind: str) -> str:
    return variable if kind in EMPTY_IS_MISSING else f"{variable} is not None"


def is_constant(expression: Expression) -> bool:
    """Whether nothing of the document is read."""
    if isinstance(expression, Path):
        return expression.start == "name" and expression.name in SETTINGS
    return isinstance(expression, Literal) or all(is_constant(argument) for argument in expression.arguments)
