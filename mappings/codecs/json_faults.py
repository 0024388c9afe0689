"""What is wrong with a JSON document, and where: the first fault, found by walking the text without recursion.

This is the slow second look at documents that the fast scanner refused or could not judge; it applies the rules of `json`.
"""

import json
import re
from dataclasses import dataclass, field
from decimal import Decimal

from canonical.failures import Malformed
from canonical.problems import Problem, shown

MOST_DEPTH = 64
LONGEST_NUMBER = 100
WIDEST_EXPONENT = 100

TOKEN = re.compile(
    r"""[ \t\n\r]*(?:
    (?P<text>"(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")
  | (?P<number>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)
  | (?P<word>[A-Za-z]+|-Infinity)
  | (?P<mark>[{}\[\],:])
    )""",
    re.VERBOSE,
)
BLANK = re.compile(r"[ \t\n\r]*")
LONE_SURROGATE = re.compile("[\ud800-\udfff]")
WORDS = frozenset(("true", "false", "null"))
NO_NUMBERS = frozenset(("NaN", "Infinity", "-Infinity"))


@dataclass(slots=True)
class _Level:
    """An object or list that is open. step: the name or number of the value being read. fresh: nothing was read in it yet."""

    closing: str
    step: str | int | None = None
    names: set[str] = field(default_factory=set)
    fresh: bool = True


class _Fault(Exception):
    def __init__(self, code: str, expected: str, offset: int, value: str | None = None) -> None:
        super().__init__(expected)
        self.code, self.expected, self.offset, self.value = code, expected, offset, value


def first_fault(body: bytes) -> Problem | None:
    """The first fault of the document, None when it has none."""
    try:
        text = _text(body)
    except _Fault as fault:
        return Problem(fault.code, "$", f"{fault.expected} at offset {fault.offset}", fault.value)
    walk = _Walk(text)
    try:
        walk.document()
    except _Fault as fault:
        return Problem(fault.code, walk.path(), f"{fault.expected} at {_position(text, fault.offset)}", shown(fault.value))
    return None


def refused(body: bytes, reason: str) -> Malformed:
    """The refusal of a document that is faulty; `reason` stands in where no fault is found."""
    return Malformed([first_fault(body) or Problem("E_JSON", "$", reason)])


def _text(body: bytes) -> str:
    if body.startswith(b"\xef\xbb\xbf"):
        raise _Fault("E_JSON_ENCODING", "expected no byte order mark", 0)
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise _Fault("E_JSON_ENCODING", "expected UTF-8", error.start, body[error.start : error.end].hex()) from None


def _position(text: str, offset: int) -> str:
    """Line and column count from 1 and characters, the offset counts bytes from 0."""
    line = text.count("\n", 0, offset) + 1
    column = offset - text.rfind("\n", 0, offset)
    return f"line {line}, column {column} (offset {len(text[:offset].encode())})"


class _Walk:
    """Goes through the tokens of one text. `levels` are the objects and lists open at the current point."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.levels: list[_Level] = []

    def path(self) -> str:
        steps = (
            f"[{level.step}]" if isinstance(level.step, int) else f".{level.step}"
            for level in self.levels
            if level.step is not None
        )
        return "".join(steps).removeprefix(".") or "$"

    def document(self) -> None:
        """Raise the first fault of the text."""
        self.value()
        while self.levels:
            self.member(self.levels[-1])
        rest = self.blank()
        if rest != len(self.text):
            raise _Fault("E_JSON", "expected the end of the document", rest, self.text[rest : rest + 20])

    def blank(self) -> int:
        match = BLANK.match(self.text, self.at)
        return match.end() if match else self.at

    def token(self, wanted: str) -> tuple[str, str, int]:
        """Kind, text and offset of the next token."""
        match = TOKEN.match(self.text, self.at)
        if match is None:
            start = self.blank()
            found = self.text[start : start + 20]
            reason = "text that ends, without control characters and unknown escapes" if found.startswith('"') else wanted
            raise _Fault("E_JSON", f"expected {reason}", start, found or None)
        self.at = match.end()
        kind = next(kind for kind in ("text", "number", "word", "mark") if match[kind] is not None)
        return kind, match[kind], match.start(kind)

    def member(self, level: _Level) -> None:
        """Read on in the innermost open object or list: its end, or one more value of it."""
        if self.closed(level):
            return
        if level.closing == "}":
            self.name(level)
        else:
            level.step = level.step + 1 if isinstance(level.step, int) else 0
        level.fresh = False
        self.value()

    def closed(self, level: _Level) -> bool:
        """Whether the level ends here; otherwise the comma before its next value is read."""
        before = self.at
        first = "a name" if level.closing == "}" else "a value"
        _, token, start = self.token(first if level.fresh else f"a comma or {level.closing}")
        if token == level.closing:
            self.levels.pop()
            return True
        if level.fresh:
            self.at = before
        elif token != ",":
            raise _Fault("E_JSON", f"expected a comma or {level.closing}", start, shown(token))
        return False

    def name(self, level: _Level) -> None:
        kind, token, start = self.token("a name")
        if kind != "text":
            raise _Fault("E_JSON", "expected a name in double quotes", start, shown(token))
        level.step = self.checked(token, start)
        if level.step in level.names:
            raise _Fault("E_JSON_DUPLICATE_KEY", "expected every name once in an object", start, level.step)
        level.names.add(level.step)
        _, colon, place = self.token("a colon")
        if colon != ":":
            raise _Fault("E_JSON", "expected a colon", place, shown(colon))

    def value(self) -> None:
        """Read a value, of an object or list its beginning."""
        kind, token, start = self.token("a value")
        if kind == "text":
            self.checked(token, start)
        elif kind == "number":
            _check_number(token, start)
        elif token in NO_NUMBERS:
            raise _Fault("E_JSON_NUMBER", "expected a finite number", start, token)
        elif token in {"{", "["}:
            if len(self.levels) == MOST_DEPTH:
                raise _Fault("E_JSON_DEPTH", f"expected at most {MOST_DEPTH} levels", start)
            self.levels.append(_Level("}" if token == "{" else "]"))
        elif token not in WORDS:
            raise _Fault("E_JSON", "expected a value", start, shown(token))

    def checked(self, token: str, start: int) -> str:
        """The text behind a token; a fault where it holds NUL or half a surrogate pair."""
        if "\\" not in token:
            return token[1:-1]
        text: str = json.loads(token)
        if "\x00" in text:
            raise _Fault("E_JSON_TEXT", "expected no NUL character (\\u0000)", start)
        if LONE_SURROGATE.search(text):
            raise _Fault("E_JSON_TEXT", "expected surrogate escapes in pairs only", start)
        return text


def _check_number(token: str, start: int) -> None:
    if len(token) > LONGEST_NUMBER:
        raise _Fault("E_JSON_NUMBER", f"expected a number of at most {LONGEST_NUMBER} characters", start, token)
    if abs(Decimal(token).adjusted()) > WIDEST_EXPONENT:
        raise _Fault("E_JSON_NUMBER", f"expected a number of at most {WIDEST_EXPONENT} digits written out", start, token)
