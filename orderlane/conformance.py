"""What becomes of a folder of real documents: per kind how many are translated, and of each that is refused, why that is right.

A kind is a folder; its name begins with the connector's, or with one of the names below. Headers that came with a document stand
beside it in `.headers.json`, what an endpoint would say in `.settings.json`.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from textwrap import shorten
from typing import Any

from canonical.failures import Malformed, Misconfigured
from canonical.problems import Problem
from connectors.base import Connector, Endpoint, RawMessage
from mappings.translation import Part, Translations
from orderlane.dry_run import parts_of

OTHER_NAMES: Mapping[str, tuple[str, ...]] = {
    "17track": ("track17",),
    "dealer_csv": ("table",),
    "iso20022": ("camt",),
    "jd_or_tmall": ("taobao", "jd", "pinduoduo", "youzan"),
}
"""Kinds that are not named after their connector; several connectors where a folder is mixed."""
NO_DOCUMENTS = (
    ".headers.json", ".settings.json", ".options.json", ".problems.jsonl", ".out.json", ".out.jsonl", ".pem", ".md", ".tsv", ".txt",
)  # fmt: skip
MOST_TOLD = 3
MOST_WORDS = 160
WHY = {
    "W_SKIPPED": "nothing to book",
    "E_DOCUMENT": "another document than those this connector reads",
    "E_REQUIRED": "it does not say which document it is",
    "E_TIME_NAIVE": "a time without a zone, and no zone is configured",
    "E_CURRENCY": "amounts in no known currency",
    "E_SEALED": "sealed, and the key is not here",
    "E_SCHEMA": "something that every such document has is missing or wrong",
}
"""Why a refusal with a code is right, where the code stands for a reason of its own; otherwise the problem tells."""


@dataclass(slots=True)
class Seen:
    """What became of one file: how many messages, the problems of what was refused, parts that are
    rightly skipped, and parts that vanished without a word."""

    name: str
    messages: int = 0
    problems: list[Problem] = field(default_factory=list)
    skipped: int = 0
    vanished: int = 0
    crash: str = ""

    @property
    def refused(self) -> bool:
        return not self.messages

    @property
    def broken(self) -> bool:
        """Whether the hub is at fault, not the document."""
        return bool(self.vanished or self.crash)

    def told(self) -> list[str]:
        """Why it was refused, as the first problems tell, a line each."""
        if self.crash:
            return [f"CRASH {self.crash}"]
        if self.vanished:
            return [f"HALF {self.vanished} parts made neither messages nor problems"]
        words = [_told(problem) for problem in self.problems[:MOST_TOLD]]
        more = len(self.problems) - len(words)
        return [*words, *([f"and {more} more"] if more > 0 else [])]


def kinds(folder: Path, connectors: Mapping[str, Connector]) -> Iterator[tuple[str, tuple[Connector, ...], list[Path]]]:
    """Every kind with the connectors that may read it (none where there is no such connector) and its documents."""
    for kind in sorted(path for path in folder.iterdir() if path.is_dir()):
        files = sorted(file for file in kind.rglob("*") if file.is_file() and not file.name.endswith(NO_DOCUMENTS))
        if files:
            yield kind.name, _readers(kind.name, connectors), files


def _readers(kind: str, connectors: Mapping[str, Connector]) -> tuple[Connector, ...]:
    for name, readers in OTHER_NAMES.items():
        if kind.startswith(name):
            return tuple(connectors[reader] for reader in readers)
    named = [
        name for name, one in connectors.items() if one.identify and (kind == name or kind.startswith((f"{name}_", f"{name}2_")))
    ]
    return (connectors[max(named, key=len)],) if named else ()


def look(file: Path, readers: Sequence[Connector], translations: Translations, options: Mapping[str, Any]) -> Seen:
    """What becomes of a file; of several readers the one that makes most of it."""
    seen = [_look(file, reader, translations, options) for reader in readers]
    return max(seen, key=lambda one: (one.messages, not one.broken, -len(one.problems)))


def _look(file: Path, reader: Connector, translations: Translations, options: Mapping[str, Any]) -> Seen:
    seen = Seen(file.name)
    stated = {**options, **_beside(file, ".settings.json"), **_beside(file, ".options.json")}
    headers = {name.lower(): str(value) for name, value in _beside(file, ".headers.json").items()}
    endpoint = Endpoint("-", "-", reader.name, options=stated)
    try:
        for part in parts_of(translations, reader, RawMessage("-", headers, file.read_bytes(), datetime.now(UTC)), endpoint):
            _count(part, seen)
    except Malformed as error:
        seen.problems += error.problems
    except Misconfigured as error:
        seen.problems.append(Problem("E_SEALED" if reader.opened else "E_DOCUMENT", "", str(error)))
    except Exception as error:
        seen.crash = f"{type(error).__name__}: {error}"
    return seen


def _count(part: Part, seen: Seen) -> None:
    seen.messages += 0 if part.is_acknowledgement else len(part.made)
    seen.problems += part.problems
    seen.skipped += bool(part.skipped)
    seen.vanished += not (part.made or part.problems or part.skipped)


def _beside(file: Path, ending: str) -> dict[str, Any]:
    stem = file.name.partition(".in.")[0] if ".in." in file.name else file.stem
    found = file.with_name(stem + ending)
    return dict(json.loads(found.read_bytes())) if found.exists() else {}


def _told(problem: Problem) -> str:
    place = f" at {problem.path}" if problem.path else ""
    value = f", found {problem.value!r}" if problem.value else ""
    why = f" ({WHY[problem.code]})" if problem.code in WHY else ""
    return f"{problem.code}{place}: {shorten(problem.message, MOST_WORDS, placeholder=' ...')}{value}{why}"
