"""Commands about documents: translate a file, send one as its partner would, check the configuration."""

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.console import Console
from rich.live import Live
from rich.progress import track

from canonical.failures import Malformed, Misconfigured, Transient
from canonical.problems import Problem
from connectors.base import Connector, Endpoint, RawMessage
from connectors.table import CONNECTORS
from mappings.translation import Part, Settings, Translations
from orderlane.checking import check
from orderlane.cli_tables import show, table
from orderlane.connector_pages import markdown_table
from orderlane.dry_run import document_of, opened, parts_of
from orderlane.environment import hub_from_environment
from orderlane.hub import HANDLERS, mapping_settings

documents = typer.Typer()

LARGE = 1024 * 1024
"""Bytes from which on a translation shows how far it is."""
COUNTED_BY = 100

Files = Annotated[list[Path], typer.Argument(help="Files as the partner sends them.", exists=True, dir_okay=False, readable=True)]
Document = Annotated[str | None, typer.Option(help="Which document it is, where headers do not tell.")]
Header = Annotated[list[str] | None, typer.Option("--header", help="A header the partner would send, as in 'K: V'.")]


@documents.command()
def translate(
    connector: Annotated[str, typer.Argument(help="Name of the connector, as `orderlane connectors` lists them.")],
    files: Files,
    document: Document = None,
    header: Header = None,
    endpoint: Annotated[str | None, typer.Option(help="Use the options of this endpoint (zone, currency, prefix).")] = None,
    currency: Annotated[str | None, typer.Option(help="Where the document names none.")] = None,
    time_zone: Annotated[str | None, typer.Option(help="For times without a zone, as in Europe/Berlin.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Show which source path fills each field instead.")] = False,
) -> None:
    """Translate files: canonical messages as JSON lines; problems as JSON lines on standard error and exit 2."""
    kind = _connector(connector)
    configured = _endpoint_for(kind, endpoint)
    given = {"currency": currency, "time_zone": time_zone}
    configured = replace(configured, options={**configured.options, **{k: v for k, v in given.items() if v}})
    translations = hub_from_environment(secrets=False).translations
    bad = False
    for file in files:
        raw = RawMessage(configured.name, _headers(header), file.read_bytes(), datetime.now(UTC))
        try:
            if explain:
                name = document or document_of(translations, kind, raw, configured)
                settings = mapping_settings(configured).received(raw.received_at)
                _print_explained(translations, kind.name, name, opened(kind, raw, configured), settings)
                continue
            for part in _counted(parts_of(translations, kind, raw, configured, document), file):
                bad = _print_part(part, file) or bad
        except Malformed as error:
            bad = True
            _print_problems(error.problems, file, "")
    if bad:
        raise typer.Exit(2)


def _connector(name: str) -> Connector:
    connector = CONNECTORS.get(name)
    if connector is None or not connector.documents_in:
        receiving = sorted(n for n, c in CONNECTORS.items() if c.documents_in)
        raise Misconfigured(f"no connector {name!r} that receives documents; there are {', '.join(receiving)}")
    return connector


def _endpoint_for(connector: Connector, name: str | None) -> Endpoint:
    if name is None:
        return Endpoint("-", "-", connector.name)
    endpoints = hub_from_environment(secrets=connector.opened is not None).endpoints
    if name not in endpoints or endpoints[name].connector != connector.name:
        raise Misconfigured(f"no endpoint {name!r} of connector {connector.name}")
    return endpoints[name]


def _headers(given: list[str] | None) -> dict[str, str]:
    pairs = [line.partition(":") for line in given or []]
    if any(not separator for _, separator, _ in pairs):
        raise Misconfigured("--header: expected 'Name: value'")
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


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
    for document in part.documents:
        line = {"type": document.message_type, "subject": document.subject(), "data": json.loads(document.body())}
        print(json.dumps(line, ensure_ascii=False))
    _print_problems(part.problems, file, part.reference)
    return bool(part.problems)


