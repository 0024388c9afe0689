"""Everything wrong with a document, told in its sender's words.

A canonical path (`lines[2].line_amount`) becomes the place in the partner's document that filled it (`line_items[2].price`).
"""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from canonical import wrong_settings
from canonical.documents.base import Document
from canonical.failures import Malformed
from canonical.problems import Problem, shown
from mappings.codecs.base import Path as TreePath
from mappings.codecs.base import Source
from mappings.functions_lists import is_missing
from mappings.tracing import Traced
from mappings.tracing_values import SETTING, Read

STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
CODES: Mapping[tuple[str, str], str] = {
    ("greater_than", "qty"): "E_QTY",
    ("greater_than", "value"): "E_QTY",
    ("less_than_equal", "value"): "E_QTY",
    ("decimal_max_places", "qty"): "E_QTY",
    ("decimal_max_places", "value"): "E_QTY",
    ("decimal_max_places", "on_hand"): "E_QTY",
}
"""Codes for what pydantic finds, by its own word and the field; E_SCHEMA otherwise."""
SENTENCES: Mapping[str, str] = wrong_settings.SENTENCES | {
    "missing": "expected a value",
    "greater_than": "expected a number above {gt}",
    "greater_than_equal": "expected a number of at least {ge}",
    "less_than_equal": "expected a number of at most {le}",
    "decimal_max_places": "expected at most {decimal_places} decimal places",
    "too_short": "expected at least {min_length} rows",
    "literal_error": "expected one of {expected}",
}

MISSING: Mapping[str, str] = {"currency": "expected a value, or `currency` set for the endpoint"}
"""What is said of a missing field that the endpoint may state."""


def model_problems(traced: Traced, model: type[Document], source: Source, *, with_invariants: bool) -> Iterator[Problem]:
    """What the canonical model, or its invariants too, say about a target; not again what the mapping said."""
    try:
        document = model.model_validate(traced.target)
        if with_invariants and not traced.problems:
            document.check()
    except ValidationError as error:
        places, known = places_of(traced), _around(traced.failed)
        errors = error.errors(include_url=False)
        for one in errors:
            at = tuple(one["loc"])
            if one["type"] == "too_short" and any(other["loc"][: len(at)] == at and other is not one for other in errors):
                continue  # the rows are there, pydantic counts only the good ones
            if at not in known and not any(at[:length] in traced.failed for length in range(len(at))):
                yield _schema_problem(at, one, places, source)
    except Malformed as error:
        places = places_of(traced)
        for problem in error.problems:
            yield told_at(problem, path_of(problem.path), places, source)


def _around(paths: Collection[TreePath]) -> set[TreePath]:
    """The paths and everything that holds them."""
    return {path[:length] for path in paths for length in range(len(path) + 1)}


def places_of(traced: Traced) -> dict[TreePath, Read]:
    """What filled each canonical path; for a path that nothing filled directly, what filled the first one below it."""
    exact = {path: read for path, reads in traced.origins.items() if (read := _read(reads)) is not None}
    found = dict(exact)
    for path, read in exact.items():
        for length in range(len(path)):
            found.setdefault(path[:length], read)
    return found


def _read(reads: tuple[Read, ...]) -> Read | None:
    """The first filled of the places read, else the first; none for constants and settings."""
    places = [read for read in reads if read.path[:1] != (SETTING,)]
    return next((read for read in places if not is_missing(read.value)), places[0] if places else None)


def _schema_problem(at: TreePath, error: Mapping[str, Any], places: Mapping[TreePath, Read], source: Source) -> Problem:
    kind, last = error["type"], str(at[-1]) if at else ""
    sentence = SENTENCES.get(kind, "").format(**error.get("ctx", {})) or f"expected otherwise: {error['msg']}"
    sentence = MISSING.get(last, sentence) if kind == "missing" else sentence
    value = None if kind == "missing" or isinstance(error["input"], dict | list | tuple) else shown(error["input"])
    code = kind if kind.startswith("E_") else CODES.get((kind, last), "E_SCHEMA")
    return told_at(Problem(code, "", error["msg"] if code == kind else sentence, value), at, places, source)


def told_at(problem: Problem, at: TreePath, places: Mapping[TreePath, Read], source: Source) -> Problem:
    """The problem with the place that filled the canonical path, or what holds it, and what stood there."""
    origin = next((places[at[:length]] for length in range(len(at), -1, -1) if at[:length] in places), None)
    if origin is None:
        return Problem(problem.code, source.locate(()), problem.message, problem.value)
    plain = not isinstance(origin.value, dict | list) and not is_missing(origin.value)
    return Problem(problem.code, source.locate(origin.path), problem.message, shown(origin.value) if plain else problem.value)


def path_of(text: str) -> TreePath:
    """A written canonical path as steps: `lines[2].qty.value`."""
    return tuple(int(number) if number else name for name, number in STEP.findall(text))
