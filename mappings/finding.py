"""Finding everything wrong with a document that could not be translated: the first problems in detail, how many more there are.

A vast document is gone through in windows, so that neither time nor memory grows with what is found.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from canonical.documents.base import Document
from canonical.failures import Malformed
from canonical.problems import Problem
from mappings.codecs.base import Path as TreePath
from mappings.codecs.base import Source
from mappings.compiling import Convert
from mappings.faults import model_problems, path_of, places_of, told_at
from mappings.specs import Spec
from mappings.tracing import FAULTS, MOST_PROBLEMS, Traced, trace
from mappings.tracing_values import Read
from mappings.windows import ROWS, windows

VAST = 1000
"""Lines of a document whose first ones are validated by themselves: where they are wrong, the rest is not noted line by line."""
MOST_WINDOWS = 5
"""So many windows of a vast document that are wrong are looked at closely; beyond them mistakes are only counted."""
MOST_COUNTED = 20
"""Windows in which mistakes are counted that are not told."""


def validated(model: type[Document], target: Mapping[str, Any]) -> Document:
    """The canonical document of a target; ValidationError, for a vast one about its first rows alone where these are wrong."""
    lines = target.get("lines")
    if lines is not None and len(lines) > VAST:
        model.model_validate({**target, "lines": lines[:ROWS]})
    document: Document = model.__pydantic_validator__.validate_python(target)  # what model_validate does in the end
    return document


@dataclass(slots=True)
class Found:
    """What is wrong with a document: problems, each once, and how many more there are at least."""

    problems: dict[Problem, None] = field(default_factory=dict)
    more: int = 0

    def add(self, problems: Iterable[Problem]) -> None:
        """Take problems in, as far as they may still be told; the others are counted."""
        for problem in problems:
            if len(self.problems) < MOST_PROBLEMS:
                self.problems[problem] = None
            elif problem not in self.problems:
                self.more += 1

    def told(self, source: Source) -> list[Problem]:
        """The first MOST_PROBLEMS, then one that says how many more there are."""
        closing = f"expected no more problems than these; at least {self.more} more are not told"
        return [*self.problems, *([Problem("E_MORE_PROBLEMS", source.locate(()), closing)] if self.more else [])]


@dataclass(frozen=True, slots=True)
class Trial:
    """A mapping that could not translate a document: compiled and as it is written, with the canonical model it shall fill."""

    spec: Spec
    model: type[Document]
    convert: Convert
    settings: Any

    def look_into(self, source: Source, found: Found, error: Exception | None = None) -> None:
        """Find everything wrong with a document, window by window where it is vast. error: why it made nothing, where known."""
        if error is None and (error := self.failure(source)) is None:
            return
        if isinstance(error, Malformed) and not self.spec.body.loops:
            found.add(self.invariants(source, error.problems))
            return
        looked_at = 0
        for number, window in enumerate(windows(source)):
            if found.more and number > MOST_COUNTED:
                return
            wrong = self.mistakes(window.source)
            if wrong and looked_at < MOST_WINDOWS and not found.more:
                looked_at += 1
                found.add(self.problems(window.source))
            else:
                found.more += wrong

    def failure(self, source: Source) -> Exception | None:
        """Why no documents can be made of a source; None where they can."""
        try:
            for target in self.convert(source.tree, self.settings, {}):
                validated(self.model, target).check()
        except (*FAULTS, Malformed) as error:
            return error
        return None

    def mistakes(self, source: Source) -> int:
        """How many the compiled mapping and the model see; not those of invariants that a window alone may break."""
        match self.failure(source):
            case None:
                return 0
            case ValidationError() as error:
                return error.error_count()
            case Malformed() as error:
                return len(error.problems) if self.spec.body.loops else 0  # then each row is a document of its own
            case _:
                return 1

    def problems(self, source: Source) -> Iterator[Problem]:
        """What the mapping says, and the model of what it does not speak of."""
        for traced in trace(self.spec, source, self.settings, {}):
            yield from traced.problems
            yield from model_problems(traced, self.model, source, with_invariants=bool(self.spec.body.loops))

    def invariants(self, source: Source, problems: Sequence[Problem]) -> Iterator[Problem]:
        """What the invariants say of the whole document, each told where its row stands."""
        stretches = Stretches(self, source)
        yield from (stretches.told(problem) for problem in problems[:MOST_PROBLEMS])
        yield from problems[MOST_PROBLEMS:]


class Stretches:
    """Where the rows of canonical lists stand in a document that is sound window by window."""

    def __init__(self, trial: Trial, source: Source) -> None:
        self.trial = trial
        self.windows = tuple(windows(source))
        self.lists: dict[str, TreePath | None] = {}
        self.made: dict[tuple[str, int], int] = {}
        self.traced: tuple[Source, Mapping[TreePath, Read]] | None = None

    def told(self, problem: Problem) -> Problem:
        """The problem with the place that filled its canonical path."""
        path = path_of(problem.path)
        row = path[1] if len(path) > 1 and isinstance(path[1], int) else None
        start, source = (0, self.windows[0].source) if row is None else self.stretch(str(path[0]), row)
        if self.traced is None or self.traced[0] is not source:
            traced = next(trace(self.trial.spec, source, self.trial.settings, {}), Traced())
            self.traced = (source, places_of(traced))
        inside = path if row is None else (path[0], row - start, *path[2:])
        return told_at(problem, inside, self.traced[1], source)

    def stretch(self, name: str, row: int) -> tuple[int, Source]:
        """The window that makes a row of a canonical list, and with which row it begins; the first where none does."""
        if name not in self.lists:
            self.lists[name] = self.list_behind(name)
        start, behind = 0, self.lists[name]
        for number, window in enumerate(self.windows):
            if window.path != behind:
                continue
            if (name, number) not in self.made:
                self.made[name, number] = self.rows(name, window.source)
            if row < start + self.made[name, number]:
                return start, window.source
            start += self.made[name, number]
        return 0, self.windows[0].source

    def list_behind(self, name: str) -> TreePath | None:
        """Which long list makes a canonical list: the one without which there is less of it."""
        firsts = (window for window in self.windows if window.start == 0)
        return next((one.path for one in firsts if self.rows(name, one.emptied()) < self.rows(name, one.source)), None)

    def rows(self, name: str, source: Source) -> int:
        try:
            target = next(self.trial.convert(source.tree, self.trial.settings, {}), {})
        except FAULTS:
            return 0
        return len(target.get(name, ()))
