"""Which kinds of value operators and functions take: one table, so that a wrong one is told before a message meets it."""

from collections.abc import Sequence

from routing.rules.shapes import ANY, Shape

FLAG = Shape("flag")
INT = Shape("int")

_FAMILIES = {"int": "number", "uint": "number", "decimal": "number", "date": "text", "instant": "text", "record": "map"}
_SPOKEN = {
    "flag": "true or false", "int": "a whole number", "uint": "an unsigned number", "decimal": "a decimal number",
    "date": "a date (text)", "instant": "an instant (text)", "record": "a map", "timestamp": "a timestamp", "null": "null",
    "duration": "a duration", "bytes": "bytes",
}  # fmt: skip
_ORDERINGS = {"_<_", "_<=_", "_>_", "_>=_"}
_EQUALITIES = {"_==_", "_!=_"}
_ARITHMETIC = {"_+_", "_-_", "_*_", "_/_", "_%_"}
_CONNECTIVES = {"_&&_", "_||_", "!_", "@not_strictly_false"}
_ADDABLE = {"text", "date", "instant", "list", "bytes", "timestamp", "duration"}

_TEXTS = {"text", "date", "instant"}
_TAKES: dict[str, tuple[frozenset[str], ...]] = {
    **dict.fromkeys(("startsWith", "endsWith", "contains", "matches"), (frozenset(_TEXTS), frozenset(_TEXTS))),
    "size": (frozenset({*_TEXTS, "bytes", "list", "map", "record"}),),
    "double": (frozenset({"int", "uint", "decimal", *_TEXTS}),),
    "timestamp": (frozenset({*_TEXTS, "timestamp", "int"}),),
    "-_": (frozenset({"int", "decimal"}),),
    **dict.fromkeys(("getHours", "getDayOfWeek", "getDate", "getMonth", "getFullYear"), (frozenset({"timestamp"}),)),
}
_GIVES = {
    **dict.fromkeys(("startsWith", "endsWith", "contains", "matches", "@in"), FLAG),
    **dict.fromkeys(("size", "int", "getHours", "getDayOfWeek", "getDate", "getMonth", "getFullYear"), INT),
    "double": Shape("decimal"), "string": Shape("text"), "timestamp": Shape("timestamp"), "duration": Shape("duration"),
}  # fmt: skip


def spoken(shape: Shape) -> str:
    return _SPOKEN.get(shape.kind, f"a {shape.kind}")


def family(shape: Shape) -> str:
    """Kinds of one family can be compared with each other."""
    return _FAMILIES.get(shape.kind, shape.kind)


def result(function: str, args: Sequence[Shape]) -> Shape:
    """The shape a call gives; `any` where only running it tells."""
    if function in _ORDERINGS | _EQUALITIES | _CONNECTIVES:
        return FLAG
    if function in _ARITHMETIC or function == "-_":
        kept = args[0].kind if args else "any"
        return Shape(kept) if kept in {"int", "decimal", "text"} else ANY
    if function == "_?_:_" and args[1].kind == args[2].kind:
        return args[1]
    return _GIVES.get(function, ANY)


def complaint(function: str, args: Sequence[Shape]) -> str | None:
    """Why the call cannot work with these kinds; None where it can, or where only running it tells."""
    if function in _CONNECTIVES:
        wrong = [arg for arg in args if arg.kind not in {"flag", "any"}]
        return f"expected true or false, this is {spoken(wrong[0])}" if wrong else None
    if any(arg.kind == "any" for arg in args):
        return None
    if function in _EQUALITIES | _ORDERINGS:
        return _comparison(args[0], args[1], ordered=function in _ORDERINGS)
    if function == "@in":
        return _membership(args[0], args[1])
    if function in _ARITHMETIC:
        return _arithmetic(function, args[0], args[1])
    return _signature(function, args)


def _comparison(left: Shape, right: Shape, *, ordered: bool) -> str | None:
    if "null" in {left.kind, right.kind}:
        return "an absent field is not null: use has(...)"
    if "instant" in {left.kind, right.kind} and (ordered or "timestamp" in {left.kind, right.kind}):
        return "an instant is text: put it into timestamp(...) to compare it"
    if family(left) != family(right):
        return f"{spoken(left)} never equals {spoken(right)}" if not ordered else f"{spoken(left)} beside {spoken(right)}"
    if ordered and family(left) in {"list", "map"}:
        return f"{spoken(left)} has no order"
    return None


def _membership(left: Shape, right: Shape) -> str | None:
    if family(right) not in {"list", "map"}:
        return f"expected a list or a map after `in`, this is {spoken(right)}"
    if right.kind == "list" and right.item and "any" not in {right.item.kind} and family(right.item) != family(left):
        return f"{spoken(left)} is never in a list of {right.item.kind}"
    return None


def _arithmetic(function: str, left: Shape, right: Shape) -> str | None:
    sign = function.strip("_")
    if {left.kind, right.kind} == {"int", "decimal"}:
        return f"`{sign}` takes two numbers of one kind: write 2.0 instead of 2 beside an amount, double(...) around a field"
    if {"timestamp", "duration"} & {left.kind, right.kind}:
        return None
    if family(left) == family(right) and (family(left) == "number" or (sign == "+" and left.kind in _ADDABLE)):
        return None
    return f"`{sign}` does not take {spoken(left)} and {spoken(right)}"


def _signature(function: str, args: Sequence[Shape]) -> str | None:
    for arg, allowed in zip(args, _TAKES.get(function, ()), strict=False):
        if arg.kind not in allowed:
            return f"`{function.strip('_')}` does not take {spoken(arg)}"
    return None
