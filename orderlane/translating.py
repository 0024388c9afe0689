"""`orderlane translate`: what becomes of a partner's files, printed."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.live import Live

from canonical.failures import Malformed, Misconfigured
from canonical.nearest import unknown
from canonical.problems import Problem
from connectors.base import Connector, Endpoint, RawMessage
from mappings.translation import Part, Settings, Translations
from orderlane.dry_run import document_of, opened, parts_of
from orderlane.hub import Hub, mapping_settings

LARGE = 1024 * 1024
"""Bytes from which on a translation shows how far it is."""
COUNTED_BY = 100


def connector_named(hub: Hub, name: str) -> Connector:
    """A connector that receives documents. Misconfigured where there is none of that name."""
    receiving = {n: one for n, one in hub.connectors.items() if one.documents_in}
    if name not in receiving:
        raise Misconfigured(unknown("connector", name, receiving, that="receives documents"))
    return receiving[name]


def endpoint_named(hub: Hub, name: str | None, connector: Connector) -> Endpoint:
    """The endpoint whose options count; one without any where no name is given. Misconfigured where it is not the connector's."""
    if name is None:
        return Endpoint("-", "-", connector.name)
    known = {n: one for n, one in hub.endpoints.items() if one.connector == connector.name}
    if name not in known:
        raise Misconfigured(unknown("endpoint", name, known, that=f"is of connector {connector.name}"))
    return known[name]


def translate(
    translations: Translations,
    connector: Connector,
    endpoint: Endpoint,
    files: Sequence[Path],
    headers: Mapping[str, str],
    document: str | None,
    *,
    explain: bool,
) -> bool:
    """Print what files become, or what fills each field; whether all of it was well."""
    sound = True
    for file in files:
        raw = RawMessage(endpoint.name, headers, file.read_bytes(), datetime.now(UTC))
        try:
            if explain:
                name = document or document_of(translations, connector, raw, endpoint)
                settings = mapping_settings(endpoint).received(raw.received_at)
                _print_explained(translations, connector.name, name, opened(connector, raw, endpoint), settings)
                continue
            for part in _counted(parts_of(translations, connector, raw, endpoint, document), file):
                sound = _print_part(part, file) and sound
        except Malformed as error:
            sound = False
            _print_problems(error.problems, file, "")
    return sound


def _counted(parts: Iterator[Part], file: Path) -> Iterator[Part]:
    """The parts as they come; of a large file a line on the terminal tells how many they are so far."""
    console = Console(stderr=True)
    if not console.is_terminal or file.stat().st_size < LARGE:
        yield from parts
        return
    with Live(f"{file.name}: reading", console=console, transient=True, redirect_stdout=False) as line:
        for number, part in enumerate(parts, start=1):
            if number % COUNTED_BY == 0:
                line.update(f"{file.name}: {number} documents")
            yield part


def _print_part(part: Part, file: Path) -> bool:
    """Print a part; whether nothing is wrong with it."""
    for document in part.made:
        line = {"type": document.message_type, "subject": document.subject(), "data": json.loads(document.body())}
        print(json.dumps(line, ensure_ascii=False))
    _print_problems(part.problems, file, part.reference)
    return not part.problems


def _print_problems(problems: tuple[Problem, ...], file: Path, reference: str) -> None:
    for problem in problems:
        line = {"file": file.name, "reference": reference, **problem.as_json()}
        print(json.dumps({k: v for k, v in line.items() if v not in ("", None)}, ensure_ascii=False), file=sys.stderr)


def _print_explained(translations: Translations, connector: str, document: str, body: bytes, settings: Settings) -> None:
    rows = list(translations.explain(connector, document, body, settings))
    width = max((len(target) for _, target, _, _ in rows), default=0)
    for reference, target, source, value in rows:
        print(f"{reference + ' ' if reference else ''}{target:<{width}}  <-  {source}  =  {value}")
