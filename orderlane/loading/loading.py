"""Taking records in: through the intake like everything else, archived, judged one by one, handed to the handlers as messages."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from canonical.failures import Malformed, Misconfigured
from canonical.problems import Problem
from connectors.base import RawMessage
from orderlane.loading.records import Record, records_of
from routing.intake import Intake

TOGETHER = 1_000
"""Records of one raw message, committed at once."""
CONNECTOR = "master_data"


@dataclass(slots=True)
class Loaded:
    """What became of files. kept: how many records of each kind. problems: with the file and place in their paths."""

    kept: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def load(intake: Intake, endpoint: str, files: Iterable[Path], *, as_of: datetime, kind: str | None = None) -> Loaded:
    """Take every record of the files in that is sound; each is kept or refused by itself. Misconfigured without the endpoint."""
    loaded = Loaded()
    for file in files:
        for records in _batches(_read(file, as_of, kind, loaded)):
            take(intake, endpoint, records, file.name, loaded)
    return loaded


def _read(file: Path, as_of: datetime, kind: str | None, loaded: Loaded) -> Iterator[Record]:
    """The records of a file up to what cannot be read; that is told."""
    try:
        yield from records_of(file, as_of, kind)
    except Malformed as error:
        loaded.problems += [replace(problem, path=f"{file.name} {problem.path}") for problem in error.problems]


def _batches(records: Iterator[Record]) -> Iterator[list[Record]]:
    while batch := list(itertools.islice(records, TOGETHER)):
        yield batch


def take(intake: Intake, endpoint: str, records: Sequence[Record], name: str, loaded: Loaded) -> None:
    """Take records in as one raw message, committed at once. name: of their file. Misconfigured without the endpoint."""
    configured = intake.endpoints.get(endpoint)
    if configured is None or configured.connector != CONNECTOR:
        raise Misconfigured(f"config/endpoints.yaml: expected an endpoint {endpoint!r} of the connector {CONNECTOR}")
    body = b"\n".join(record.line() for record in records) + b"\n"
    raw = RawMessage(endpoint, {"content-type": "application/x-ndjson", "orderlane-file": name}, body, datetime.now(UTC))
    at_once = replace(intake, large=len(body))
    prepared = at_once.prepare_fetched(raw)
    accepted = at_once.commit([prepared])[0]
    loaded.problems += accepted.problems
    refused = {problem.path for problem in accepted.problems if problem.code == "D_CONFLICT"}
    for routed in prepared.routed:
        if routed.message.identity not in refused:
            loaded.kept[routed.message.type] = loaded.kept.get(routed.message.type, 0) + 1
