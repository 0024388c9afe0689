"""What the CEL engine has against an expression, in a sentence that says what was expected."""

import re
from collections.abc import Callable

from canonical.nearest import did_you_mean

NAMES = ("message", "body")
"""What an expression reads; everything else that has a name is a function."""
FUNCTIONS = (
    "size", "startsWith", "endsWith", "contains", "matches", "has", "exists", "exists_one", "all", "filter", "map", "timestamp",
    "duration", "string", "int", "double",
)  # fmt: skip
OPERATORS = {"and": "&&", "AND": "&&", "or": "||", "OR": "||", "not": "!", "NOT": "!"}
"""Words of other languages, and what CEL writes for them."""
SPARE = 60
"""Characters that are shown of what cannot be read."""
Wording = Callable[[re.Match[str]], str]


def _mismatched(found: re.Match[str]) -> str:
    token, expected = found["token"], found["expected"]
    if token in OPERATORS:
        return f"expected an operator, found `{token}`: write `{OPERATORS[token]}`"
    if "IDENTIFIER" in expected:
        return f"expected a value, found {_shown(token)}"
    if expected == "<EOF>":
        return f"expected an operator or the end, found {_shown(token)}"
    wanted = " or ".join(f"`{one}`" for one in re.findall(r"'(.+?)'", expected))
    return f"expected {wanted or expected}, found {_shown(token)}"


def _unreadable(found: re.Match[str]) -> str:
    token = found["token"]
    if token.startswith("="):
        return "expected `==`, found `=`"
    if token[0] in "'\"":
        return f"expected {token[0]} at the end of the text {_shown(token)}"
    if token[0] in "‘’“”„«»":
        return f"expected straight quotes, found {_shown(token)}"
    return f"expected a value or an operator, found {_shown(token)}"


def _unknown(found: re.Match[str]) -> str:
    name = found["name"].partition(".")[0]
    if name in OPERATORS:
        return f"there is nothing called `{name}`: write `{OPERATORS[name]}`"
    meant = did_you_mean(name, (*NAMES, *FUNCTIONS))
    return f"there is nothing called `{name}`.{meant or ' An expression reads `message` and `body`.'}"


def _misfit(found: re.Match[str]) -> str:
    name = re.sub(r"[_@]", "", found["name"]) if re.search(r"\W", found["name"]) else found["name"]  # `_+_`, `@in`
    given = re.sub(r"wrapper\(|[()]", "", found["given"]).replace(", ", " and ").replace(".", " and ")
    return f"`{name}` does not take {given}"


WORDINGS: tuple[tuple[re.Pattern[str], Wording], ...] = (
    (re.compile(r"(?:mismatched|extraneous) input '(?P<token>.*)' expecting (?P<expected>.+)"), _mismatched),
    (re.compile(r"missing '(?P<wanted>.+)' at '(?P<token>.*)'"), lambda m: f"expected `{m['wanted']}`, found {_shown(m['token'])}"),
    (re.compile(r"no viable alternative at input '(?P<token>.*)'"), lambda m: f"expected a value, found {_shown(m['token'])}"),
    (re.compile(r"token recognition error at: '(?P<token>.+)'"), _unreadable),
    (re.compile(r"undeclared reference to '(?P<name>.*)' \(in container .*\)"), _unknown),
    (re.compile(r"found no matching overload for '(?P<name>.*)' applied to '(?P<given>.*)'"), _misfit),
    (re.compile(r"has\(\) argument must be a field selection"), lambda _: "has(...) asks for a field, as in has(body.contract_no)"),
    (re.compile(r"Expression recursion limit exceeded\. limit: (\d+)"), lambda m: f"expected at most {m[1]} levels of brackets"),
)  # fmt: skip
"""What the engine writes, and how it is said here; anything else stays as it is."""


def worded(what: str) -> str:
    """A sentence of the engine, said so that somebody knows what to mend."""
    plain = what.removeprefix("Syntax error: ").strip()
    for pattern, wording in WORDINGS:
        if found := pattern.fullmatch(plain):
            return wording(found)
    return plain


def _shown(token: str) -> str:
    if token == "<EOF>":
        return "the end"
    return f"`{token.strip()[:SPARE]}`"
