"""Everything wrong with a document, told in its sender's words.

A canonical path (`lines[2].line_amount`) becomes the place in the partner's document that filled it (`line_items[2].price`).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from canonical.documents.base import Document
from canonical.failures import Malformed
from canonical.problems import Problem, shown
from mappings.codecs.base import Path as TreePath
from mappings.codecs.base import Source
from mappings.functions_lists import is_missing
from mappings.specs import Spec
from mappings.tracing import Traced, trace
from mappings.tracing_values import SETTING, Read

STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
CODES: Mapping[tuple[str, str], str] = {
    ("greater_than", "qty"): "E_QTY",
    ("greater_than", "value"): "E_QTY",
    ("less_than_equal", "value"): "E_QTY",
}
"""Codes for what pydantic finds, by its own word and the field; E_SCHEMA otherwise."""
SENTENCES: Mapping[str, str] = {
    "missing": "expected a value",
    "greater_than": "expected a number above {gt}",
    "greater_than_equal": "expected a number of at least {ge}",
    "less_than_equal": "expected a number of at most {le}",
    "string_too_short": "expected at least {min_length} characters",
    "string_too_long": "expected at most {max_length} characters",
    "too_short": "expected at least {min_length} rows",
    "literal_error": "expected one of {expected}",
    "string_pattern_mismatch": "expected text that matches {pattern}",
}


def problems_of(spec: Spec, model: type[Document], source: Source, settings: Any) -> list[Problem]:
    """Every problem of a document that could not be translated, each once."""
    found: list[Problem] = []
    for traced in trace(spec, source, settings, {}):
        found += traced.problems
        found += _canonical_problems(traced, model, source)
    return list(dict.fromkeys(found))


def _canonical_problems(traced: Traced, model: type[Document], source: Source) -> Iterator[Problem]:
    """What the canonical model and its invariants say about a target."""
    try:
        document = model.model_validate(traced.target)
        if not traced.problems:
            document.check()
    except ValidationError as error:
        for one in error.errors(include_url=False):
            at = tuple(one["loc"])
            if not any(_overlap(at, failed) for failed in traced.failed):
                yield _schema_problem(at, one, traced, source)
    except Malformed as error:
        for problem in error.problems:
            yield _told(problem, path_of(problem.path), traced, source)


def _overlap(one: TreePath, other: TreePath) -> bool:
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]


def _schema_problem(at: TreePath, error: Mapping[str, Any], traced: Traced, source: Source) -> Problem:
    kind, last = error["type"], str(at[-1]) if at else ""
    sentence = SENTENCES.get(kind, "").format(**error.get("ctx", {})) or error["msg"]
    value = None if kind == "missing" or isinstance(error["input"], dict | list | tuple) else shown(error["input"])
    code = kind if kind.startswith("E_") else CODES.get((kind, last), "E_SCHEMA")
    return _told(Problem(code, "", sentence, value), at, traced, source)


def _told(problem: Problem, at: TreePath, traced: Traced, source: Source) -> Problem:
    """The problem with the place that filled the canonical path, and what stood there."""
    origin = _origin(at, traced)
    if origin is None:
        return Problem(problem.code, source.locate(()), problem.message, problem.value)
    plain = not isinstance(origin.value, dict | list) and not is_missing(origin.value)
    return Problem(problem.code, source.locate(origin.path), problem.message, shown(origin.value) if plain else problem.value)


def _origin(at: TreePath, traced: Traced) -> Read | None:
    """What filled a canonical path: exactly, else something below it, else what holds it."""
    while True:
        below = (path for path in traced.origins if path[: len(at)] == at and path != at)
        for path in (at, *below):
            read = _read(traced.origins.get(path, ()))
            if read is not None:
                return read
        if not at:
            return None
        at = at[:-1]


def _read(reads: tuple[Read, ...]) -> Read | None:
    """The first filled of the places read, else the first; none for constants and settings."""
    places = [read for read in reads if read.path[:1] != (SETTING,)]
    return next((read for read in places if not is_missing(read.value)), places[0] if places else None)


def path_of(text: str) -> TreePath:
    """A written canonical path as steps: `lines[2].qty.value`."""
    return tuple(int(number) if number else name for name, number in STEP.findall(text))
