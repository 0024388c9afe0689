"""Mapping functions that are one expression, put where the compiler would call them: most calls cost more than what they do."""

import ast
import builtins
import inspect
import textwrap
from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import cache
from typing import Any

BINDING = (ast.comprehension, ast.Lambda, ast.NamedExpr)
"""What gives names a meaning of its own inside of an expression."""


def inlined(call: str, function: Callable[..., Any], constants: dict[str, Any]) -> str:
    """The text of a call as the function's own expression, with what it names put among the constants; as it is where the
    function does more. The arguments are plain names and literals, which may be read more than once."""
    expression = _only_expression(function)
    if expression is None:
        return call
    called = ast.parse(call, mode="eval").body
    assert isinstance(called, ast.Call)
    given = inspect.signature(function).bind(*called.args, **{word.arg: word.value for word in called.keywords if word.arg})
    defaults = {name: ast.Constant(one.default) for name, one in inspect.signature(function).parameters.items()}
    filling = _Filling(defaults | given.arguments, function, constants)
    return f"({ast.unparse(filling.visit(deepcopy(expression)))})"


@cache
def _only_expression(function: Callable[..., Any]) -> ast.expr | None:
    """What the function returns, where it does nothing else and takes no list of arguments."""
    try:
        (made,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    except (OSError, TypeError):  # no source text is there
        return None
    if not isinstance(made, ast.FunctionDef) or made.args.vararg or made.args.kwarg:
        return None
    statements = made.body[1:] if ast.get_docstring(made) is not None else made.body
    if len(statements) != 1 or not isinstance(statements[0], ast.Return) or statements[0].value is None:
        return None
    expression = statements[0].value
    return None if any(isinstance(node, BINDING) for node in ast.walk(expression)) else expression


class _Filling(ast.NodeTransformer):
    """Puts arguments in the place of parameters, and constants in that of what the function's module names; what literals decide
    is decided."""

    def __init__(self, arguments: Mapping[str, ast.expr], function: Callable[..., Any], constants: dict[str, Any]) -> None:
        self.arguments, self.function, self.constants = arguments, function, constants

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self.arguments:
            return self.arguments[node.id]
        module = self.function.__globals__
        if node.id not in module:
            assert hasattr(builtins, node.id)
            return node
        name = f"{self.function.__name__}_{node.id}"
        self.constants[name] = module[node.id]
        return ast.Name(name, ast.Load())

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        decided = _decided(test := self.visit(node.test))
        if decided is not None:
            return self.visit(node.body if decided else node.orelse)  # type: ignore[no-any-return]
        return ast.IfExp(test, self.visit(node.body), self.visit(node.orelse))

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        """The first of the values, where it is a literal that decides: `"#" or ""`, `None or 0`."""
        first, *rest = [self.visit(value) for value in node.values]
        decided = _decided(first)
        if decided is None:
            return ast.BoolOp(node.op, [first, *rest])
        if decided is isinstance(node.op, ast.Or):
            return first  # type: ignore[no-any-return]
        return ast.BoolOp(node.op, rest) if len(rest) > 1 else rest[0]


def _decided(test: ast.AST) -> bool | None:
    """Whether a literal, or a look whether one is None, is true; None where that is not known before."""
    match test:
        case ast.Constant(value):
            return bool(value)
        case ast.Compare(ast.Constant(left), [ast.Is()], [ast.Constant(None)]):
            return left is None
        case ast.Compare(ast.Constant(left), [ast.IsNot()], [ast.Constant(None)]):
            return left is not None
    return None
