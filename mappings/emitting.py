"""Expressions of a mapping as Python statements.

Every value ends in a variable that is None when the value is missing (a text may also be empty there: text is tested by truth).
Objects on the way of several paths are read once per block.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

from mappings.coercing import coerced
from mappings.expressions import Call, Every, Expression, Index, Key, Literal, Matching, Path, Step
from mappings.functions import FUNCTIONS, SAME
from mappings.kinds import SETTINGS, type_of

CLASSES = {"int": "int", "bool": "bool", "text": "str"}
"""Types whose conversion is skipped for a value that already is one."""


class Emitter:
    """Collects the lines of one function.

    scopes: the variable of each row around the current point, innermost last; the root's is `root`.
    constants: names of the compiled function's own values.
    """

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.depth = 1
        self.numbers = count(1)
        self.scopes: list[str] = ["root"]
        self.names: dict[str, str] = {}
        self.objects: dict[tuple[str, tuple[Step, ...]], str] = {}
        self.values: dict[tuple[str, tuple[Step, ...], str], str] = {}
        self.constants: dict[str, Any] = {}

    def emit(self, line: str) -> None:
        self.lines.append("    " * self.depth + line)

    def variable(self, letter: str) -> str:
        return f"{letter}{next(self.numbers)}"

    @contextmanager
    def under(self, line: str) -> Iterator[None]:
        """What is emitted inside stands under `line`; objects and names found there are unknown afterwards."""
        self.emit(line)
        self.depth += 1
        before = len(self.lines)
        outside = list(self.scopes), dict(self.names), dict(self.objects), dict(self.values)
        yield
        if len(self.lines) == before:
            self.emit("pass")
        self.scopes, self.names, self.objects, self.values = outside
        self.depth -= 1

    def value(self, expression: Expression, kind: str) -> str:
        """Emit what computes the expression as a `kind`; the variable that holds it."""
        if isinstance(expression, Literal):
            return self.constant(coerced(expression.value, kind, None))
        if isinstance(expression, Path):
            return self.read_as(expression, kind)
        return self.called(expression, kind)

    def read_as(self, path: Path, kind: str) -> str:
        """Emit the reading of a path as a `kind`; read and converted once per block."""
        place = (self.base(path), path.steps, kind)
        if place not in self.values:
            result = self.variable("v")
            self.emit(f"{result} = {self.read(path)}")
            given = type_of(path)
            self.values[place] = self.converted(result, given, kind, raw=given != "list")
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
        if kind == "decimal":
            self.emit(f"if {variable}.__class__ is str: {variable} = number({variable}) if {variable} else None")
            self.emit(f"elif {variable} is not None and {variable}.__class__ is not Decimal: {variable} = as_decimal({variable})")
        elif kind in CLASSES:
            odd = f"{variable} is not None and {variable}.__class__ is not {CLASSES[kind]}"
            self.emit(f"if {odd}: {variable} = as_{kind}({variable})")
        elif kind in {"any", "object"}:
            if given == "any":
                self.emit(f"if {variable} == '': {variable} = None")
        else:
            self.emit(f"{variable} = as_{kind}({variable}{', zone' if kind == 'instant' else ''})")
        return variable

    def called(self, call: Call, kind: str) -> str:
        if call.name in {"first", "default"}:
            return self.first(call.arguments, kind)
        if call.name == "choose":
            return self.chosen(call, kind)
        function = FUNCTIONS[call.name]
        if call.name == "required":
            result = self.value(call.arguments[0], kind)
            self.emit(f"f_required({result})")
            return result
        result = self.variable("v")
        if function.sees_missing:
            self.emit(f"{result} = f_{call.name}({', '.join(self.arguments(call, 0))})")
        else:
            first = self.held(call.arguments[0], function.type_of(0))
            self.emit(f"{result} = None")
            with self.under(f"if {filled(first, function.type_of(0))}:"):
                self.emit(f"{result} = f_{call.name}({', '.join([first, *self.arguments(call, 1)])})")
        return self.converted(result, function.gives if function.gives != SAME else "any", kind)

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

    def first(self, arguments: tuple[Expression, ...], kind: str) -> str:
        result = self.variable("v")
        self.emit(f"{result} = {self.value(arguments[0], kind)}")
        self._next(result, arguments[1:], kind)
        return result

    def _next(self, result: str, rest: tuple[Expression, ...], kind: str) -> None:
        if rest:
            with self.under(f"if not ({filled(result, kind)}):"):
                self.emit(f"{result} = {self.value(rest[0], kind)}")
                self._next(result, rest[1:], kind)

    def chosen(self, call: Call, kind: str) -> str:
        result, condition = self.variable("v"), self.value(call.arguments[0], "bool")
        self.emit(f"{result} = None")
        with self.under(f"if {condition}:"):
            self.emit(f"{result} = {self.value(call.arguments[1], kind)}")
        if len(call.arguments) > 2:
            with self.under("else:"):
                self.emit(f"{result} = {self.value(call.arguments[2], kind)}")
        return result

    def holds(self, condition: Expression) -> str:
        """Emit a condition; the Python expression that is true when it is met."""
        variable = self.value(condition, "any")
        return variable if type_of(condition) == "bool" else f"holds({variable})"

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
                name = self.variable("w")
                rows = self.every(name, steps[number + 1 :])
                return f"None if ({name} := {expression}) is None or {name} == '' else [] if {name} == [] else {rows}"
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

    def every(self, name: str, steps: tuple[Step, ...]) -> str:
        """A list of what stands at the steps in each row."""
        row, rest, flat = self.variable("r"), list(steps), ""
        expression = row
        while rest:
            step = rest.pop(0)
            if isinstance(step, Key):
                expression = f"{_as_object(expression)}.get({step.name!r})"
            elif isinstance(step, Every):
                inner = self.variable("r")
                flat += f" for {inner} in rows({expression})"
                expression = inner
            else:
                expression = _picked(expression, step)
        return f"[{expression} for {row} in ({name} if {name}.__class__ is list else rows({name})){flat}]"


def _as_object(expression: str) -> str:
    """The expression read as an object; without a call where a variable already is one."""
    called = f"part({expression})"
    return f"({expression} if {expression}.__class__ is dict else {called})" if expression.isidentifier() else called


def _picked(expression: str, step: Step) -> str:
    if isinstance(step, Index):
        return f"row_at({expression}, {step.number})"
    assert isinstance(step, Matching)
    return f"match({expression}, {step.keys!r}, {step.values!r})"


def filled(variable: str, kind: str) -> str:
    return variable if kind in {"text", "texts"} else f"{variable} is not None"


def is_constant(expression: Expression) -> bool:
    """Whether nothing of the document is read."""
    if isinstance(expression, Path):
        return expression.start == "name" and expression.name in SETTINGS
    return isinstance(expression, Literal) or all(is_constant(argument) for argument in expression.arguments)
