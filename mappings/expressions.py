"""The expressions of a mapping: where a value comes from and what is done to it.

line_items[].price             a path; `[]` every row, `[0]` one row, `REF[01=DP].02` the row whose 01 is DP
/currency   ^id   $shipping    from the document's root, from the row one level out, a named value or a setting
name | strip_prefix("#")       the value goes into the function as its first argument
first(customer.id, email)      functions take expressions, "text" and numbers
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache


@dataclass(frozen=True, slots=True)
class Key:
    """The value under a name."""

    name: str


@dataclass(frozen=True, slots=True)
class Index:
    """One row of a list; -1 is the last."""

    number: int


@dataclass(frozen=True, slots=True)
class Every:
    """Each row of a list; the path then gives a list of values."""


@dataclass(frozen=True, slots=True)
class Matching:
    """The first row in which the value at `keys` is one of `values`."""

    keys: tuple[str, ...]
    values: tuple[str, ...]


Step = Key | Index | Every | Matching


@dataclass(frozen=True, slots=True)
class Path:
    """start: "row" (then `out` levels outwards), "root", or "name" (then `name` is a named value or a setting)."""

    start: str
    steps: tuple[Step, ...] = ()
    out: int = 0
    name: str = ""


@dataclass(frozen=True, slots=True)
class Literal:
    value: str | int | Decimal | bool


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    arguments: tuple["Expression", ...]


Expression = Path | Literal | Call


class BadExpression(ValueError):
    """The text is no expression; the message says what was expected and where."""


TOKEN = re.compile(
    r"""\s*(?:
    (?P<text>"[^"]*")
  | (?P<key>`[^`]+`)
  | (?P<bracket>\[[^\]]*\])
  | (?P<number>-?\d+(?:\.\d+)?(?![\w.\[]))
  | (?P<word>[\w@\#](?:[\w@\#:-]*[\w])?)
  | (?P<mark>[|(),./^$])
    )""",
    re.VERBOSE,
)


@cache
def parse(text: str) -> Expression:
    """The expression a text stands for; specs say the same many times. Raises BadExpression."""
    parser = _Parser(text)
    expression = parser.piped(in_call=False)
    parser.expect("end")
    return expression


def paths_of(expression: Expression) -> Iterator[Path]:
    """Every path an expression reads, left to right."""
    if isinstance(expression, Path):
        yield expression
    elif isinstance(expression, Call):
        for argument in expression.arguments:
            yield from paths_of(argument)


class _Parser:
    """Recursive descent over the tokens of one expression."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(self._tokens())
        self.at = 0

    def _tokens(self) -> Iterator[tuple[str, str, int]]:
        position, end = 0, len(self.text.rstrip())
        while position < end:
            match = TOKEN.match(self.text, position)
            if match is None or match.lastgroup is None:
                raise BadExpression(f"expected a path, a function or a text at column {position + 1} of {self.text!r}")
            kind, token = match.lastgroup, match[match.lastgroup]
            yield (token if kind == "mark" else kind), token, match.start(kind)
            position = match.end()
        yield "end", "", end

    @property
    def kind(self) -> str:
        return self.tokens[self.at][0]

    def take(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1][1]

    def expect(self, kind: str) -> str:
        if self.kind != kind:
            found, column = self.tokens[self.at][1] or "the end", self.tokens[self.at][2] + 1
            raise BadExpression(f"expected {kind}, found {found} at column {column} of {self.text!r}")
        return self.take()

    def piped(self, *, in_call: bool) -> Expression:
        expression = self.item(in_call=in_call)
        while self.kind == "|":
            self.take()
            expression = Call(self.expect("word"), (expression, *self.arguments()))
        return expression

    def item(self, *, in_call: bool) -> Expression:
        if self.kind == "text":
            return Literal(self.take()[1:-1])
        if self.kind == "number" and in_call:
            token = self.take()
            return _number(token)
        if self.kind == "word" and self.tokens[self.at + 1][0] == "(":
            return Call(self.take(), self.arguments())
        return self.path()

    def arguments(self) -> tuple[Expression, ...]:
        if self.kind != "(":
            return ()
        self.take()
        found: list[Expression] = []
        while self.kind != ")":
            found.append(self.piped(in_call=True))
            if self.kind != ")":
                self.expect(",")
        self.take()
        return tuple(found)

    def path(self) -> Path:
        start, out, name, before = "row", 0, "", self.at
        if self.kind == "/":
            self.take()
            start = "root"
        elif self.kind == "$":
            self.take()
            start, name = "name", self.expect("word")
        elif self.kind == "^":
            while self.kind == "^":
                self.take()
                out += 1
        elif self.kind == ".":
            self.take()
        steps = tuple(self.steps(bare=start == "name"))
        if self.at == before:
            self.expect("a path")
        return Path(start, steps, out, name)

    def steps(self, *, bare: bool) -> Iterator[Step]:
        """The steps after the start; `bare` when a name went before, so that a dot must follow."""
        while True:
            if self.kind == "bracket":
                yield _bracket(self.take()[1:-1].strip(), self.text)
            elif self.kind in {"word", "key", "number"} and not bare:
                yield from _keys(self.take())
            elif self.kind == "." and bare:
                self.take()
                if self.kind not in {"word", "key", "number"}:
                    self.expect("a name")
                yield from _keys(self.take())
            else:
                return
            bare = True


def _number(token: str) -> Literal:
    return Literal(Decimal(token) if "." in token else int(token))


def _keys(token: str) -> Iterator[Key]:
    if token.startswith("`"):
        yield Key(token[1:-1])
    else:
        for name in token.split("."):
            yield Key(name)


def _bracket(inside: str, text: str) -> Step:
    if not inside:
        return Every()
    if re.fullmatch(r"-?\d+", inside):
        return Index(int(inside))
    keys, equals, values = inside.partition("=")
    if not equals or not keys.strip() or not values.strip():
        raise BadExpression(f"expected [], [0] or [name=VALUE], found [{inside}] in {text!r}")
    wanted = (value.strip().strip('"') for value in values.split("|"))
    return Matching(tuple(keys.strip().split(".")), tuple(wanted))