def _print_problems(problems: tuple[Problem, ...], file: Path, reference: str) -> None:
    for problem in problems:
        line = {"file": file.name, "reference": reference, **problem.as_json()}
        print(json.dumps({k: v for k, v in line.items() if v not in ("", None)}, ensure_ascii=False), file=sys.stderr)


def _print_explained(translations: Translations, connector: str, document: str, body: bytes, settings: Settings) -> None:
    rows = list(translations.explain(connector, document, body, settings))
    width = max((len(target) for _, target, _, _ in rows), default=0)
    for reference, target, source, value in rows:
        print(f"{reference + ' ' if reference else ''}{target:<{width}}  <-  {source}  =  {value}")


@documents.command()
def send(
    endpoint: Annotated[str, typer.Argument(help="Name of the endpoint, as in config/endpoints.yaml.")],
    files: Files,
    document: Document = None,
    header: Header = None,
    url: Annotated[str, typer.Option(help="The hub.")] = "http://127.0.0.1:8080",
) -> None:
    """Send files to the hub, signed as the partner itself would sign them."""
    endpoints = hub_from_environment().endpoints
    configured = endpoints.get(endpoint)
    connector = CONNECTORS[configured.connector] if configured else None
    if configured is None or connector is None or connector.sign is None:
        receiving = sorted(n for n, e in endpoints.items() if CONNECTORS[e.connector].sign)
        raise Misconfigured(f"no endpoint {endpoint!r} that receives documents; there are {', '.join(receiving)}")
    refused = 0
    with httpx.Client(base_url=url, timeout=30.0) as client:
        for file in _shown(files):
            raw = RawMessage(endpoint, _headers(header), file.read_bytes(), datetime.now(UTC))
            signed = connector.sign(_named(raw, document), configured)
            try:
                answer = client.post(
                    f"/in/{endpoint}", content=signed.body, headers=dict(signed.headers), params=dict(signed.query)
                )
            except httpx.TransportError as error:
                raise Transient(f"{url}: {error} (is the hub up there? another address: --url)") from error
            refused += answer.is_error
            print(f"{file.name}: {answer.status_code} {answer.text}")
    if refused:
        raise typer.Exit(2)


def _named(raw: RawMessage, document: str | None) -> RawMessage:
    headers = {**raw.headers, "orderlane-document": document} if document else raw.headers
    return RawMessage(raw.endpoint, headers, raw.body, raw.received_at)


def _shown(files: list[Path]) -> Iterator[Path]:
    console = Console(stderr=True)
    yield from track(files, description="sending", console=console, disable=len(files) < 2 or not console.is_terminal)


@documents.command("check")
def check_configuration() -> None:
    """Check rules, mappings and endpoints: everything that is wrong at once, with file and line. Exit 1 on errors."""
    hub = hub_from_environment(secrets=False)
    checked = check(hub.settings.config, hub.spec_folders, connectors=CONNECTORS, handlers=HANDLERS, secrets=hub.secrets)
    for finding in checked.findings:
        print(finding, file=sys.stderr)
    print(f"{checked.looked_at}: {'all is well' if checked.sound else 'not as it should be'}")
    if not checked.sound:
        raise typer.Exit(1)


@documents.command("connectors")
def list_connectors(
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the table of docs/connectors.md.")] = False,
) -> None:
    """List the kinds of partner systems this hub speaks to, with the documents each receives (in) and sends (out)."""
    if markdown:
        print("\n".join(markdown_table(CONNECTORS.values())))
        return
    rows = table("connector", "family", "", "documents", whole=("connector", "family", ""))
    for name, connector in sorted(CONNECTORS.items()):
        directions = {"in": connector.documents_in, "out": connector.documents_out}
        for number, (direction, names) in enumerate((one, names) for one, names in directions.items() if names):
            told = (name, connector.family) if number == 0 else ("", "")
            rows.add_row(*told, direction, ", ".join(names))
    show(rows, nothing="none")
